"""What other people's packages may bring in: for every release, the build that runs here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .candidates import find_candidates
from .ranking import best_verdict, judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conda_cuda_guard.model import Build, Catalogue

    from .problem import Problem


@dataclass(frozen=True)
class Admissible:
    """Versions, with their labels, of the family's packages that may be installed here.

    `versions` maps a package to them, newest first; `known` to every public version there is.
    """

    versions: dict[str, tuple[str, ...]]
    known: dict[str, tuple[str, ...]]


def admissible(problem: Problem, catalogue: Catalogue, *, plain: bool = False) -> Admissible:
    """Find the best build of each release, and what belongs to it.

    With `plain` only the wheels of a default package index count, which have no labels.
    """
    lead = problem.family.lead.pip
    fitting = list(_fitting(problem, catalogue, plain=plain))
    versions: dict[str, list[str]] = {name: [] for name in problem.family.pip_names}
    known: dict[str, list[str]] = {name: [] for name in versions}
    releases = {release.version: release for release in catalogue.releases}
    for release in catalogue.releases:
        known[lead].append(release.version)
        for name, found in release.pip.items():
            known[name] += found.versions
    for build in fitting:
        versions[lead].append(build.release + ("" if plain else build.label))
        for name, found in releases[build.release].pip.items():
            label = build.label if found.labelled and not plain else ""
            versions[name] += [number + label for number in found.of(build.variant)]
    return Admissible(
        {name: tuple(dict.fromkeys(found)) for name, found in versions.items()},
        {name: tuple(dict.fromkeys(found)) for name, found in known.items()},
    )


def _fitting(problem: Problem, catalogue: Catalogue, *, plain: bool) -> Iterator[Build]:
    builds = list(find_candidates(problem, catalogue).builds)
    if plain:
        builds = [b for b in builds if catalogue.plain.get(b.release) == b.variant]
    if problem.with_driver or not plain:  # without a driver any build runs, on the CPU
        builds = [b for b in builds if (b.cuda is None) == problem.wants_cpu]
    for release in dict.fromkeys(build.release for build in builds):
        same = (judge(b, problem, catalogue) for b in builds if b.release == release)
        chosen = best_verdict(same)
        if chosen is not None:
            yield chosen.build
