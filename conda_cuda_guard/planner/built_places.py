"""The pages and files that tell what is built against the lead, for those that can ask them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Against

from .built_files import files_known, read_built_asks
from .built_lead import is_chosen, is_left, lead_of, running
from .pipeline import plan_problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conda_cuda_guard.model import Catalogue, Plan

    from .built_files import BuiltAsk
    from .problem import Problem


def places_in_question(problem: Problem, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the addresses not heard of yet that a plan takes files from.

    Where one was heard not to have what the data says, those of every other lead that could be
    planned instead are among them: they can be asked at once.
    """
    asks = read_built_asks(problem, catalogue.built)
    if is_left(problem, catalogue) or not asks:
        return ()
    plan = plan_problem(problem, catalogue)
    found = [*_planned(plan, catalogue)]
    if not catalogue.heard_of_built:
        found += _newer(asks, plan, problem, catalogue)
    elif any(one not in catalogue.heard_of_built for one in found):
        found += _others(asks, plan, problem, catalogue)
    return tuple(one for one in dict.fromkeys(found) if one not in catalogue.heard_of_built)


def _planned(plan: Plan, catalogue: Catalogue) -> Iterator[str]:
    names = {one.name for one in catalogue.built}
    for part in plan.families:
        if part.family in names:
            yield from (*part.find_links, *part.files)


def _newer(
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


def _others(
    asks: Sequence[BuiltAsk], plan: Plan, problem: Problem, catalogue: Catalogue
) -> Iterator[str]:
    """Yield the addresses of files for every lead that a plan could choose."""
    found = lead_of(plan, problem)
    leads = [found] if isinstance(found, Against) else []
    if is_chosen(plan, problem):
        leads += (one for _, one in running(problem, catalogue))
    for ask in asks:
        for one in dict.fromkeys(leads):
            yield from (file.place for file in files_known(ask, one, problem) if file.place)
