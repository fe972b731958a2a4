"""After conda's solve: whether the builds that the solver chose run on this machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Build, Note

from .asking import variant_of
from .choose import judge
from .supply import FORGE, PYTORCH_CHANNEL, channel_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Catalogue
    from conda_cuda_guard.model.package import Package

    from .situation import Situation

# Both channels' build strings: `py3.11_cuda12.1_cudnn8.9.2_0`, `cuda129_mkl_py311_h…_301`.
_DOTTED = re.compile(r"(?:^|_)cuda(\d+\.\d)")
_DIGITS = re.compile(r"(?:^|_)cuda(\d{2,3})(?=py|_|h)")
_CPU = re.compile(r"(?:^|_)cpu(?=_|py|h|$)")
_MAJORS = ("10", "11", "12", "13", "14")  # cuda12 names a major version; cuda92 is 9.2
_TORCH = "pytorch"
_WITH_CUDA = ("pytorch", FORGE)  # the channels that have CUDA builds of it


def cuda_of_build(build: str) -> str | None:
    """Read the CUDA version out of a build string; None where it names none."""
    dotted = _DOTTED.search(build)
    if dotted:
        return dotted[1]
    digits = _DIGITS.search(build)
    if digits is None:
        return None
    if digits[1] in _MAJORS:
        return f"{digits[1]}.0"
    return f"{digits[1][:-1]}.{digits[1][-1]}"


def is_cpu_build(build: str) -> bool:
    """Tell whether a build string says that it is a CPU build."""
    return _CPU.search(build) is not None


def check_solution(
    linked: Iterable[Package],
    removed: Iterable[Package],
    situation: Situation,
    catalogue: Catalogue,
    *,
    cpu_wanted: bool = False,
) -> tuple[Note, ...]:
    """Judge the pytorch that is about to be linked, on a machine with a driver."""
    torch = next((package for package in linked if package.name == _TORCH), None)
    before = next((package for package in removed if package.name == _TORCH), None)
    if torch is None or not situation.with_driver:
        return ()
    cuda = cuda_of_build(torch.build)
    facts = {"build": f"{torch.name} {torch.version} ({torch.build})"}
    if cuda is None:
        if cpu_wanted or not is_cpu_build(torch.build):
            return ()
        swapped = before is not None and cuda_of_build(before.build) is not None
        if before is not None:
            facts["before"] = before.build
        note = Note("cpu-build-chosen", "warning", "swapped" if swapped else "solved", facts)
        return (note, *_hidden(torch, situation))
    return _judged(_as_build(torch, cuda, situation, catalogue), facts, situation, catalogue)


def _hidden(torch: Package, situation: Situation) -> tuple[Note, ...]:
    """Tell of a channel without CUDA builds that comes before one that has them."""
    sources = situation.request.sources
    carriers = [name for name in map(channel_name, sources.channels) if name in _WITH_CUDA]
    if sources.priority == "disabled" or channel_name(torch.channel) in _WITH_CUDA or not carriers:
        return ()
    facts = {"first": torch.channel, "other": carriers[0]}
    return (Note("channel-priority-hides-cuda", "warning", "", facts),)


def _as_build(torch: Package, cuda: str, situation: Situation, catalogue: Catalogue) -> Build:
    """Find the catalogue's build of a record, or describe one that it does not know."""
    source = FORGE if channel_name(torch.channel) == FORGE else PYTORCH_CHANNEL
    for build in catalogue.builds:
        if (build.release, build.cuda, build.source) == (torch.version, cuda, source):
            return build
    return Build(torch.version, variant_of(cuda), cuda, situation.platform, source)


def _judged(
    build: Build, facts: dict[str, str], situation: Situation, catalogue: Catalogue
) -> tuple[Note, ...]:
    verdict = judge(build, situation, catalogue)
    host = verdict.host or situation.with_driver[0]
    facts.update(cuda=build.cuda or "", host_cuda=host.cuda or "", driver=host.driver or "")
    if verdict.problem == "driver":
        return (Note("cuda-newer-than-driver", "warning", "solved", facts),)
    if verdict.problem == "gpu" and verdict.gpu is not None:
        facts.update(gpu=verdict.gpu.name or "the GPU")
        facts.update(capability=verdict.gpu.compute_capability or "")
        return (Note("gpu-not-covered", "warning", "solved", facts),)
    return ()
