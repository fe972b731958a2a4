"""What conda's configuration rules out: pinned specs, forbidden channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note

if TYPE_CHECKING:
    from .situation import Situation


def restrictions(situation: Situation, severity: str) -> tuple[Note, ...]:
    """Tell of the restrictions that a plan was made under, or could not be made under."""
    notes = []
    if situation.pins:
        pins = " ".join(pin.text for pin in situation.pins)
        notes.append(Note("pinned-spec", severity, "", {"pins": pins}))
    forbidden = situation.request.sources.forbidden
    if forbidden:
        names = ", ".join(sorted(forbidden))
        notes.append(Note("channel-forbidden", severity, "", {"channels": names}))
    return tuple(notes)
