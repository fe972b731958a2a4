"""Before conda's solve: what is wrong with the specs as typed, and what to type instead."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note

from . import as_is, lone_selector
from .asking import COMPANIONS, TORCH
from .companions import right_pair
from .situation import read
from .supply import PYTORCH_CHANNEL, channel_name, supply
from .versions import version

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue, Request

    from .situation import Situation
    from .supply import Supply

_OTHER_CARRIERS = {"conda-forge", "defaults", "main"}


def check_specs(request: Request, catalogue: Catalogue) -> tuple[Note, ...]:
    """Check a conda request; nothing is said on a machine without a driver but wrong names."""
    situation = read(replace(request, as_is=True), catalogue)
    if not situation.family:
        lone = lone_selector.check(situation, catalogue).notes
        return tuple(replace(note, case="typed") for note in lone)
    stock = supply(situation, catalogue)
    notes = [*_wrong_name(situation), *_wrong_pair(situation, stock)]
    notes += _channel_ended(situation, stock, catalogue)
    if situation.with_driver and not notes:
        notes += [replace(note, case="typed") for note in as_is.check(situation, catalogue).notes]
    return tuple(notes)


def _wrong_name(situation: Situation) -> list[Note]:
    """Tell pip's way of naming things: `torch`, and `+cu121` in a version."""
    asks = situation.of(TORCH)
    if any(ask.head.rpartition("::")[2].lower() == "torch" for ask in asks):
        return [Note("name-is-pytorch-on-conda", "warning", "typed")]
    label = next((ask.wish.text for ask in asks if ask.wish and ask.wish.text[0] == "+"), None)
    return [Note("name-is-pytorch-on-conda", "warning", "label", {"label": label})] if label else []


def _wrong_pair(situation: Situation, stock: Supply) -> list[Note]:
    if stock.paired or not stock.releases:
        return []
    asks = situation.of(*COMPANIONS)
    facts = {
        "asked": " ".join(ask.text for ask in situation.family),
        "pair": " ".join(right_pair(stock.releases, asks, situation)),
    }
    return [Note("companion-mismatch", "warning", "", facts)]


def _channel_ended(situation: Situation, stock: Supply, catalogue: Catalogue) -> list[Note]:
    """Tell a release that none of the channels in force can have (2.6 and later from pytorch)."""
    last = next((b.release for b in catalogue.builds if b.source == PYTORCH_CHANNEL), None)
    names = {channel_name(channel) for channel in situation.channels}
    if last is None or "pytorch" not in names or names & _OTHER_CARRIERS or not stock.paired:
        return []
    oldest = min((release.version for release in stock.paired), key=version)
    if version(oldest) <= version(last):
        return []
    return [Note("channel-ended", "warning", "typed", {"last": last, "release": oldest})]
