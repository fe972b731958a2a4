"""Alternatives that a refusal recommends: another release, a newer driver, another Python."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase, is_version, joined, version

from .candidates import compatible_versions, find_candidates
from .compatibility import (
    DIRECT,
    MINOR_COMPATIBLE,
    covers,
    driver_for,
    first_cuda,
    minimum_driver,
    reaches,
)
from .ranking import best_verdict, judge
from .requirement import LEAD, PYTHON, SELECTOR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Build, Catalogue, Gpu

    from .candidates import Candidates
    from .problem import Problem
    from .ranking import Verdict


def plainly(problem: Problem) -> Problem:
    """Return the problem without what advice leaves out: selectors, a spec's channel, a variant."""
    parsed = tuple(
        replace(requirement, head=requirement.bare_name)
        for requirement in problem.requirements
        if requirement.kind != SELECTOR
    )
    kept = problem.wish if problem.wish is not None and problem.wish.cpu else None
    return replace(problem, requirements=parsed, wish=kept)


def askable(problem: Problem, catalogue: Catalogue) -> tuple[Build, ...]:
    """Return the builds that the same request for another version could get.

    conda takes a release from the first channel that has it, whether that build fits or not.
    """
    candidates = find_candidates(problem, catalogue, any_version=True)
    ours = set() if problem.is_pip else {build.release for build in candidates.on_platform}
    return (
        *candidates.builds,
        *(build for build in candidates.others if build.release not in ours),
    )


def fitting_of(builds: Iterable[Build], problem: Problem, catalogue: Catalogue) -> list[Verdict]:
    """Return the verdicts of the builds of the kind wanted that run here and can be recommended."""
    wanted = (build for build in builds if (build.cuda is None) == problem.wants_cpu)
    verdicts = (judge(build, problem, catalogue) for build in wanted)
    return [one for one in verdicts if not one.reason and knows(one.build, problem, catalogue)]


def knows(build: Build, problem: Problem, catalogue: Catalogue) -> bool:
    """Return whether a build's CUDA version supports the GPUs, so that it can be recommended.

    The driver compiles an older version's PTX for them, but its cuDNN and cuBLAS fail there.
    """
    capabilities = (gpu.compute_capability for gpu in problem.gpus if gpu.compute_capability)
    firsts = (first_cuda(one, catalogue.toolkits) for one in capabilities)
    cuda = build.cuda
    return cuda is None or all(version(first) <= version(cuda) for first in firsts if first)


def asked_release(problem: Problem, catalogue: Catalogue) -> str | None:
    """Return the newest release that was asked for, whether it exists or not."""
    candidates = find_candidates(problem, catalogue)
    known = candidates.paired or candidates.releases
    if known:
        return known[0].version
    typed = (
        requirement.allows.alternatives[0].lstrip("<>=!~ ") for requirement in problem.of(LEAD)
    )
    return next(filter(is_version, (text.removesuffix(".*") for text in typed)), None)


def nearest(fitting: list[Verdict], asked: str | None) -> Verdict | None:
    """Return the next newer minor version (its newest patch), or else the newest that is older."""
    if asked is None:
        return None
    newer = [v for v in fitting if version(v.build.release) > version(asked)]
    if not newer:
        return best_verdict(fitting)
    first = min(version(verdict.build.release).release[:2] for verdict in newer)
    return best_verdict(v for v in newer if version(v.build.release).release[:2] == first)


def pythons_of(builds: Iterable[Build]) -> str:
    """Return the Python versions of builds, without the free-threaded ones."""
    found = {python for build in builds for python in build.pythons}
    return ", ".join(sorted((one for one in found if not one.endswith("t")), key=version))


def spec_with_companions(build: Build, problem: Problem, catalogue: Catalogue) -> str:
    """Return the requirements that ask for a release and the companions that belong to it."""
    if not problem.companions:
        return f"{problem.lead_name}=={build.release}"
    release = (r for r in catalogue.releases if r.version == build.release)
    return " ".join(compatible_versions(release, problem, build.variant))


