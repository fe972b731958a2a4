"""Runs of pip for lines that leave the family's versions open: pip chooses what is admitted."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard.planner.installed import Kept, keep_installed
from conda_cuda_guard.planner.lead_bounds import about_conflicts
from conda_cuda_guard.planner.pip_sources import missing_options
from conda_cuda_guard.planner.requirement import LEAD, MEMBER
from pip_hook.rewriting import rewrite_line
from pip_hook.target import own_target

from .constraints import bounds_for
from .explain_failure import would_install
from .mending import moved_with
from .run_end import RunEnd, run_within
from .spelt_bounds import bounds_beside

if TYPE_CHECKING:
    from conda_cuda_guard.model import Plan
    from conda_cuda_guard.planner.problem import Problem
    from conda_cuda_guard.planner.requirement import Requirement
    from pip_hook.command_line import CommandLine
    from pip_hook.deciding import LineDecision
    from pip_hook.run_pip import Run

    from .constraints import Bounds


def open_run(line: CommandLine, decision: LineDecision, run: Run) -> Callable[[], int]:
    """Return the function that carries out a line whose other packages may choose the version.

    The requirements stay as typed, and pip takes the planned build unless they ask for another.
    """
    problem, lead = decision.problem, decision.catalogue.family.lead.pip
    typed_leads = [one.text for one in problem.of(LEAD)] or [lead]
    others = about_conflicts(decision.request.requirements, decision.catalogue.family)
    followers = [one.text for one in problem.of(MEMBER) if _is_named_follower(one, problem)]
    bounded = partial(
        bounds_for,
        replace(decision.request, requirements=(*typed_leads, *followers, *others), origins=()),
        decision.catalogue,
        asked=True,
        target=own_target(line, decision.settings),
        stays=isinstance(keep_installed(problem, decision.catalogue), Kept),
    )
    typed = replace(decision.plan, pins=decision.open_pins)
    sources = [
        word
        for one in decision.plan.families
        for word in missing_options(one.index_urls, one.find_links, decision.request.sources)
    ]
    planned = decision.plan.packages.get(lead)
    beside = bounds_beside(line, decision)
    there, moved = decision.request.installed, _moved(decision.plan, problem)

    def words_with(bounds: Bounds) -> list[str]:
        options = [*decision.options, *bounds.options, *beside.options, *sources]
        return rewrite_line(line, typed, options, decision.in_files)

    narrow = wide = bounded(planned=decision.plan)
    by_index = problem.wish is not None and problem.wish.url is not None
    if by_index and decision.catalogue.files:
        wide = bounded(planned=None)

    def carry_out() -> int:
        bounds = _within_reach(narrow, wide, words_with, line)
        words = words_with(bounds)
        if moved and there is not None:
            taken = would_install(words, line) or {}
            words += moved_with(taken, moved, there, decision.catalogue, named=True)
        ended = RunEnd(line, decision.settings, problem, decision.catalogue, there, planned, beside)
        return run_within(run, words, bounds, ended)

    return carry_out


def _within_reach(
    narrow: Bounds, wide: Bounds, words_with: Callable[[Bounds], list[str]], line: CommandLine
) -> Bounds:
    """Return the bounds to the variant of an index in force, or `wide` where pip needs these.

    Such an index may be left over, and end before the release that another package asks for.
    """
    if not narrow.allowed or not wide.allowed or wide.allowed[0] in narrow.allowed:
        return narrow
    if would_install(words_with(narrow), line) is not None:
        return narrow
    return narrow if would_install(words_with(wide), line) is None else wide


def _is_named_follower(one: Requirement, problem: Problem) -> bool:
    return one.package in problem.family.followers and not one.origin.is_bound


def _moved(plan: Plan, problem: Problem) -> tuple[str, ...]:
    """Return the companions of a plan that were not named."""
    return tuple(
        name
        for name in problem.family.companions
        if name in plan.packages and name not in problem.companions
    )
