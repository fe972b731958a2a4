"""Conda requests that choose a CUDA version without torch: `cupy cuda-version=12.4`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, Plan

from .as_is import unchanged
from .asking import SELECTORS
from .driver import MINOR_COMPATIBLE, level
from .versions import version

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue

    from .situation import Situation


def check(situation: Situation, catalogue: Catalogue) -> Plan:
    """Keep the request where the driver runs a CUDA version that it allows; refuse it otherwise."""
    asks = [ask for ask in situation.of(*SELECTORS) if ask.wish and not ask.wish.cpu]
    if not asks or not situation.drivers or situation.request.as_is:
        return unchanged(situation.request)
    allowed = [r.cuda for r in catalogue.drivers.rows if all(r.cuda in a.allows for a in asks)]
    if not allowed:
        return unchanged(situation.request)
    host = situation.drivers[0]
    oldest = min(allowed, key=version)
    how = level(oldest, host, catalogue.drivers)
    facts = {
        "build": " ".join(ask.text for ask in asks),
        "cuda": oldest,
        "host_cuda": host.cuda or "",
        "driver": host.driver or "",
    }
    if how is None or (how == MINOR_COMPATIBLE and situation.request.policy == "strict"):
        note = Note("cuda-newer-than-driver", "error", "", facts)
        return Plan(situation.request.id, "conda", "refused", notes=(note,))
    if how == MINOR_COMPATIBLE:
        return unchanged(
            situation.request, None, (Note("driver-minor-compatible", "warning", "", facts),)
        )
    return unchanged(situation.request)
