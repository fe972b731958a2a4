"""The planner: request + hosts + sources + catalogue → plan. Pure; knows neither pip nor conda."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, Plan

from . import check_specs, installed
from .compatibility import complete, with_stand_ins
from .conda_format import spell_conda
from .decision import Refused, decide
from .pip_format import spell_pip
from .pip_parse import is_nightly
from .problem import read_problem, restrictions

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue, Request

__all__ = ["complete", "make_plan", "with_stand_ins"]


def make_plan(request: Request, catalogue: Catalogue) -> Plan:
    """Decide a request (contract, section 4).

    `request.hosts` holds at least one machine, and all are of the catalogue's platform.
    """
    problem = read_problem(request, catalogue)
    unread = next((requirement for requirement in problem.parsed if requirement.unread), None)
    if unread is not None and not request.as_is:
        note = Note("spec-not-read", "error", "", {"spec": unread.text})
        return Plan(request.id, request.manager, "refused", notes=(note,))
    if not problem.family:
        return installed.by_address(check_specs.check_cuda_selectors(problem, catalogue), problem)
    sources = request.sources
    if is_nightly((*sources.index_urls, *sources.find_links)):
        return check_specs.unchanged(request)
    if request.as_is:
        return check_specs.check_as_typed(problem, catalogue)
    stays = installed.kept(problem, catalogue)
    if stays is not None:
        return replace(stays, notes=(*stays.notes, *catalogue.notes))
    problem = installed.name_torch_beside(problem)
    decision = decide(problem, catalogue)
    if isinstance(decision, Refused):
        notes = (*decision.notes, *restrictions(problem, "error"), *catalogue.notes)
        return Plan(request.id, request.manager, "refused", notes=notes)
    spell = spell_pip if problem.is_pip else spell_conda
    plan = installed.announced(spell(problem, decision, catalogue), problem, catalogue)
    notes = (*plan.notes, *restrictions(problem, "info"), *catalogue.notes)
    return replace(plan, notes=notes)
