"""Reasons of a refusal: no build exists, or none runs on the machine (rule 7).

A follower may have files for a platform and none for the machines: GPU, C library, Python.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, Phrase, joined, version
from conda_cuda_guard.model.versions import listed_pythons

from . import alternatives
from .alternatives import gpu_facts
from .candidates import (
    companion,
    companion_version,
    compatible_versions,
    find_candidates,
    without_cpu_files,
)
from .compatibility import DIRECT, covers
from .ranking import judge
from .requirement import LEAD, MEMBER, PYTHON

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conda_cuda_guard.model import Build, Catalogue, Gpu, Host
    from conda_cuda_guard.model.companions import FilePlace

    from .candidates import Candidates
    from .problem import Problem
    from .ranking import Verdict

ERROR = "error"


def nothing_exists(
    problem: Problem, catalogue: Catalogue, candidates: Candidates
) -> tuple[Note, ...]:
    """Return the reasons where no build satisfies the request, whatever the GPU."""
    facts = {"asked": _asked(problem), "platform": problem.platform}
    if not candidates.releases:
        facts.update(package=problem.lead_name, newest=catalogue.releases[0].version)
        facts.update(_near(problem, catalogue))
        facts.update(alternatives.another_release(problem, catalogue))
        return (Note("release-unknown", ERROR, "", facts),)
    if not candidates.paired:
        unknown = _unknown_companion(problem, catalogue, candidates)
        if unknown is not None:
            return (unknown,)
        return (
            Note(
                "companion-mismatch", ERROR, "", {**facts, **_pairs(problem, catalogue, candidates)}
            ),
        )
    if not candidates.on_platform:
        facts.update(alternatives.another_release(problem, catalogue))
        lacking = lacking_for(problem, catalogue, facts) if problem.is_pip else None
        if lacking is not None:
            return (lacking,)
        case = "none-available" if catalogue.unreachable else "platform"
        if problem.request.sources.no_index:
            case = "no-index"
        return (Note("no-variant-fits", ERROR, case, facts),)
    late = [build for build in candidates.on_platform if not problem.has_libc(build)]
    if any(problem.is_for(replace(build, libc=None)) for build in late):
        facts.update(alternatives.another_release(problem, catalogue))
        return (_libc_too_old(late, facts, problem),)
    return (
        Note(
            "python-not-covered", ERROR, "", {**facts, **_pythons(problem, catalogue, candidates)}
        ),
    )


def _libc_too_old(builds: Sequence[Build], facts: dict[str, str], problem: Problem) -> Note:
    """Return the note on builds whose files need another C library than the hosts have."""
    host = next(one for one in problem.hosts if not one.has_libc(builds[0].libc))
    libc = host.libc or ""
    case = "musl" if libc.startswith("musl") else ""
    facts = {**facts, "libc": libc, "needed": builds[-1].libc or ""}
    return Note("libc-too-old", ERROR, case, facts)


def nothing_fits(
    problem: Problem, catalogue: Catalogue, candidates: Candidates, verdicts: Sequence[Verdict]
) -> tuple[Note, ...]:
    """Return the reasons where every build fails on this machine, with alternatives."""
    facts = {"asked": _asked(problem), "platform": problem.platform}
    failed = [verdict for verdict in verdicts if verdict.reason]
    if not failed:
        meant = problem.request.cpu or (problem.wish is not None and problem.wish.cpu)
        lacking = without_cpu_files(problem, candidates) if meant else ()
        if lacking:
            names = ", ".join(lacking)
            return (Note("no-variant-fits", ERROR, "no-cpu", {"family": names, "asked": names}),)
        if meant:
            wished = problem.wish is not None and problem.wish.cpu
            facts["cpu_wish"] = problem.wish.text if problem.wish and wished else "--cpu"
        facts.update(alternatives.another_release(problem, catalogue))
        unfit = lacking_for(problem, catalogue, facts) if problem.is_pip and not meant else None
        if unfit is not None:
            return (unfit,)
        case = "none-available" if catalogue.unreachable else "no-build"
        return (Note("no-variant-fits", ERROR, case, facts),)
    gpus = joined(", ", dict.fromkeys(map(alternatives.describe_gpu, problem.gpus)))
    facts.update(gpus=gpus, **_machine(failed[0].host))
    facts.update(alternatives.ways_out(problem, catalogue, candidates))
    case = "available" if catalogue.unreachable else ""
    return (Note("no-variant-fits", ERROR, case, facts), cause_of(failed, problem, catalogue))


def cause_of(failed: Sequence[Verdict], problem: Problem, catalogue: Catalogue) -> Note:
    """Return why the closest build fails: the driver, if it has code for the GPUs, else the GPU."""
    fitting = alternatives.able(tuple(verdict.build for verdict in failed), problem, catalogue)
    if fitting:
        build = alternatives.least_demanding(fitting)
        host = judge(build, problem, catalogue).host or problem.hosts[0]
        loose = replace(problem, request=replace(problem.request, policy="auto"))
        by_policy = judge(build, loose, catalogue).reason is None
        strict = "strict" if by_policy else ""
        facts = {"build": alternatives.describe(build), "cuda": build.cuda or "", **_machine(host)}
        return Note("cuda-newer-than-driver", ERROR, strict, facts)
    closest = next((verdict for verdict in failed if verdict.gpu), failed[0])
    gpu = closest.gpu or _uncovered(closest.build, problem, catalogue)
    facts = {"build": alternatives.describe(closest.build), **alternatives.gpu_facts(gpu)}
    board = gpu.compute_capability in catalogue.toolkits.boards
    return Note("gpu-not-covered", ERROR, "board" if board else "", facts)


def _uncovered(build: Build, problem: Problem, catalogue: Catalogue) -> Gpu:
    """Return the GPU that a build has no code for."""
    known = (gpu for gpu in problem.gpus if gpu.compute_capability)
    return next(
        gpu
        for gpu in known
        if not covers(build, gpu.compute_capability or "", DIRECT, catalogue.toolkits)
    )


def _machine(host: Host | None) -> dict[str, str]:
    return {} if host is None else host.as_facts


def _asked(problem: Problem) -> str:
    """Return the requirements with their origins; a bare name is left out beside a constraint."""
    bounds = [one for one in problem.asked if one.origin.is_bound]
    bounded = {one.package for one in bounds}
    typed = [
        one.described
        for one in problem.asked
        if not (one in bounds or (one.package in bounded and one.allows.is_any and not one.wish))
    ]
    named = joined(", ", (one.described for one in bounds))
    if not typed:
        return named
    return (
        Phrase("{asked} and {bounds}", asked=joined(" ", typed), bounds=named)
        if bounds
        else joined(" ", typed)
    )


def _near(problem: Problem, catalogue: Catalogue) -> dict[str, str]:
    """Return facts about releases near the one asked for: of its minor version, or around it."""
    known = [release.version for release in catalogue.releases]
    asked = alternatives.asked_release(problem, catalogue)
    if asked is None:
        return {"near_releases": ", ".join(known[:3])}
    same = [one for one in known if version(one).release[:2] == version(asked).release[:2]]
    at = sum(version(one) > version(asked) for one in known)
    start = max(0, min(at - 1, len(known) - 3))
    facts = {"near_releases": ", ".join(same or known[start : start + 3])}
    return {**facts, "oldest": known[-1]} if at == len(known) else facts


def _pairs(problem: Problem, catalogue: Catalogue, candidates: Candidates) -> dict[str, str]:
    """Return facts about compatible versions: companions of the lead, the lead of a companion."""
    pair = compatible_versions(candidates.releases, problem)
    facts = {"pair": " ".join(pair)}
    reverse = find_candidates(_without_lead(problem), catalogue).on_platform
    if reverse:
        facts["lead_for_companion"] = reverse[0].release
    if not pair and not reverse:
        facts["pair"] = " ".join(compatible_versions(catalogue.releases, problem))
    return facts


def _unknown_companion(
    problem: Problem, catalogue: Catalogue, candidates: Candidates
) -> Note | None:
    """Return a note on a companion whose version belongs to no release; None without one."""
    named = problem.companions and problem.of(LEAD)
    pair = " ".join(compatible_versions(candidates.releases, problem)) if named else ""
    for requirement in problem.of(MEMBER):
        known = [companion(r, requirement.package, problem) for r in catalogue.releases]
        versions = [number for one in known if one for number in one.versions]
        if not versions and requirement.package in problem.family.followers:
            facts = {"asked": requirement.described, "platform": problem.platform}
            return Note("release-unknown", ERROR, "companion-platform", facts)
        if not any(number in requirement.allows for number in versions):
            facts = {
                "asked": requirement.described,
                "package": requirement.package,
                "newest": versions[0],
            }
            facts["pair"] = pair
            return Note("release-unknown", ERROR, "companion", facts)
    return None


def _without_lead(problem: Problem) -> Problem:
    others = tuple(one for one in problem.requirements if one.kind != LEAD)
    return replace(problem, requirements=others)


def _pythons(problem: Problem, catalogue: Catalogue, candidates: Candidates) -> dict[str, str]:
    """Return facts about the Python versions that the newest release asked for was made for."""
    newest = candidates.on_platform[0].release
    builds = [build for build in candidates.on_platform if build.release == newest]
    fitting = [verdict.build for verdict in alternatives.fitting_of(builds, problem, catalogue)]
    parsed = problem.of(PYTHON)
    facts = {
        "python": " ".join(str(requirement.allows).lstrip("=") for requirement in parsed)
        or (problem.hosts[0].python or ""),
        "pythons": alternatives.pythons_of(builds),
        "usable_pythons": alternatives.pythons_of(fitting),
        "release": newest,
    }
    facts.update(alternatives.another_release(problem, catalogue))
    return facts


def lacking_for(problem: Problem, catalogue: Catalogue, facts: dict[str, str]) -> Note | None:
    """Return why files that there are for the platform are none for the machines.

    None where no follower is the reason. `facts` are those of the refusal.
    """
    for case, other in _relaxed(problem):
        place = next(_places(other, catalogue), None)
        if place is not None:
            return _note(case, place, problem, facts)
    return None


def _relaxed(problem: Problem) -> Iterator[tuple[str, Problem]]:
    """Yield the request for machines of another GPU, then of any C library, then of any Python."""
    hosts = problem.hosts
    yield "gpu", replace(problem, hosts=tuple(replace(one, gpus=()) for one in hosts))
    yield "libc", replace(problem, hosts=tuple(replace(one, libc=None) for one in hosts))
    yield "python", replace(problem, hosts=tuple(replace(one, python=None) for one in hosts))


def _places(problem: Problem, catalogue: Catalogue) -> Iterator[FilePlace]:
    """Yield what the files of followers need that would do on these machines."""
    releases = {release.version: release for release in catalogue.releases}
    builds = find_candidates(problem, catalogue).on_platform
    for build in (one for one in builds if one.cuda is not None):
        for package in problem.companions:
            release = releases[build.release]
            number = companion_version(release, package, problem, variant=build.variant)
            found = companion(release, package, problem)
            place = found.place(number, build.variant) if found and number else None
            if place is not None:
                yield place


def _note(case: str, place: FilePlace, problem: Problem, facts: dict[str, str]) -> Note:
    if case == "gpu":
        known = (gpu for gpu in problem.gpus if gpu.compute_capability)
        gpu = next(one for one in known if one.compute_capability not in place.capabilities)
        facts = {**facts, **gpu_facts(gpu), "needed": str(place.capabilities).replace("|", " or ")}
        return Note("gpu-not-covered", "error", "files", facts)
    if case == "libc":
        host = next(one for one in problem.hosts if not one.has_libc(place.libc))
        facts = {**facts, "libc": host.libc or "", "needed": place.libc or ""}
        return Note("libc-too-old", "error", "", facts)
    facts = {**facts, "python": listed_pythons(problem.pythons), "pythons": str(place.pythons)}
    return Note("python-not-covered", "error", "files", facts)
