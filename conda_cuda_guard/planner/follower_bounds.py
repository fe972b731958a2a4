"""What of a follower runs: where the newest does not, it is bounded, or its being held is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note
from conda_cuda_guard.model.companions import admits
from conda_cuda_guard.model.versions import cuda_major, cuda_of, version

from .candidates import companion_version, find_candidates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.model import Build, Catalogue
    from conda_cuda_guard.model.companions import Follower

    from .decision import Choice
    from .problem import Problem


def newest_beside(builds: Iterable[Build], problem: Problem) -> dict[str, str]:
    """Return, of followers that nobody named, the newest version that runs beside these builds.

    pip finds them by their metadata, which tells the lead's release and not the CUDA version of
    their one file on the default index. None of those whose newest version runs, or none at all.
    """
    lead = list(builds)
    found = {}
    for one in problem.family.followers.values():
        if one.labelled or not one.rows or one.package in problem.companions:
            continue
        newest = next((n for n, need in one.versions if _runs(one, n, need, lead)), None)
        if newest is not None and newest != one.versions[0][0]:
            found[one.package] = newest
    return found


def _runs(one: Follower, number: str, need: str, builds: Iterable[Build]) -> bool:
    """Return whether a version's plain file is of the CUDA major version of a build it is for."""
    majors = {
        cuda_major(build.cuda)
        for build in builds
        if build.cuda is not None and admits(need, build.release)
    }
    plain = (place for place in one.places if not place.index and number in place.versions)
    named = (cuda_of(variant) for place in plain for variant in place.variants)
    return bool(majors) and any(cuda_major(cuda) in majors for cuda in named if cuda is not None)


def held_followers(problem: Problem, choice: Choice, catalogue: Catalogue) -> Iterator[Note]:
    """Yield notes on named followers of which a newer version has no build that runs here."""
    named = [one for one in problem.companions if one in problem.family.followers]
    if not named or problem.wish is not None:
        return
    paired = find_candidates(problem, catalogue).paired
    for package in named:
        planned = companion_version(choice.release, package, problem, variant=choice.build.variant)
        newest = [companion_version(release, package, problem) for release in paired]
        best = max((one for one in newest if one), key=version, default=None)
        if planned is not None and best is not None and version(best) > version(planned):
            facts = {"package": package, "release": planned, "newest": best}
            yield Note("held-back", "info", "family", facts)
