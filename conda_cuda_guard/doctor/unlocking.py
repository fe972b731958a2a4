"""What a newer driver would allow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase, Request
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.driver import minimum_driver
from conda_cuda_guard.planner.versions import version
from conda_cuda_guard.sources import from_catalogue

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host

_TORCH = {"pip": "torch", "conda": "pytorch"}


def next_branch(host: Host, manager: str) -> list[str]:
    """Say which torch a newer driver would allow; nothing where this one runs the newest."""
    if host.cuda is None:
        return []
    catalogue = from_catalogue(manager, host.platform)
    request = Request(manager, (_TORCH[manager],), (host,))
    now = _choice(make_plan(request, catalogue).requirements)
    newer = [row for row in catalogue.drivers.rows if version(row.cuda) > version(host.cuda)]
    for row in reversed(newer):
        minimum = minimum_driver(row, host.platform)
        if minimum is None:
            continue
        then = replace(host, driver=minimum, cuda=row.cuda)
        plan = make_plan(replace(request, hosts=(then,)), catalogue)
        choice = _choice(plan.requirements)
        if plan.status != "refused" and choice != now:
            told = Phrase(
                "driver {minimum} and newer (CUDA {cuda}) would allow {choice}",
                minimum=minimum,
                cuda=row.cuda,
                choice=choice,
            )
            return [told]
    return []


def _choice(requirements: tuple[str, ...]) -> str:
    return " ".join(requirements)
