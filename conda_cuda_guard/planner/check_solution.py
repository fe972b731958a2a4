"""After conda's solve: whether the builds that the solver chose run on this machine."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Build, Note
from conda_cuda_guard.model.versions import cuda_in_build, minor_version, variant_of, version

from .alternatives import gpu_name
from .candidates import FAMILY_CHANNEL, FORGE, channel_name
from .check_specs import with_older_cuda
from .compatibility import level
from .ranking import judge
from .requirement import CUDA_PACKAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conda_cuda_guard.model import Catalogue, Host
    from conda_cuda_guard.model.channels import Package

    from .problem import Problem

_CPU = re.compile(r"(?:^|_)cpu(?=_|py|h|$)")


def cuda_of_build(build: str) -> str | None:
    """Read the CUDA version out of a build string; None where it names none."""
    found = cuda_in_build(build)
    return str(found) if found else None


def is_cpu_build(build: str) -> bool:
    """Tell whether a build string says that it is a CPU build."""
    return _CPU.search(build) is not None


def check_solution(
    linked: Iterable[Package],
    removed: Iterable[Package],
    problem: Problem,
    catalogue: Catalogue,
    *,
    cpu_wanted: bool = False,
) -> tuple[Note, ...]:
    """Judge the pytorch that is about to be linked, on a machine with a driver."""
    torch = next((package for package in linked if package.name == problem.family.lead.conda), None)
    before = next(
        (package for package in removed if package.name == problem.family.lead.conda), None
    )
    if torch is None or not problem.with_driver:
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
        return (note, *_hidden(torch, problem))
    return _judged(_as_build(torch, cuda, problem, catalogue), facts, problem, catalogue)


def _hidden(torch: Package, problem: Problem) -> tuple[Note, ...]:
    """Tell of a channel without CUDA builds that comes before one that has them."""
    sources = problem.request.sources
    with_cuda = (problem.family.conda.channel, FORGE)
    carriers = [name for name in map(channel_name, sources.channels) if name in with_cuda]
    if sources.priority == "disabled" or channel_name(torch.channel) in with_cuda or not carriers:
        return ()
    facts = {"first": torch.channel, "other": carriers[0]}
    return (Note("channel-priority-hides-cuda", "warning", "", facts),)


def _as_build(torch: Package, cuda: str, problem: Problem, catalogue: Catalogue) -> Build:
    """Find the catalogue's build of a record, or describe one that it does not know."""
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
    facts.update(cuda=build.cuda or "", host_cuda=host.cuda or "", driver=host.driver or "")
    if verdict.reason == "driver":
        return (Note("cuda-newer-than-driver", "warning", "solved", facts),)
    if verdict.reason == "gpu" and verdict.gpu is not None:
        facts.update(gpu=gpu_name(verdict.gpu))
        facts.update(capability=verdict.gpu.compute_capability or "")
        return (Note("gpu-not-covered", "warning", "solved", facts),)
    return ()


# conda-forge's packages name their CUDA so: `cuda-version >=12.6,<13`, `cudatoolkit 11.3.*`.
_NEEDS = re.compile(r"^(?:cuda-version|cudatoolkit)\s+[>=~]*(\d+(?:\.\d+)?)")


def cuda_of_package(package: Package, problem: Problem) -> str | None:
    """Give the oldest CUDA version that a package runs with; None where it names none."""
    conda = problem.family.conda
    selectors = set(conda.selectors) - {conda.cpu_selector}
    if package.name in (*selectors, *CUDA_PACKAGES):
        return minor_version(package.version)
    needs = (found[1] for text in package.depends if (found := _NEEDS.match(text)))
    return next(needs, None) or cuda_of_build(package.build)


def too_new(linked: Iterable[Package], problem: Problem, catalogue: Catalogue) -> tuple[Note, ...]:
    """Name the packages whose CUDA no driver of these machines runs, in one note."""
    for host in problem.with_driver:
        found = [
            (package, cuda)
            for package in linked
            if package.name not in problem.family.conda_names
            and (cuda := cuda_of_package(package, problem)) is not None
            and level(cuda, host, catalogue.drivers) is None
        ]
        if found:
            return (_too_new(found, host, problem),)
    return ()


def _too_new(found: list[tuple[Package, str]], host: Host, problem: Problem) -> Note:
    named = {requirement.bare_name for requirement in problem.requirements}
    found.sort(key=lambda pair: (pair[0].name not in named, pair[0].name))
    package, cuda = found[0]
    facts = {
        "build": f"{package.name} {package.version} ({package.build})",
        "cuda": cuda,
        "host_cuda": host.cuda or "",
        "driver": host.driver or "",
        "specs": "" if problem.asked else with_older_cuda(problem, host),
    }
    return Note("cuda-newer-than-driver", "warning", "solved", facts)


def twins(
    suspects: Iterable[Package],
    offered: Mapping[str, Sequence[tuple[str, str]]],
    problem: Problem,
    catalogue: Catalogue,
) -> tuple[Note, ...]:
    """Name those of the `cpu_builds` of which the same channels have a CUDA build that runs here.

    `offered` maps a package's name to the (version, build) pairs that the channels have.
    """
    notes = []
    for package in suspects:
        same = [
            build for number, build in offered.get(package.name, ()) if number == package.version
        ]
        cuda = _best(same, problem, catalogue)
        if cuda is not None:
            facts = {
                "build": f"{package.name} {package.version} ({package.build})",
                "cuda": cuda,
                "specs": _with_build(package, cuda, problem),
            }
            notes.append(Note("cpu-build-chosen", "warning", "twin", facts))
    return tuple(notes)


def cpu_builds(linked: Iterable[Package], problem: Problem) -> list[Package]:
    """Find the CPU builds that nobody asked for; those that were named come first.

    Of a family of packages that come together (tensorflow, tensorflow-base) one is enough.
    """
    asked = {
        requirement.bare_name: requirement
        for requirement in problem.requirements
        if requirement.head
    }
    found = [
        package
        for package in linked
        if package.name not in problem.family.conda_names
        and is_cpu_build(package.build)
        and not ("cpu" in asked[package.name].text if package.name in asked else False)
    ]
    named = [package for package in found if package.name in asked]
    return named or sorted(found, key=lambda package: package.name)[:1]


def _best(builds: Iterable[str], problem: Problem, catalogue: Catalogue) -> str | None:
    """Give the newest CUDA, of these builds, that every driver runs."""
    known = {cuda for build in builds if (cuda := cuda_of_build(build)) is not None}
    fitting = [
        cuda
        for cuda in known
        if all(level(cuda, host, catalogue.drivers) for host in problem.with_driver)
    ]
    return max(fitting, key=version, default=None)


def _with_build(package: Package, cuda: str, problem: Problem) -> str:
    spec = f"{package.name}=={package.version}[build=*cuda{cuda.replace('.', '')}*]"
    specs = [
        spec if requirement.bare_name == package.name else requirement.text
        for requirement in problem.requirements
    ]
    return shlex.join(specs if spec in specs else [*specs, spec])
