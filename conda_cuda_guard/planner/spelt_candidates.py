"""Candidates of a spelt family: builds that requirements allow, verdicts on them, and refusals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Build, Note, Range, cuda_major, version
from conda_cuda_guard.model.versions import listed_pythons

from .alternatives import gpu_facts
from .compatibility import least_driver, level, reaches, toolkit_builds_for
from .ranking import best_verdict, judge_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from conda_cuda_guard.model import Catalogue, Gpu, Host, SpeltBuild

    from .problem import Problem
    from .ranking import Verdict
    from .spelt_parse import Ask
    from .spelt_question import SpeltQuestion


@dataclass(frozen=True)
class Candidate:
    """A build that the requirements allow, with the newest release that they allow of it."""

    build: SpeltBuild
    release: str
    as_build: Build


def candidates_of(question: SpeltQuestion, *, dead: bool = False) -> Iterator[Candidate]:
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


def newest_of(build: SpeltBuild, ask: Ask, question: SpeltQuestion) -> str | None:
    """Return the newest release of a build that a requirement allows, under what bounds it."""
    bounds = question.bounds_on(ask, build.distribution(ask.stem))
    asks = (*question.beside(ask), *bounds)
    specifiers = dict.fromkeys(one.specifier for one in asks if one.specifier)
    allows = Range((",".join(specifiers),))
    if build.cuda is not None:
        return build.admits(allows, ask.stem)
    return build.admits(allows, ask.stem, lambda number: _is_there(number, build, ask, question))


def _is_there(number: str, build: SpeltBuild, ask: Ask, question: SpeltQuestion) -> bool:
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


def judged(found: Iterable[Candidate], question: SpeltQuestion) -> Iterator[Verdict]:
    """Yield the verdict on each candidate."""
    for one in found:
        yield judge_spelt(one, question)


def judge_spelt(one: Candidate, question: SpeltQuestion) -> Verdict:
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


def uncovered_gpu(build: SpeltBuild, host: Host, catalogue: Catalogue) -> Gpu | None:
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


def none_allowed(question: SpeltQuestion) -> Note:
    """Return why no build is for what was asked: version, Python, platform, or what is shared."""
    problem, family = question.problem, question.family
    facts = {"asked": question.listed, "platform": problem.platform}
    facts["pythons"] = listed_pythons(problem.pythons)
    facts.update(_nearest(question))
    if family.from_source:
        facts["from_source"] = family.from_source
    facts.update(_for_cpu(question))
    case = "family-contradicts" if _contradict(question) else "family-none"
    return Note("no-variant-fits", "error", case, facts)


def _for_cpu(question: SpeltQuestion) -> dict[str, str]:
    """Return the word that asks for a family's build for the CPU, where one can be had."""
    anyone = candidates_of(question.of_any_version())
    return {"cpu": "--cpu"} if any(one.build.cuda is None for one in anyone) else {}


def _contradict(question: SpeltQuestion) -> bool:
    """Return whether requirements have builds each by itself, and none together."""
    apart = [replace(question, asks=(one,)) for one in question.typed]
    return len(apart) > 1 and all(any(candidates_of(one)) for one in apart)


def nothing_fits_spelt(found: Sequence[Candidate], question: SpeltQuestion) -> Note:
    """Return why every build fails on the machine: the driver that would do, the release too."""
    if not found:
        return none_allowed(question)
    verdicts = [(one, judge_spelt(one, question)) for one in found]
    late = [
        (one, verdict)
        for one, verdict in verdicts
        if verdict.reason == "driver" and _gpu_without_code(one, question) is None
    ]
    facts = {"asked": question.listed, **_nearest(question), **_for_cpu(question)}
    if late:
        host = late[0][1].host or question.problem.hosts[0]
        needed = [(_driver_for(one, verdict.host or host, question), one) for one, verdict in late]
        driver, least = min(needed, key=lambda pair: version(pair[0] or "0"))
        facts.update(
            cuda=least.build.cuda or "",
            **host.as_facts,
            driver_needed=driver,
        )
        return Note("no-variant-fits", "error", "family", facts)
    gpu = next(filter(None, (_gpu_without_code(one, question) for one in found)))
    facts.update(gpu_facts(gpu))
    return Note("no-variant-fits", "error", "family-gpu", facts)


def _gpu_without_code(one: Candidate, question: SpeltQuestion) -> Gpu | None:
    """Return a GPU that a build has no code for, whatever the driver."""
    hosts = question.problem.with_driver
    gpus = (uncovered_gpu(one.build, host, question.catalogue) for host in hosts)
    return next(filter(None, gpus), None)


def _driver_for(one: Candidate, host: Host, question: SpeltQuestion) -> str:
    """Return the oldest driver that runs a build; empty where none is known."""
    floor = one.build.floor_of(host.platform)
    known = (floor, least_driver(one.build.cuda or "", host, question.catalogue.drivers))
    return max((driver for driver in known if driver), key=version, default="")


def _nearest(question: SpeltQuestion) -> dict[str, str]:
    """Return the nearest request that runs here, or with another C library or Python."""
    bare = question.of_any_version()
    for where in (bare, bare.with_any_libc(), bare.anywhere()):
        found = [one for one in candidates_of(where) if one.build.cuda and not one.build.legacy]
        usual = [one for one in found if not one.build.fallback]
        best = best_verdict(judged(usual, where)) or best_verdict(judged(found, where))
        if best is None:
            continue
        one = next(each for each in found if each.as_build is best.build)
        bound = f"=={one.release}" if one.release else ""
        text = where.typed[0].as_built(one.build, one.release, bound)
        if where is bare:
            return {"near": text}
        if where.problem.pythons == bare.problem.pythons:
            return {"other_libc": one.build.libc or "", "libc_spec": text}
        return {"other_python": str(one.build.pythons), "other_spec": text}
    return {}
