"""Why a follower has files for a platform and none for the machines: GPU, C library, Python."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note
from conda_cuda_guard.model.versions import listed_pythons

from .alternatives import gpu_facts
from .candidates import companion, companion_version, find_candidates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conda_cuda_guard.model import Catalogue
    from conda_cuda_guard.model.companions import FilePlace

    from .problem import Problem


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
