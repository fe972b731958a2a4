"""The torch that is already there and has to go: said, and seen to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note

from .asking import TORCH, TORCH_BY_ADDRESS, Ask
from .standing import public, runs

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue, Installed, Plan

    from .situation import Situation


def beside(situation: Situation) -> Situation:
    """Name torch beside companions alone: pip would be content with the one that has to go."""
    if situation.request.installed is None or situation.of(TORCH, TORCH_BY_ADDRESS):
        return situation
    return replace(situation, asks=(*situation.asks, Ask(TORCH, TORCH, head=TORCH)))


def announced(plan: Plan, situation: Situation, catalogue: Catalogue) -> Plan:
    """Say which torch goes for the planned one, and see to it that it does."""
    there, planned = situation.request.installed, plan.packages.get(TORCH)
    if there is None or planned is None or planned == there.version:
        return plan
    same = planned == public(there)
    texts = tuple(
        _exactly(text, planned) if same and ask.role == TORCH else text
        for ask, text in zip(situation.asks, plan.requirements)
    )
    requirements = (*texts, *plan.requirements[len(texts) :])
    notes = _notes(there, planned, _why(there, situation, catalogue))
    options = plan.command[2 + len(plan.requirements) :]
    return replace(
        plan,
        status="ok" if requirements != situation.request.requirements else plan.status,
        requirements=requirements,
        command=("pip", "install", *requirements, *options),
        notes=(*plan.notes, *notes),
    )


def by_address(plan: Plan, situation: Situation) -> Plan:
    """Say which torch goes for one that is named by its file, which stays as it was typed."""
    there, asks = situation.request.installed, situation.of(TORCH_BY_ADDRESS)
    if there is None or not asks:
        return plan
    label = asks[0].wish.text if asks[0].wish else ""
    planned = str(asks[0].allows).removeprefix("==") + label
    if planned == there.version:
        return plan
    return replace(plan, notes=(*plan.notes, *_notes(there, planned, "asked", "warning")))


def _notes(there: Installed, planned: str, case: str, severity: str = "info") -> list[Note]:
    goes = {"installed": f"torch {there.version}"}
    facts = {**goes, "planned": f"torch {planned}"}
    notes = [Note("installed-build-replaced", severity, case, facts)]
    if there.by_conda:
        mixed = {**goes, "package": f"torch {planned}"}
        notes.append(Note("pip-conda-mix", "warning", "pip-over-conda", mixed))
    return notes


def _exactly(text: str, planned: str) -> str:
    """Ask for the build without a label: pip holds 2.9.1+cpu for what `==2.9.1` asks for."""
    return text if "===" in text else text.replace(f"=={planned}", f"==={planned}", 1)


def _why(there: Installed, situation: Situation, catalogue: Catalogue) -> str:
    if there.cuda is None and situation.with_driver and not there.is_other:
        return "cpu"
    if there.is_other or runs(there, situation, catalogue):
        return "asked"
    return "unfit"
