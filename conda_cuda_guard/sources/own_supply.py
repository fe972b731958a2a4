"""What is available without a wheel index: folders, pages, plain wheels of the user's own index."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Note, Question
from conda_cuda_guard.model.shown_text import redact

from .merge_companions import companions_heard, releases_heard, with_companions, with_followers
from .merge_index import builds_heard, is_listed, listing, newest_first, own_builds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from conda_cuda_guard.model import Answer, Build, Catalogue, Request, Wheel
    from conda_cuda_guard.planner.problem import Problem


def unreachable_notes(answers: Iterable[Answer]) -> list[Note]:
    """Return a note for each source that did not answer; to have no lead is no problem."""
    notes: dict[str, Note] = {}
    for answer in answers:
        if answer.problem not in ("", "absent"):
            place = redact(answer.question.source)
            facts = {"index": place, "detail": answer.detail}
            notes.setdefault(place, Note("index-unreachable", "warning", answer.problem, facts))
    return list(notes.values())


def from_pages(
    request: Request,
    known: Catalogue,
    ask: Callable[[tuple[Question, ...]], tuple[Answer, ...]] | None,
    named: Iterable[str] = (),
) -> Catalogue:
    """Return the catalogue of these pages: labelled wheels, and plain ones of releases known.

    `named` are the packages of the request.
    """
    pages = request.sources.find_links
    answers = ask(tuple(Question(page, page, flat=True) for page in pages)) if ask else ()
    platform = request.hosts[0].platform
    wheels = [wheel for answer in answers for wheel in answer.wheels]
    followers = [name for name in named if name in known.family.followers]
    lead, *others = (*known.family.own_names, *followers)
    leads = listing(wheels, lead, platform)
    companions = {name: listing(wheels, name, platform) for name in others}
    releases = releases_heard(leads, companions, known.releases)
    labelled = builds_heard(leads, tuple(filter(is_listed, known.builds)), platform)
    plain = own_builds(leads, known.plain, known.builds, platform)
    builds = tuple(_here(build) for build in (*labelled, *plain))
    releases = with_followers(releases, (known.family.followers[name] for name in followers))
    there = {name: found for name, found in companions.items() if found}
    releases = companions_heard(releases, there, leads)
    return replace(
        known,
        releases=releases,
        builds=with_companions(builds, there, releases),
        notes=(*unreachable_notes(answers), *_absent_notes(answers)),
        heard=answers,
        files=tuple(wheels),
    )


def _absent_notes(answers: Iterable[Answer]) -> list[Note]:
    """Return a note for each folder or page that is not there, where there is no index either."""
    return [
        Note("index-unreachable", "warning", "no-page", {"index": redact(answer.question.source)})
        for answer in answers
        if answer.problem == "absent"
    ]


def _here(build: Build) -> Build:
    """Return a build as one that no index has to be added for."""
    return replace(build, source="user-index", index=None, page=None)


def without_wheel_index(  # noqa: PLR0913
    known: Catalogue,
    of_own: tuple[Answer, ...],
    assumed: tuple[Build, ...],
    problem: Problem,
    dead: tuple[Answer, ...],
    *,
    no_default: tuple[Answer, ...] = (),
) -> Catalogue:
    """Return what is available while no wheel index is: the user's own files, and plain wheels.

    `assumed` are the plain wheels of a main index that was not asked, a known mirror's; pip's
    default index has those of the catalogue, unless it cannot be had either: `no_default` is what
    it answered then.
    """
    wheels = [wheel for answer in of_own for wheel in answer.wheels]
    builds = _builds_of(wheels, known, problem.platform)
    if problem.request.sources.main_index is None:
        assumed = () if no_default else plain_builds(known)
    there = {build.release for build in builds if not build.label}
    builds += [build for build in assumed if build.release not in there]
    notes = [*_dead_notes(dead), *unreachable_notes(of_own)]
    notes += [replace(note, case="default") for note in unreachable_notes(no_default)]
    return replace(
        known,
        builds=newest_first(map(_here, builds)),
        notes=tuple(notes),
        heard=of_own,
        files=tuple(wheels),
        unreachable=notes[0].facts["index"],
    )


def plain_wheels_of(known: Catalogue, index: str) -> Catalogue:
    """Return a catalogue of the plain wheels alone, where a wheel index is not to be waited for."""
    return replace(known, builds=tuple(map(_here, plain_builds(known))), unreachable=index)


def plain_builds(known: Catalogue) -> tuple[Build, ...]:
    """Return the builds of the catalogue as the plain wheels that a default index serves."""
    return tuple(
        replace(build, label="")
        for build in known.builds
        if known.plain.get(build.release) == build.variant
    )


def _builds_of(wheels: list[Wheel], known: Catalogue, platform: str) -> list[Build]:
    leads = listing(wheels, known.family.lead.pip, platform)
    listed = tuple(filter(is_listed, known.builds))
    return [
        *builds_heard(leads, listed, platform),
        *own_builds(leads, known.plain, known.builds, platform),
    ]


def _dead_notes(dead: Iterable[Answer]) -> list[Note]:
    """Return a note for each dead index, with the mirrors that have its wheels."""
    living = [one for one in catalogue.mirrors() if (one.kind, one.status) == ("wheels", "alive")]
    mirrors = ", ".join(f"{one.name} ({one.base})" for one in living if one.variants != frozenset())
    return [
        replace(note, case=f"dead-{note.case}", facts={**note.facts, "mirrors": mirrors})
        for note in unreachable_notes(dead)
    ]
