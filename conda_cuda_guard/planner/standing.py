"""The torch that is already there: kept where it runs, unless another one is asked for."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, Plan

from .asking import COMPANIONS, TORCH, TORCH_BY_ADDRESS, Ask, Wish, variant_of
from .choose import judge
from .decide import Choice, decide
from .driver import level
from .pip_spelling import spell_pip
from .versions import Range

if TYPE_CHECKING:
    from collections.abc import Callable

    from conda_cuda_guard.model import Catalogue, Installed

    from .situation import Situation

# What is said of a choice where there was one; a build that stays was not chosen.
_OF_THE_CHOICE = ("cpu-build-chosen", "no-driver")


def kept(situation: Situation, catalogue: Catalogue) -> Plan | None:
    """Plan around the torch that is installed; None where it is to go, or there is none.

    It is to go where a version, a variant or an upgrade that it is not was asked for, where it does
    not run here, and where it is a CPU build on a machine with a driver.
    """
    there = situation.request.installed
    if there is None or not _stays(there, situation, catalogue):
        return None
    if there.is_other or not situation.of(*COMPANIONS):
        return _alone(there, situation)
    pinned = _pinned(there, situation)
    choice = decide(pinned, catalogue)
    if isinstance(choice, Choice) and choice.build.cuda == there.cuda:
        return _with_companions(there, spell_pip(pinned, choice, catalogue), pinned)
    return None if situation.of(TORCH) else _in_the_way(there, situation)


def _stays(there: Installed, situation: Situation, catalogue: Catalogue) -> bool:
    request, torch = situation.request, situation.of(TORCH)
    if request.cpu or request.sources.locked or situation.of(TORCH_BY_ADDRESS):
        return False
    if torch and request.upgrade:
        return False
    number = public(there)
    if any(number not in ask.allows or there.version in ask.without for ask in torch):
        return False
    wish = situation.wish
    if wish is not None and (there.is_other or not wish.grants(there.cuda)):
        return False
    return there.is_other or runs(there, situation, catalogue)


def runs(there: Installed, situation: Situation, catalogue: Catalogue) -> bool:
    """Judge it by its builds in the catalogue, or by the driver alone where there is none."""
    if there.cuda is None:
        return situation.wants_cpu
    same = [b for b in catalogue.builds if (b.release, b.cuda) == (public(there), there.cuda)]
    if same:
        return any(judge(build, situation, catalogue).problem is None for build in same)
    return all(level(there.cuda, host, catalogue.drivers) for host in situation.with_driver)


def public(there: Installed) -> str:
    """Give its version without the local label."""
    return there.version.partition("+")[0]


def _alone(there: Installed, situation: Situation) -> Plan:
    """Hold torch where it is; nothing else of the family is asked for, or it is not ours."""
    request = situation.request
    stays = _held(there)
    requirements = tuple(stays(a) if a.role == TORCH else a.text for a in situation.asks)
    named = bool(situation.of(TORCH))
    return Plan(
        request.id,
        request.manager,
        "unchanged" if requirements == request.requirements else "ok",
        variant=None if there.is_other else variant_of(there.cuda),
        cuda=there.cuda,
        packages={TORCH: there.version} if named else {},
        requirements=requirements,
        command=("pip", "install", *requirements),
        notes=_kept_note(there, situation),
    )


def _held(there: Installed) -> Callable[[Ask], str]:
    return lambda ask: f"{ask.head}=={there.version}{ask.tail}"


def _pinned(there: Installed, situation: Situation) -> Situation:
    """Ask for the very build that is there, whatever else was asked."""
    label = "+" + variant_of(there.cuda)
    wish = Wish(label, cpu=there.cuda is None, cuda=Range((f"=={there.cuda}",)))
    if there.cuda is None:
        wish = Wish(label, cpu=True)
    only = Range((f"=={public(there)}",))
    asks = tuple(replace(a, allows=only) if a.role == TORCH else a for a in situation.asks)
    if not situation.of(TORCH):
        asks = (*asks, Ask(TORCH, TORCH, only, head=TORCH))
    return replace(situation, asks=asks, wish=wish)


def _with_companions(there: Installed, plan: Plan, pinned: Situation) -> Plan:
    held = _held(there)
    requirements = tuple(
        held(ask) if ask.role == TORCH else text
        for ask, text in zip(pinned.asks, plan.requirements)
    )
    notes = tuple(note for note in plan.notes if note.code not in _OF_THE_CHOICE)
    options = plan.command[2 + len(plan.requirements) :]
    return replace(
        plan,
        status="unchanged" if requirements == pinned.request.requirements else "ok",
        packages={**plan.packages, TORCH: there.version},
        requirements=requirements,
        command=("pip", "install", *requirements, *options),
        notes=(*_kept_note(there, pinned), *notes),
    )


def _kept_note(there: Installed, situation: Situation) -> tuple[Note, ...]:
    if there.cuda is None:
        return ()
    facts = {"installed": f"torch {there.version}"}
    if not situation.with_driver:
        return (Note("installed-cuda-build-kept", "info", "no-driver", facts),)
    return (Note("installed-cuda-build-kept", "info", "", facts),)


def _in_the_way(there: Installed, situation: Situation) -> Plan:
    """Refuse a companion of another torch: that torch was not asked for."""
    asked = " ".join(ask.text for ask in situation.of(*COMPANIONS))
    words = shlex.join(ask.text for ask in situation.of(*COMPANIONS))
    facts = {"installed": f"torch {there.version}", "asked": asked, "words": words}
    note = Note("installed-cuda-build-kept", "error", "in-the-way", facts)
    request = situation.request
    return Plan(request.id, request.manager, "refused", notes=(note,))
