"""The indexes and pages of families that cannot be had now: pip is not handed them (section 5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Question, redact
from conda_cuda_guard.model.addresses import place
from conda_cuda_guard.planner.pip_sources import not_used
from conda_cuda_guard.planner.pipeline import plan_problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.model import Answer, Catalogue, Plan
    from conda_cuda_guard.model.addresses import Place
    from conda_cuda_guard.planner.problem import Problem

    from .listening import AskIndex

# What pip would fail on as well, whatever the page holds. One that is slow may still answer it.
_DEAD = ("unreachable", "untrusted", "certificate", "login-needed", "server-error")
_ABSENT = "absent"
# Each may show that another one is planned instead.
_ROUNDS = 4


def cannot_be_had(answer: Answer) -> bool:
    """Return whether a place of a family cannot be had now."""
    return answer.problem in _DEAD


def with_dead(catalogue: Catalogue, answers: Iterable[Answer]) -> Catalogue:
    """Return the catalogue with what these answers showed to be dead, and a note on each.

    A host that does not answer has no page, one that says that it has none has others.
    """
    dead: dict[Place, tuple[str, str]] = {}
    for answer in answers:
        where = place(answer.question.source)
        if cannot_be_had(answer):
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
    for _ in range(_ROUNDS):
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
    """Yield a question for each package in each place of a plan that nobody has typed."""
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
