"""Rule 12 for conda: what a planned lead does not work with is kept out by a pin for the run.

conda's pins install nothing and bound whatever brings a package in; a spec would ask for it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from conda.base.context import context

from conda_cuda_guard.planner.known_conflicts import bounds_told, conflict_bounds, conflict_notes
from conda_cuda_guard.planner.problem import read_problem

from .hook_state import catalogue

if TYPE_CHECKING:
    from conda_cuda_guard.model import Plan, Request
    from conda_cuda_guard.planner.problem import Problem

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
