"""Candidates of a spelt family: the builds that requirements allow, and verdicts on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Build
from conda_cuda_guard.model.versions import Range, cuda_major, version

from .compatibility import level, reaches, toolkit_builds_for
from .ranking import judge_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.model import Catalogue, Gpu, Host
    from conda_cuda_guard.model.spelling import SpeltBuild

    from .problem import Problem
    from .ranking import Verdict
    from .spelt_parse import Ask
    from .spelt_question import Question


@dataclass(frozen=True)
class Candidate:
    """A build that the requirements allow, with the newest release that they allow of it."""

    build: SpeltBuild
    release: str
    as_build: Build


def candidates_of(question: Question, *, dead: bool = False) -> Iterator[Candidate]:
    """Yield the builds with a release that all requirements allow, for the machines' Python.

    With `dead` those alone whose index or page cannot be had now.
    """
    problem, asks = question.problem, question.typed
    for build in question.family.builds:
        if (problem.dead(build.index or build.page) is not None) != dead:
            continue
        agrees = question.shared.admits(build, question.family)
        if not (agrees or question.is_wished(build)):
            continue
        if not can_be_installed(build, problem):
            continue
        releases = [newest_of(build, one, question) for one in question.typed]
        if any(one is None for one in releases):
            continue
        known = [one for one in releases if one] or list(build.known[:1])
        release = min(known, key=version, default="")
        as_build = Build(
            release or "0",
            build.variant,
            build.cuda,
            problem.platform,
            "user-index" if not build.index else "family-index",
            libc=build.libc,
            package=build.distribution(asks[0].stem),
        )
        yield Candidate(build, release, as_build)


def newest_of(build: SpeltBuild, ask: Ask, question: Question) -> str | None:
    """Return the newest release of a build that a requirement allows, under what bounds it."""
    bounds = question.bounds_on(ask, build.distribution(ask.stem))
    asks = (*question.beside(ask), *bounds)
    specifiers = dict.fromkeys(one.specifier for one in asks if one.specifier)
    allows = Range((",".join(specifiers),))
    if build.cuda is not None:
        return build.admits(allows, ask.stem)
    return build.admits(allows, ask.stem, lambda number: _is_there(number, build, ask, question))


def _is_there(number: str, build: SpeltBuild, ask: Ask, question: Question) -> bool:
    """Return whether a release of a build for the CPU can be had, by its CUDA twins of that name.

    What its files ask for is known of these: they are the same, or made together.
    """
    problem, name = question.problem, build.distribution(ask.stem)
    twins = [
        one
        for one in question.family.cuda_builds
        if one.distribution(ask.stem) == name
        and number in one.releases
        and number in one.seen(ask.stem)
    ]
    here = [one for one in twins if one.is_for(problem.platform, None)]
    if here:
        return any(can_be_installed(one, problem) for one in here)
    pythons = problem.pythons
    return not twins or any(all(map(one.pythons.allows_minor, pythons)) for one in twins)


def can_be_installed(build: SpeltBuild, problem: Problem) -> bool:
    """Return whether pip takes a build's files on all machines, whatever their drivers."""
    return all(
        build.is_for(host.platform, host.python) and host.has_libc(build.libc)
        for host in problem.hosts
    )


def judged(found: Iterable[Candidate], question: Question) -> Iterator[Verdict]:
    """Yield the verdict on each candidate."""
    for one in found:
        yield judge_spelt(one, question)


def judge_spelt(one: Candidate, question: Question) -> Verdict:
    """Return the verdict on a build over all machines, by driver and compute capability."""
    build, catalogue = one.build, question.catalogue

    def level_on(host: Host) -> str | None:
        enough = _is_new_enough(host, build)
        return level(build.cuda or "", host, catalogue.drivers) if enough else None

    return judge_by(
        one.as_build,
        question.problem,
        level_on,
        lambda capability, _level: _covers(build, capability, catalogue),
    )


def uncovered(build: SpeltBuild, host: Host, catalogue: Catalogue) -> Gpu | None:
    """Return a GPU of a machine that a build has no code for, if there is one."""
    return next(
        (
            gpu
            for gpu in host.gpus
            if gpu.compute_capability and not _covers(build, gpu.compute_capability, catalogue)
        ),
        None,
    )


def _covers(build: SpeltBuild, capability: str, catalogue: Catalogue) -> bool:
    """Return whether a build has code for a GPU, as far as is known (rule 3)."""
    cuda, toolkits = build.cuda or "", catalogue.toolkits
    if not build.capabilities.is_any:
        return capability in build.capabilities
    # CUDA 11 is one build for all of it, and what a bare major version says is the driver's.
    exact = "." in cuda and cuda_major(cuda) != _LAST_FOR_ALL
    made = cuda if exact else f"{cuda_major(cuda)}.99"
    return toolkit_builds_for(made, capability, toolkits)


_LAST_FOR_ALL = 11


def _is_new_enough(host: Host, build: SpeltBuild) -> bool:
    """Return whether a driver is as new as a build asks for beyond its CUDA version."""
    floor = build.floor_of(host.platform)
    return floor is None or host.driver is None or reaches(host.driver, floor)
