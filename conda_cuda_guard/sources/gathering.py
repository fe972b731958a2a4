"""What exists for a pip request: what the indexes answer, and the catalogue where they do not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard.model import Note, Question
from conda_cuda_guard.model.redaction import redact
from conda_cuda_guard.planner.problem import read_problem

from .builtin import from_catalogue
from .index_questions import (
    about_all_variants,
    about_own_sources,
    about_wheel_index,
    packages_of,
    variants_in_question,
    wheel_index_in_use,
)
from .merge_index import (
    builds_heard,
    listing,
    newest_first,
    of_all_indexes,
    of_known_mirror,
    of_main_index,
    own_builds,
    releases_heard,
    with_companions,
)
from .mirrors import about_addresses

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Answer, Build, Catalogue, Request, WheelIndex
    from conda_cuda_guard.planner.problem import Problem

    from .merge_index import Listing


AskIndex = Callable[[tuple["Question", ...]], tuple["Answer", ...]]


def unreachable_notes(answers: Iterable[Answer]) -> list[Note]:
    """Return a note for each source that did not answer; to have no lead is no problem."""
    notes: dict[str, Note] = {}
    for answer in answers:
        if answer.problem not in ("", "absent"):
            place = redact(answer.question.source)
            facts = {"index": place, "detail": answer.detail}
            notes.setdefault(place, Note("index-unreachable", "warning", answer.problem, facts))
    return list(notes.values())


def from_pages(request: Request, known: Catalogue, ask: AskIndex | None) -> Catalogue:
    """Return the catalogue of these pages: labelled wheels, and plain ones of releases known."""
    pages = request.sources.find_links
    answers = ask(tuple(Question(page, page, flat=True) for page in pages)) if ask else ()
    platform = request.hosts[0].platform
    wheels = [wheel for answer in answers for wheel in answer.wheels]
    lead, *others = known.family.pip_names
    leads = listing(wheels, lead, platform)
    companions = {name: listing(wheels, name, platform) for name in others}
    releases = releases_heard(leads, companions, known.releases)
    labelled = builds_heard(leads, tuple(b for b in known.builds if b.page is None), platform)
    plain = own_builds(leads, known.plain, known.builds, platform)
    builds = tuple(_here(build) for build in (*labelled, *plain))
    there = {name: found for name, found in companions.items() if found}
    return replace(
        known,
        releases=releases,
        builds=with_companions(builds, there, releases),
        notes=tuple(unreachable_notes(answers)),
        heard=answers,
        files=tuple(wheels),
    )


def _here(build: Build) -> Build:
    """Say of a build that no index has to be added to get it."""
    return replace(build, source="user-index", index=None, page=None)


@dataclass(frozen=True)
class _Heard:
    """The answers of the wheel index in use, and those of the person's own sources."""

    index: WheelIndex
    packages: tuple[str, ...]
    of_index: tuple[Answer, ...] = ()
    of_own: tuple[Answer, ...] = ()


def gather(
    request: Request,
    ask: AskIndex | None = None,
    *,
    own: bool = True,
    packages: tuple[str, ...] = (),
) -> Catalogue:
    """Return what exists for a pip request; without `ask`, from the catalogue alone.

    Without `own` the person's own sources are not asked: they have no say in what fits, only in
    what there is to tell of a plan. `packages` are asked about in the place of those that the
    request names.
    """
    platform = request.hosts[0].platform
    known = from_catalogue("pip", platform)
    problem = read_problem(request, known)
    heard = _Heard(wheel_index_in_use(problem), packages or packages_of(problem))
    if not heard.packages:
        return known
    if request.sources.no_index:
        return from_pages(request, known, ask)
    if ask is not None:
        heard = _listen(problem, known, heard, ask, own=own)
    assumed = () if heard.of_own else of_known_mirror(known, request)
    merged = _merged(known, heard, platform, assumed)
    builds = of_all_indexes(merged.builds, known.builds, heard.index, request)
    return replace(merged, builds=builds, notes=(*about_addresses(request), *merged.notes))


def _listen(
    problem: Problem, known: Catalogue, heard: _Heard, ask: AskIndex, *, own: bool
) -> _Heard:
    """Ask once for everything; where there is no common page, for the variants' folders.

    Where these have no folders of packages either, they may be pages of links.
    """
    index, packages = heard.index, heard.packages

    def in_folders(of: WheelIndex) -> tuple[Question, ...]:
        return about_wheel_index(of, packages, variants_in_question(problem, known))

    first = in_folders(index) if index.flat else about_all_variants(index, packages)
    others = about_own_sources(problem, index, packages) if own else ()
    answers = ask((*first, *others))
    of_index, of_own = answers[: len(first)], answers[len(first) :]
    if not index.flat and _is_absent(of_index):
        of_index = ask(in_folders(index))
        as_pages = replace(index, flat=True)
        if _is_absent(of_index):
            pages = ask(in_folders(as_pages))
            if any(answer.wheels for answer in pages):
                index, of_index = as_pages, pages
    return replace(heard, index=index, of_index=of_index, of_own=of_own)


def _is_absent(answers: tuple[Answer, ...]) -> bool:
    return all(answer.problem == "absent" for answer in answers)


def _merged(
    known: Catalogue, heard: _Heard, platform: str, assumed: tuple[Build, ...]
) -> Catalogue:
    """Let what was heard stand in the place of what the catalogue knows."""
    notes = (*unreachable_notes(heard.of_index), *unreachable_notes(heard.of_own))
    wheels = [wheel for answer in heard.of_index for wheel in answer.wheels]
    listed = {package: listing(wheels, package, platform) for package in heard.packages}
    lead = known.family.lead.pip
    companions = {name: found for name, found in listed.items() if name != lead}
    own = of_main_index(known, heard.of_own, platform) or assumed
    if not listed[lead] and any(a.problem not in ("", "absent") for a in heard.of_index):
        return replace(known, notes=notes, own=own, heard=heard.of_own)
    if not heard.of_index:
        return replace(known, own=own, heard=heard.of_own)
    releases = releases_heard(listed[lead], companions, known.releases)
    builds = builds_heard(listed[lead], known.builds, platform)
    builds = with_companions(builds, _answered(companions, heard), releases)
    builds = newest_first((*builds, *_not_asked(known.builds, heard)))
    return replace(
        known,
        releases=releases,
        builds=builds,
        notes=notes,
        own=own,
        heard=heard.of_own,
        files=tuple(wheels),
    )


def _answered(companions: dict[str, Listing], heard: _Heard) -> dict[str, Listing]:
    """Leave out the companions whose pages could not be read: of these the catalogue is right."""
    failed = {a.question.package for a in heard.of_index if a.problem not in ("", "absent")}
    return {name: found for name, found in companions.items() if name not in failed}


def _not_asked(builds: tuple[Build, ...], heard: _Heard) -> tuple[Build, ...]:
    """Give the builds whose variant's folder was not asked for, where folders were asked for."""
    base = heard.index.base.rstrip("/")
    asked = {a.question.url[len(base) + 1 :].split("/")[0] for a in heard.of_index}
    if asked <= set(heard.packages):
        return ()  # one page listed every variant
    return tuple(b for b in builds if b.index is not None and b.index not in asked)
