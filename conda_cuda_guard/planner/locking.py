"""`--locked`: the planned files by their addresses and hashes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, Plan

from .asking import COMPANIONS, TORCH

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue, Wheel

    from .asking import Ask
    from .situation import Situation


def lock(plan: Plan, asks: tuple[Ask, ...], situation: Situation, catalogue: Catalogue) -> Plan:
    """Name every planned file by its address and sha256; refuse where the index gives none."""
    requirements = list(plan.requirements)
    for at, ask in enumerate(asks):
        if ask.role not in (TORCH, *COMPANIONS):
            continue
        number = plan.packages[ask.role or ""]
        wheel = _file(ask.role or "", number, situation, catalogue)
        if wheel is None or not wheel.sha256:
            facts = {"file": f"{ask.role} {number}", "what": "address" if wheel is None else "hash"}
            note = Note("cannot-lock", "error", "", facts)
            return Plan(plan.id, "pip", "refused", notes=(note, *plan.notes))
        requirements[at] = f"{ask.head} @ {wheel.url}#sha256={wheel.sha256}{ask.tail}"
    options = plan.command[2 + len(plan.requirements) :]
    command = ("pip", "install", *requirements, *options)
    return replace(plan, status="ok", requirements=tuple(requirements), command=command)


def _file(package: str, number: str, situation: Situation, catalogue: Catalogue) -> Wheel | None:
    """Find the file that pip would take for these machines: one, or none where they differ."""
    pythons = {host.python for host in situation.hosts}
    for wheel in catalogue.files:
        if (wheel.package, wheel.version) != (package, number) or wheel.yanked:
            continue
        fits = not wheel.pythons or pythons <= wheel.pythons
        if situation.platform in wheel.platforms and fits:
            return wheel
    return None
