"""Runs of pip that choose versions themselves: what may come in is bounded."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard import catalogue as built_in
from conda_cuda_guard.model import GuardError, internal_error
from conda_cuda_guard.planner.agreement import cuda_beside
from conda_cuda_guard.planner.installed import Kept, keep_installed, stays_unnamed
from conda_cuda_guard.planner.lead_bounds import about_conflicts, conflict_notes
from conda_cuda_guard.planner.pip_sources import missing_options
from conda_cuda_guard.planner.requirement import LEAD, MEMBER
from conda_cuda_guard.rendering import note_lines, tell_error
from conda_cuda_guard.rendering.output import err, trace
from pip_hook.dead_sources import DeadSources, without_dead
from pip_hook.deciding import circumstances, every_member, heard, problem_of, request_for
from pip_hook.files.file_edits import Copier
from pip_hook.files.file_requests import asked
from pip_hook.rewriting import rewrite_line
from pip_hook.target import own_target, takes_constraints

from .constraints import bounds_for
from .mending import moved_with
from .pip_report import would_install
from .run_end import RunEnd, run_within
from .spelt_bounds import bounds_beside, spelt_bounds

if TYPE_CHECKING:
    from conda_cuda_guard.model import Installed, Plan, Sources
    from conda_cuda_guard.planner.problem import Problem
    from conda_cuda_guard.planner.requirement import Requirement
    from pip_hook.command_line import CommandLine
    from pip_hook.deciding import Circumstances, LineDecision
    from pip_hook.run_pip import Run

    from .constraints import Bounds


def held(line: CommandLine, run: Run, beside: str | None = None) -> Callable[[], int] | None:
    """Return the function that carries out a line which does not name the lead.

    What comes in is bounded, also to the major version of the CUDA `beside` it. None where it runs
    as typed, as it does on an internal error, which is told. `run` runs pip with an argument list
    and returns its exit status.
    """
    try:
        return _bounded_run(line, run, beside)
    except GuardError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours, whatever it is
        trace(error)
        tell_error(internal_error("pipcuda", error))
        return None


def _bounded_run(line: CommandLine, run: Run, beside: str | None) -> Callable[[], int] | None:
    around = circumstances(line)
    if not _may_constrain(line, around):
        return None
    # The lead was not named: what is to be upgraded is something else.
    family = built_in.family()
    typed = asked([line.words[at] for at in line.requirements], around.files, around.hosts[0])
    texts = (family.lead.pip, *about_conflicts(typed.texts, family))
    request = replace(request_for(texts, line, around), upgrade=False)
    problem = problem_of(request)
    # Builds for another accelerator, or nightly ones: the line is left alone.
    is_left = any(one.is_left for one in problem.addresses)
    if is_left or not takes_constraints(line, around.settings, around.files):
        return None
    catalogue = heard(
        problem,
        line,
        around.overrides,
        own=_has_own(request.sources),
        packages=every_member(problem),
    )
    dead = DeadSources.of(catalogue, request.sources)
    Copier([], dead.is_named_by).replace_files(line, around.files)
    line = without_dead(line, dead, around.settings)
    within = partial(
        bounds_for,
        request,
        catalogue,
        asked=not around.overrides.offline,
        target=own_target(line, around.settings),
        beside=beside,
    )
    bounds = within(stays=stays_unnamed(problem, catalogue))
    kept = bounds.kept
    others = spelt_bounds(
        line,
        problem,
        catalogue,
        settings=around.settings,
        files=around.files,
        lead=(kept.release, kept.cuda) if kept is not None else None,
    )
    there = request.installed
    ended = RunEnd(line, around.settings, problem, catalogue, there, others=others)
    _tell_of_conflicts(bounds, problem)

    def words_with(bounds: Bounds) -> list[str]:
        return line.with_options((*bounds.options, *others.options))

    def of_variant(name: str) -> int:
        again = copy(line)
        again.guard = [*line.guard, ("--variant", name)]
        return (held(again, run, beside) or partial(run, again.words))()

    once_more = None if request.variant else of_variant

    def carry_out() -> int:
        words, found = words_with(bounds), bounds
        if there is not None and bounds.kept is None and bounds.allowed:
            taken = would_install(words, line) or {}
            if bounds.lead in taken:
                words += moved_with(taken, _companions(there), there, catalogue, named=False)
            elif any(name in taken for name in built_in.family().moving):
                # No other lead is asked for: what is installed is to belong to this one.
                found = within(stays=True)
                words = words_with(found)
        return run_within(run, words, found, ended, once_more)

    return carry_out


def _tell_of_conflicts(bounds: Bounds, problem: Problem) -> None:
    """Warn before pip runs where what was typed does not work with the lead that stays."""
    if bounds.kept is None:
        return
    notes = conflict_notes(bounds.kept.release, problem)
    typed = [one for one in notes if one.case == "asked"]
    for text in note_lines(typed):
        err(text)


def _companions(there: Installed) -> tuple[str, ...]:
    """Return the installed companions of a lead."""
    moving = built_in.family().moving
    return tuple(one.name for one in there.beside if one.name in moving)


def _has_own(sources: Sources) -> bool:
    """Return whether sources beside the default index are in force, which may have labels."""
    return bool(sources.index_urls or sources.find_links)


def _may_constrain(line: CommandLine, around: Circumstances) -> bool:
    if around.overrides.as_is or not _installs_something(line, around):
        return False
    # On macOS there is one build: nothing to constrain.
    return not around.hosts[0].platform.startswith("macos")


def _installs_something(line: CommandLine, around: Circumstances) -> bool:
    # pip alone reads groups and files at URLs: what they depend on is constrained too.
    unread = line.values("--group") or line.values("--requirement")
    named = line.requirements or line.values("--editable") or unread
    return bool(named or around.files.roots or around.settings.get("group"))


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
        beside=cuda_beside(decision.plan, decision.catalogue),
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

    def words_with(*options: str) -> list[str]:
        more = [*decision.options, *options, *beside.options, *sources]
        return rewrite_line(line, typed, more, decision.in_files)

    narrow = wide = bounded(planned=decision.plan)
    by_index = problem.wish is not None and problem.wish.url is not None
    if by_index and decision.catalogue.files:
        wide = bounded(planned=None)

    def carry_out() -> int:
        bounds = _within_reach(narrow, wide, words_with, line)
        words = words_with(*bounds.options)
        if moved and there is not None:
            taken = would_install(words, line) or {}
            words += moved_with(taken, moved, there, decision.catalogue, named=True)
        ended = RunEnd(
            line,
            decision.settings,
            problem,
            decision.catalogue,
            there,
            planned,
            beside,
            unbound=words_with(),
        )
        return run_within(run, words, bounds, ended)

    return carry_out


def _within_reach(
    narrow: Bounds, wide: Bounds, words_with: Callable[..., list[str]], line: CommandLine
) -> Bounds:
    """Return the bounds to the variant of an index in force, or `wide` where pip needs these.

    Such an index may be left over, and end before the release that another package asks for.
    """
    if not narrow.allowed or not wide.allowed or wide.allowed[0] in narrow.allowed:
        return narrow
    if would_install(words_with(*narrow.options), line) is not None:
        return narrow
    return narrow if would_install(words_with(*wide.options), line) is None else wide


def _is_named_follower(one: Requirement, problem: Problem) -> bool:
    return one.package in problem.family.followers and not one.origin.is_bound


def _moved(plan: Plan, problem: Problem) -> tuple[str, ...]:
    """Return the companions of a plan that were not named."""
    return tuple(
        name
        for name in problem.family.companions
        if name in plan.packages and name not in problem.companions
    )