def describe(build: Build) -> str:
    """Return a build's name for a person: `torch 2.1.2 (cu121)`."""
    return f"{build.package} {build.release} ({build.variant})"


def describe_gpu(gpu: Gpu) -> str:
    """Return a GPU's name with its compute capability, for a message."""
    capability = gpu.compute_capability
    known = Phrase("compute capability unknown")
    if capability:
        known = Phrase("compute capability {capability}", capability=capability)
    return Phrase("{name} ({known})", name=gpu.name, known=known) if gpu.name else known


def gpu_facts(gpu: Gpu) -> dict[str, str]:
    """Return a GPU's name and compute capability as the facts of a note."""
    return {"gpu": gpu.name or Phrase("the GPU"), "capability": gpu.compute_capability or ""}


def newer_driver(
    problem: Problem, catalogue: Catalogue, *choices: tuple[Build, ...]
) -> dict[str, str]:
    """Return the oldest driver with which a wanted build (or else another) runs on every GPU."""
    boards = catalogue.toolkits.boards
    if any(gpu.compute_capability in boards for gpu in problem.gpus):
        return {}  # a board's driver comes with its JetPack
    for builds in choices:
        known = tuple(build for build in builds if knows(build, problem, catalogue))
        fitting = able(known, problem, catalogue)
        if not fitting:
            continue
        build = least_demanding(fitting)
        minimum = _least_driver(build, problem, catalogue)
        if minimum is None or _has(problem, minimum):
            return {}
        build = next(one for one in fitting if _is_run_by(minimum, one, problem, catalogue))
        branch = f"R{minimum.partition('.')[0]}"
        _lead, *beside = spec_with_companions(build, plainly(problem), catalogue).split()
        named = joined(", ", (describe(build), *(one.replace("==", " ") for one in beside)))
        return {"driver_needed": minimum, "branch": branch, "driver_for": named}
    return {}


def _is_run_by(driver: str, build: Build, problem: Problem, catalogue: Catalogue) -> bool:
    least = _least_driver(build, problem, catalogue)
    return least is not None and version(least) <= version(driver)


def _least_driver(build: Build, problem: Problem, catalogue: Catalogue) -> str | None:
    """Return the oldest driver that runs a build, by minor-version compatibility if that is enough.

    It must support the GPUs too: none is older than the first CUDA version that builds for them.
    """
    own = _driver_of(build.cuda, problem, catalogue)
    floor = _floor(build, problem, catalogue)
    if own is None or floor is None:
        return own
    capabilities = {gpu.compute_capability for gpu in problem.gpus if gpu.compute_capability}
    firsts = [first_cuda(one, catalogue.toolkits) for one in capabilities]
    known = [_driver_of(first, problem, catalogue) for first in firsts if first]
    least = max([floor, *(one for one in known if one)], key=version)
    return min(own, least, key=version)


def _driver_of(cuda: str | None, problem: Problem, catalogue: Catalogue) -> str | None:
    row = driver_for(cuda or "0", problem.platform, catalogue.drivers)
    return minimum_driver(row, problem.platform) if row else None


def _floor(build: Build, problem: Problem, catalogue: Catalogue) -> str | None:
    """Return the driver from which minor-version compatibility runs a build, if that is allowed."""
    floor = catalogue.drivers.floors.get(version(build.cuda or "0").major)
    gpus = [gpu.compute_capability for gpu in problem.gpus if gpu.compute_capability]
    if floor is None or "." not in floor[0] or problem.request.policy == "strict":
        return None  # a floor that is a whole branch says no more than the driver table
    if not all(covers(build, one, MINOR_COMPATIBLE, catalogue.toolkits) for one in gpus):
        return None  # it has only PTX for one of them, which takes a driver of its own CUDA
    return floor[1] if problem.platform.startswith("windows") else floor[0]


def _has(problem: Problem, minimum: str) -> bool:
    return all(host.driver and reaches(host.driver, minimum) for host in problem.with_driver)


