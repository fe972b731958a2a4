"""Conda requests that choose a CUDA version without torch: `cupy cuda-version=12.4`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Host, Note, Plan

from .as_is import unchanged
from .asking import CUDA_BUILD, METAPACKAGES, SELECTORS
from .driver import MINOR_COMPATIBLE, level
from .versions import version

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue

    from .asking import Ask
    from .situation import Situation


def check(situation: Situation, catalogue: Catalogue) -> Plan:
    """Keep the request where every driver runs a CUDA version that it allows; else refuse it."""
    request = situation.request
    roles = (*SELECTORS, *METAPACKAGES, CUDA_BUILD)
    asks = [ask for ask in situation.of(*roles) if ask.role != "cpuonly"]
    rows = catalogue.drivers.rows
    allowed = [row.cuda for row in rows if all(row.cuda in ask.allows for ask in asks)]
    if not allowed or all(ask.allows.is_any for ask in asks):
        return unchanged(request)
    oldest = min(allowed, key=version)
    levels = [(level(oldest, host, catalogue.drivers), host) for host in situation.with_driver]
    strict = request.policy == "strict"
    for how, host in levels:
        if how is None or (how == MINOR_COMPATIBLE and strict):
            case = "strict" if how else "as-is" if request.as_is else ""
            facts = {**_facts(asks, oldest, host), "specs": with_older_cuda(situation, host)}
            if request.as_is:
                note = Note("cuda-newer-than-driver", "warning", case, facts)
                return unchanged(request, None, (note,))
            note = Note("cuda-newer-than-driver", "error", case, facts)
            return Plan(request.id, "conda", "refused", notes=(note,))
    notes = (
        Note("driver-minor-compatible", "warning", "", _facts(asks, oldest, host))
        for how, host in levels
        if how == MINOR_COMPATIBLE
    )
    return unchanged(request, None, tuple(notes)[:1])


def with_older_cuda(situation: Situation, host: Host) -> str:
    """Write the specs so that they allow no CUDA newer than a host's; empty where it is not known.

    What the specs say of CUDA is replaced; where they say nothing, conda-forge's `cuda-version`
    holds every package that has a CUDA version.
    """
    if not host.cuda:
        return ""
    bounds, kept = [], []
    for ask in situation.asks:
        if ask.role in (*SELECTORS, *METAPACKAGES) and ask.role != "cpuonly":
            bounds.append(f"{ask.head}<={host.cuda}")
        else:
            kept.append(ask.head if ask.role == CUDA_BUILD else ask.text)
    return shlex.join([*kept, *(bounds or [f"cuda-version<={host.cuda}"])])


def _facts(asks: list[Ask], cuda: str, host: Host) -> dict[str, str]:
    return {
        "build": " ".join(ask.text for ask in asks),
        "cuda": cuda,
        "host_cuda": host.cuda or "",
        "driver": host.driver or "",
    }
