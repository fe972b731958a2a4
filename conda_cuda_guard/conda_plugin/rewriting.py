"""`cuda_guard: rewrite`: a plain `conda install` or `create` gets the plan's specs and channels.

conda calls pre-command hooks when it has read the command line and before the command looks at it.
The lists of specs and files are changed in place there, and the context reads the channels anew, as
conda's own main does: nothing of conda is replaced. `conda env …` and `conda update` have no specs
to rewrite (a file of its own; names alone): they are warned about as ever.

Rule 12: what a planned lead does not work with is kept out by a pin for the run. conda's pins
install nothing and bound whatever brings a package in; a spec would ask for it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conda.base.context import context
from conda.models.match_spec import MatchSpec

from conda_cuda_guard.host.overrides import Options, read_overrides
from conda_cuda_guard.planner.lead_bounds import bounds_told, conflict_bounds, conflict_notes
from conda_cuda_guard.planner.problem import read_problem

from . import environment
from .hook_entry import specs_concern_cuda
from .hook_state import catalogue, note_planned, process
from .planning import conda_request, plan_asked, refused, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conda_cuda_guard.model import Plan, Request
    from conda_cuda_guard.planner.problem import Problem

_PACKAGE_FILES = (".conda", ".tar.bz2")


def rewrite_command() -> None:
    """Plan the command line that conda has read, and put the plan in its place.

    A refusal stops the command. Nothing is changed before the plan is there, so that after a fault
    of ours the command goes on as typed.
    """
    if process.planned:
        return  # the install inside `conda cuda-install`
    answered = _answer()
    if answered is None:
        return
    plan, request = answered
    if plan.status == "refused":
        raise refused(plan)
    tell(plan, "cuda-guard")
    _put(plan, pinned=keep_out(plan, request))
    note_planned(plan, request)


def _answer() -> tuple[Plan, Request] | None:
    """Plan the specs, where they concern CUDA and this machine has it."""
    specs = _specs()
    if not specs or not specs_concern_cuda(MatchSpec(spec) for spec in specs):
        return None
    request = conda_request(specs, read_overrides(Options(), os.environ))
    if not any(host.has_cuda for host in request.hosts):
        return None
    return with_conflicts(plan_asked(request), request, run=True), request


def _specs() -> Sequence[str] | None:
    """Return the specs of the line and its files; None for files that conda takes as they are."""
    typed = environment.command_line()
    specs = typed.get("packages") or ()
    if any(spec.endswith(_PACKAGE_FILES) for spec in specs):
        return None
    of_files = environment.specs_of_files(typed.get("file") or ())
    return None if of_files is None else [*specs, *of_files]


def _put(plan: Plan, *, pinned: bool) -> None:
    """Put the plan's specs and channels in the command line; `pinned`: there are new pins."""
    typed: dict[str, Any] = dict(environment.command_line())
    specs, files, channels = typed["packages"], typed.get("file"), typed.get("channel")
    if plan.status == "ok":
        specs[:] = plan.requirements
        if files:
            files[:] = []
    if plan.channels:
        # First, so that strict priority does not let another channel hide the CUDA builds.
        typed["channel"] = [*plan.channels, *(channels or ())]
        if channels is not None:
            channels[:] = typed["channel"]
    if plan.channels or pinned:
        context.__init__(argparse_args=typed)


# What is read anew with the context, beside the pins of the configuration.
_VARIABLE = "CONDA_PINNED_PACKAGES"
_BETWEEN = "&"


def with_conflicts(plan: Plan, request: Request, *, run: bool) -> Plan:
    """Return a plan with what there is to say of the conflicts of its lead.

    Of the pins nothing is said where the plan is not `run`: they are none of the plan's words.
    """
    release, problem = _planned(plan, request)
    if not release:
        return plan
    told = conflict_notes(release, problem)
    if run and not context.ignore_pinned:
        told += bounds_told(release, problem)
    return replace(plan, notes=(*plan.notes, *told))


def keep_out(plan: Plan, request: Request) -> bool:
    """Add the pins to those in force; return whether there are any for the context to read."""
    release, problem = _planned(plan, request)
    pins = conflict_bounds([release], problem) if release else ()
    if not pins:
        return False
    own = os.environ.get(_VARIABLE, "")
    os.environ[_VARIABLE] = _BETWEEN.join(filter(None, (own, *pins)))
    return True


def _planned(plan: Plan, request: Request) -> tuple[str, Problem]:
    """Return the release of the planned lead, empty where there is none, and the problem."""
    problem = read_problem(request, catalogue())
    return plan.packages.get(problem.lead_name, ""), problem
