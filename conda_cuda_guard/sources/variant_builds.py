"""Builds that an index has as variant wheels, beside those of the wheel indexes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Architectures, Build, Question
from conda_cuda_guard.model.sources import DESCRIPTION
from conda_cuda_guard.model.versions import is_version, variant_of, version
from conda_cuda_guard.planner.same_file import is_known_host

from .merge_companions import releases_heard
from .merge_index import listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from conda_cuda_guard.model import Answer, Catalogue, Wheel
    from conda_cuda_guard.model.sources import WheelVariant
    from conda_cuda_guard.planner.problem import Problem


def with_variant_builds(
    known: Catalogue,
    problem: Problem,
    answers: Iterable[Answer],
    ask: Callable[[tuple[Question, ...]], tuple[Answer, ...]],
) -> Catalogue:
    """Return the catalogue with the variant wheels that the pages list, described by one file more.

    It is that of the newest version that the request allows. They come after every other build:
    not every installer takes them.
    """
    lead = known.family.lead.pip
    listed = [
        wheel
        for answer in answers
        for wheel in answer.variants
        # What is named by its address is not taken from just anywhere that a page leads to.
        if not wheel.yanked and is_known_host(wheel, answer.question.source, problem)
    ]
    files = [wheel for wheel in listed if wheel.variant != DESCRIPTION]
    described = {o.version: o for o in listed if o.variant == DESCRIPTION and o.package == lead}
    asked = problem.on(lead)
    numbers = {
        wheel.version
        for wheel in files
        if wheel.package == lead
        and wheel.version in described
        and all(wheel.version in one.allows for one in asked)
    }
    newest = max(filter(is_version, numbers), key=version, default=None)
    if newest is None:
        return known
    place = described[newest].url
    (answer,) = ask((Question(place, place, lead, describes=True),))
    of_version = [one for one in files if one.version == newest and one.package == lead]
    builds = tuple(_builds(answer.described, of_version, place, problem))
    if not builds:
        return known
    companions = {name: listing(files, name, problem.platform) for name in known.family.companions}
    found = {(newest, ""): listing(of_version, lead, problem.platform)[newest, ""]}
    return replace(
        known,
        releases=releases_heard(found, companions, known.releases),
        builds=(*known.builds, *builds),
        variant_files=tuple(files),
    )


def _builds(
    described: Iterable[WheelVariant], files: list[Wheel], place: str, problem: Problem
) -> Iterator[Build]:
    """Yield a build for each variant that has a file for the platform."""
    for one in described:
        of_label = [wheel for wheel in files if wheel.variant == one.label]
        listed = listing(of_label, problem.family.lead.pip, problem.platform)
        if not listed or not _is_below(one, problem):
            continue
        (found,) = listed.values()
        yield Build(
            files[0].version,
            variant_of(one.cuda),
            one.cuda,
            problem.platform,
            "user-index",
            found.pythons,
            Architectures(one.machine_code) if one.machine_code else None,
            base=place,
            libc=found.libc,
            package=problem.family.lead.pip,
            wheel_variant=one.label,
        )


def _is_below(one: WheelVariant, problem: Problem) -> bool:
    """Return whether no machine has a CUDA that is too new for a variant."""
    return one.below is None or all(
        version(host.cuda) < version(one.below) for host in problem.with_driver if host.cuda
    )
