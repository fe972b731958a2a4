"""The indexes, pages and files of other families: asked whether they are there, and what they have.

What cannot be had now is not handed to pip (contract, section 5).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conda_cuda_guard.model import Against, Answer, Question, redact
from conda_cuda_guard.model.addresses import place
from conda_cuda_guard.planner.address_kind import PROJECT, VARIANT_FOLDER
from conda_cuda_guard.planner.built_files import files_known, read_built_asks
from conda_cuda_guard.planner.built_lead import is_chosen, is_left, lead_of, running_builds
from conda_cuda_guard.planner.pip_sources import not_used
from conda_cuda_guard.planner.pipeline import plan_problem
from conda_cuda_guard.planner.spelt_parse import read_asks

from .own_supply import unreachable_notes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from conda_cuda_guard.model import Catalogue, Plan
    from conda_cuda_guard.model.addresses import Place
    from conda_cuda_guard.planner.built_files import BuiltAsk
    from conda_cuda_guard.planner.problem import Problem

    from .listening import AskIndex

# What pip would fail on as well, whatever the page holds. One that is slow may still answer it.
_DEAD = ("unreachable", "untrusted", "certificate", "login-needed", "server-error")
_ABSENT = "absent"
# Each round may show that a file, or a place, is not there, and another is planned.
_ROUNDS_OF_FILES = 6
_ROUNDS_OF_PLANS = 4


def with_built_files(problem: Problem, catalogue: Catalogue, ask: AskIndex) -> Catalogue:
    """Return what exists with what the pages and files in question were heard to have.

    What does not answer in time is believed to be as the data says; what cannot be had is left out.
    """
    told: dict[str, None] = {}
    silent: dict[str, Answer] = {}  # of a server that does not answer one is enough
    for _ in range(_ROUNDS_OF_FILES):
        places = [one for one in places_in_question(problem, catalogue) if one not in told]
        if not places:
            break
        told.update(dict.fromkeys(places))
        heard, dead = dict(catalogue.heard_of_built), list[Answer]()
        for answer in ask(tuple(Question(url, url, flat=True) for url in places)):
            if answer.problem in ("", "absent"):
                heard[answer.question.url] = answer.wheels
            elif _is_dead(answer):
                dead.append(answer)
            else:
                silent.setdefault(urlsplit(answer.question.url).netloc, answer)
        catalogue = with_dead(replace(catalogue, heard_of_built=heard), dead)
    told_before = {note.facts.get("index") for note in catalogue.notes}
    new = [n for n in unreachable_notes(silent.values()) if n.facts["index"] not in told_before]
    return replace(catalogue, notes=(*catalogue.notes, *new))


def _is_dead(answer: Answer) -> bool:
    """Return whether a place of a family cannot be had now."""
    return answer.problem in _DEAD


def with_dead(catalogue: Catalogue, answers: Iterable[Answer]) -> Catalogue:
    """Return the catalogue with what these answers showed to be dead, and a note on each.

    A host that does not answer has no page, one that says that it has none has others.
    """
    dead: dict[Place, tuple[str, str]] = {}
    for answer in answers:
        where = place(answer.question.source)
        if _is_dead(answer):
            where = where[:1]
        elif answer.problem != _ABSENT:
            continue
        dead.setdefault(where, (redact(answer.question.source), answer.detail))
    new = {where: said for where, said in dead.items() if where not in catalogue.dead}
    if not new:
        return catalogue
    notes = tuple(not_used(index, detail) for index, detail in new.values())
    return replace(catalogue, dead={**catalogue.dead, **new}, notes=(*catalogue.notes, *notes))


def without_dead_places(problem: Problem, catalogue: Catalogue, ask: AskIndex) -> Catalogue:
    """Return what exists without the families' indexes and pages that cannot be had.

    Those of the plan are asked, then those that are planned in their place.
    """
    asked: set[str] = set(catalogue.heard_of_built)
    for _ in range(_ROUNDS_OF_PLANS):
        questions = tuple(_questions(plan_problem(problem, catalogue), problem, asked))
        if not questions:
            break
        asked.update(one.source for one in questions)
        answers = ask(questions)
        lists = {one.question.source for one in answers if one.problem != _ABSENT}
        known = catalogue
        catalogue = with_dead(
            catalogue,
            (a for a in answers if a.problem != _ABSENT or a.question.source not in lists),
        )
        if catalogue is known:
            break
    return catalogue


def _questions(plan: Plan, problem: Problem, asked: set[str]) -> Iterator[Question]:
    """Yield a question for each package in each place that a plan adds."""
    sources = problem.request.sources
    known = asked.union(sources.index_urls, sources.find_links)
    for part in plan.families:
        for index in part.index_urls:
            if index not in known:
                for package in part.packages:
                    yield Question(index, f"{index.rstrip('/')}/{package}/", package)
        for page in part.find_links:
            if page not in known:
                yield Question(page, page, flat=True)


def with_served(problem: Problem, catalogue: Catalogue, ask: AskIndex) -> Catalogue:
    """Return what exists with the packages that a project's index in force has a page of.

    Only an index of one variant is asked: one of a company has a page of everything.
    """
    indexes = [
        one.url
        for one in problem.addresses
        if VARIANT_FOLDER.search(one.url)
        and (one.kind == PROJECT or one.url in catalogue.foreign)
        and one.url not in problem.request.sources.find_links
    ]
    asks = read_asks(problem, catalogue.spelt) if indexes else ()
    named = {one.package for one in asks if any(build.index for build in one.family.builds)}
    questions = tuple(
        Question(url, f"{url.rstrip('/')}/{name}/", name)
        for url in indexes
        for name in sorted(named)
    )
    if not questions:
        return catalogue
    found = {one.question.package: one.question.source for one in ask(questions) if not one.problem}
    return replace(catalogue, served=found)


def places_in_question(problem: Problem, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the addresses not asked yet that a plan takes files from.

    Where one was heard not to have what the data says, those of every other lead that could be
    planned instead are among them: they can be asked at once.
    """
    asks = read_built_asks(problem, catalogue.built)
    if is_left(problem, catalogue) or not asks:
        return ()
    plan = plan_problem(problem, catalogue)
    found = [*_places_of(plan, catalogue)]
    if not catalogue.heard_of_built:
        found += _pages_for_newest(asks, plan, problem, catalogue)
    elif any(one not in catalogue.heard_of_built for one in found):
        found += _files_for_others(asks, plan, problem, catalogue)
    return tuple(one for one in dict.fromkeys(found) if one not in catalogue.heard_of_built)


