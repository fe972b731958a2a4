"""After conda's solve: whether the builds that the solver chose run on this machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Build, Note
from conda_cuda_guard.model.versions import cuda_in_build, variant_of

from .alternatives import gpu_facts
from .candidates import FAMILY_CHANNEL, FORGE, channel_name
from .ranking import judge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Catalogue, Package

    from .problem import Problem

_CPU = re.compile(r"(?:^|_)cpu(?=_|py|h|$)")
_CPU_SPEC = re.compile(r"\scpu|_cpu|\*cpu")  # `pytorch 2.1.1 cpu*`, as a dependency names a build


def cuda_of_build(build: str) -> str | None:
    """Return the CUDA version that a build string names, if it names one."""
    found = cuda_in_build(build)
    return str(found) if found else None


def is_cpu_build(build: str) -> bool:
    """Return whether a build string says that it is a CPU build."""
    return _CPU.search(build) is not None


def check_solution(
    linked: Iterable[Package],
    removed: Iterable[Package],
    problem: Problem,
    catalogue: Catalogue,
    *,
    cpu_wanted: bool = False,
) -> tuple[Note, ...]:
    """Return the notes on the lead that is about to be linked, on a machine with a driver."""
    linked = tuple(linked)
    lead = problem.family.lead.conda
    torch = next((package for package in linked if package.name == lead), None)
    before = next((package for package in removed if package.name == lead), None)
    if torch is None or not problem.with_driver:
        return ()
    cuda = cuda_of_build(torch.build)
    facts = {"build": torch.described}
    if cuda is None:
        if cpu_wanted or not is_cpu_build(torch.build):
            return ()
        swapped = before is not None and cuda_of_build(before.build) is not None
        facts["asker"] = cpu_asker(linked, problem, catalogue)
        if before is not None:
            facts["before"] = before.build
        note = Note("cpu-build-chosen", "warning", "swapped" if swapped else "solved", facts)
        return (note, *_hidden(torch, problem))
    return _judged(_as_build(torch, cuda, problem, catalogue), facts, problem, catalogue)


def cpu_asker(linked: Iterable[Package], problem: Problem, catalogue: Catalogue) -> str:
    """Return the package outside the family that asks for its CPU build; empty without one.

    One that has CUDA builds itself is planned with the lead, and asks for nothing.
    """
    family = problem.family
    planned = {name for one in catalogue.on_conda if one.with_lead for name in one.packages}
    cpu_names = {name for name, one in family.by_conda_name.items() if one.variant == "cpu"}
    always = {*cpu_names, family.conda.cpu_selector}
    for package in linked:
        if package.name in (*family.conda_names, *always, *planned):
            continue
        for text in package.depends:
            name, _, rest = text.partition(" ")
            is_cpu = _CPU_SPEC.search(rest) and name.startswith(family.lead.conda)
            if name in always or is_cpu:
                return f"{package.name} {package.version} ({text})"
    return ""


def _hidden(torch: Package, problem: Problem) -> tuple[Note, ...]:
    """Return the note on a channel without CUDA builds that comes before one that has them."""
    sources = problem.request.sources
    with_cuda = (problem.family.conda.channel, FORGE)
    carriers = [name for name in map(channel_name, sources.channels) if name in with_cuda]
    if sources.priority == "disabled" or channel_name(torch.channel) in with_cuda or not carriers:
        return ()
    facts = {"first": torch.channel, "other": carriers[0]}
    return (Note("channel-priority-hides-cuda", "warning", "", facts),)


def _as_build(torch: Package, cuda: str, problem: Problem, catalogue: Catalogue) -> Build:
    """Return the catalogue's build of a record, or a new one where it has none."""
    source = FORGE if channel_name(torch.channel) == FORGE else FAMILY_CHANNEL
    for build in catalogue.builds:
        if (build.release, build.cuda, build.source) == (torch.version, cuda, source):
            return build
    package = problem.family.lead.pip
    variant = variant_of(cuda)
    return Build(torch.version, variant, cuda, problem.platform, source, package=package)


def _judged(
    build: Build, facts: dict[str, str], problem: Problem, catalogue: Catalogue
) -> tuple[Note, ...]:
    verdict = judge(build, problem, catalogue)
    host = verdict.host or problem.with_driver[0]
    facts.update(cuda=build.cuda or "", **host.as_facts)
    if verdict.reason == "driver":
        return (Note("cuda-newer-than-driver", "warning", "solved", facts),)
    if verdict.reason == "gpu" and verdict.gpu is not None:
        facts.update(gpu_facts(verdict.gpu))
        return (Note("gpu-not-covered", "warning", "solved", facts),)
    return ()