def able(builds: tuple[Build, ...], problem: Problem, catalogue: Catalogue) -> tuple[Build, ...]:
    """Return the CUDA builds that would run on every GPU, were the driver new enough."""
    known = [gpu.compute_capability for gpu in problem.gpus if gpu.compute_capability]
    return tuple(
        build
        for build in builds
        if build.cuda and all(covers(build, one, DIRECT, catalogue.toolkits) for one in known)
    )


def least_demanding(builds: tuple[Build, ...]) -> Build:
    """Return the build of the oldest CUDA, and of those the newest (builds come newest first)."""
    return min(builds, key=lambda build: version(build.cuda or "0"))


def ways_out(problem: Problem, catalogue: Catalogue, candidates: Candidates) -> dict[str, str]:
    """Return facts about what would run: another release, a newer driver, a conda-forge build."""
    found = another_release(problem, catalogue)
    others = find_candidates(problem, catalogue, any_version=True).builds
    found.update(newer_driver(problem, catalogue, candidates.builds, others))
    elsewhere = find_candidates(problem, catalogue, elsewhere=True).builds
    forge = best_verdict(judge(build, problem, catalogue) for build in elsewhere if build.cuda)
    if forge:
        spec = f"{problem.family.lead.conda}=={forge.build.release}[build={forge.build.build_glob}]"
        found["forge"] = shlex.join((spec, *forge.build.selectors))
    return found


def another_release(problem: Problem, catalogue: Catalogue) -> dict[str, str]:
    """Return facts about the newest release that runs here, and the nearest to the one asked for.

    Where only CPU builds are left, they are offered as what `--cpu` would take, and a release that
    would run with another Python is named.
    """
    cpu_meant = problem.request.cpu or (problem.wish is not None and problem.wish.cpu)
    without_driver = not problem.with_driver and not cpu_meant
    if without_driver and (problem.gpus or not problem.is_pip):
        return {}  # refused whatever the release: no driver is known
    problem = plainly(problem)
    builds = askable(problem, catalogue)
    fitting = fitting_of(builds, problem, catalogue)
    other = best_verdict(fitting)
    if other:
        near = nearest(fitting, asked_release(problem, catalogue)) or other
        found = _named("other", other.build, problem, catalogue)
        if near.build.release != other.build.release:
            found.update(_named("near", near.build, problem, catalogue))
        return found
    cpu = next((build for build in builds if build.cuda is None), None)
    found = {"cpu_other": describe(cpu)} if cpu and not problem.wants_cpu else {}
    return {**found, **_for_another_python(problem, catalogue)}


def _named(what: str, build: Build, problem: Problem, catalogue: Catalogue) -> dict[str, str]:
    spec = spec_with_companions(build, problem, catalogue)
    return {what: describe(build), f"{what}_spec": spec}


def _for_another_python(problem: Problem, catalogue: Catalogue) -> dict[str, str]:
    """Return facts about the newest release that would run here with another Python."""
    hosts = tuple(replace(host, python=None) for host in problem.hosts)
    parsed = tuple(one for one in problem.requirements if one.kind != PYTHON)
    anywhere = replace(problem, hosts=hosts, requirements=parsed)
    found = best_verdict(fitting_of(askable(anywhere, catalogue), anywhere, catalogue))
    if found is None:
        return {}
    facts = _named("python_other", found.build, anywhere, catalogue)
    usable = (one for one in found.build.pythons if _is_for(one, found.build, anywhere, catalogue))
    build = replace(found.build, pythons=frozenset(usable))
    return {**facts, "other_pythons": pythons_of((build,))}


def _is_for(python: str, build: Build, problem: Problem, catalogue: Catalogue) -> bool:
    """Return whether what belongs to a build has files for a Python, too."""
    hosts = tuple(replace(host, python=python) for host in problem.hosts)
    return bool(spec_with_companions(build, replace(problem, hosts=hosts), catalogue))