def _places_of(plan: Plan, catalogue: Catalogue) -> Iterator[str]:
    names = {one.name for one in catalogue.built}
    for part in plan.families:
        if part.family in names:
            yield from (*part.find_links, *part.files)


def _pages_for_newest(
    asks: Sequence[BuiltAsk], plan: Plan, problem: Problem, catalogue: Catalogue
) -> Iterator[str]:
    """Yield the pages for the newest lead, which may be newer than what is known of them."""
    pages = {ask.family.page for ask in asks if ask.family.page}
    if not pages:
        return
    without = {ask.at for ask in asks}
    kept = tuple(one for at, one in enumerate(problem.requirements) if at not in without)
    free = plan_problem(replace(problem, requirements=kept), catalogue)
    for found in (lead_of(free, problem), lead_of(plan, problem)):
        if isinstance(found, Against):
            yield from (found.of(page) for page in pages)


def _files_for_others(
    asks: Sequence[BuiltAsk], plan: Plan, problem: Problem, catalogue: Catalogue
) -> Iterator[str]:
    """Yield the addresses of files for every lead that a plan could choose."""
    found = lead_of(plan, problem)
    leads = [found] if isinstance(found, Against) else []
    if is_chosen(plan, problem):
        leads += (one for _, one in running_builds(problem, catalogue))
    for ask in asks:
        for one in dict.fromkeys(leads):
            yield from (file.place for file in files_known(ask, one, problem) if file.place)
