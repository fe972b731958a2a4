"""Spell a choice for conda: MatchSpecs that cannot end in a CPU build, and their channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, Plan
from conda_cuda_guard.model.versions import version

from .candidates import (
    FORGE,
    PYTORCH_CHANNEL,
    channel_name,
    companion_version,
    prefers_forge,
    uses_pytorch_channel,
)
from .requirement import COMPANIONS, SELECTORS, TORCH

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue

    from .decision import Choice
    from .problem import Problem
    from .requirement import Requirement

# Channels that have packages named pytorch: under strict priority the first of them hides the rest.
_CARRIERS = ("pytorch", "pytorch-lts", FORGE, "defaults", "main")


def spell_conda(situation: Problem, choice: Choice, catalogue: Catalogue) -> Plan:
    """Write the plan that conda can carry out."""
    requirements = _requirements(situation, choice)
    names = _channels_to_add(situation, choice)
    channels = tuple(_spelled(name, situation) for name in names)
    unchanged = requirements == list(situation.request.requirements) and not channels
    options = [part for channel in channels for part in ("-c", channel)]
    return Plan(
        id=situation.request.id,
        manager="conda",
        status="unchanged" if unchanged else "ok",
        variant=choice.build.variant,
        cuda=choice.build.cuda,
        level=choice.level,
        source=choice.build.source,
        packages=_packages(situation, choice),
        requirements=tuple(requirements),
        channels=channels,
        command=("conda", "install", *options, *requirements),
        notes=(
            *choice.notes,
            *_about_source(situation, choice, catalogue),
            *_about_channels(names, situation),
        ),
    )


def _requirements(situation: Problem, choice: Choice) -> list[str]:
    """Rewrite the family's specs in place; add the selectors (and torch) that are missing."""
    build = "" if choice.build.build_glob == "*" else f"[build={choice.build.build_glob}]"
    pytorch = f"pytorch=={choice.build.release}{build}"
    specs: list[str] = []
    for ask in situation.asks:
        if ask.role == TORCH:
            specs += [_own_channel(ask) + pytorch, *_metapackage(ask, choice)]
        elif ask.role in COMPANIONS:
            specs.append(f"{ask.head}={companion_version(choice.release, ask, situation)}")
        elif ask.role not in SELECTORS or _still_right(ask, choice):
            specs.append(ask.text)
    if not situation.of(TORCH):
        specs.append(pytorch)
    kept = {ask.role for ask in situation.of(*SELECTORS) if _still_right(ask, choice)}
    specs += [one for one in choice.build.selectors if one.split("=")[0] not in kept]
    return list(dict.fromkeys(specs))


def _own_channel(ask: Requirement) -> str:
    """Keep a channel that a spec names, where it is none of those that torch moved between."""
    channel = ask.head.rpartition("::")[0]
    return f"{channel}::" if channel and channel_name(channel) not in _CARRIERS else ""


def _metapackage(ask: Requirement, choice: Choice) -> list[str]:
    """Keep conda-forge's `pytorch-gpu` and `pytorch-cpu` beside the build that they mean."""
    name = ask.head.rpartition("::")[2]
    if choice.build.source != FORGE or name not in ("pytorch-gpu", "pytorch-cpu"):
        return []
    meant = "pytorch-gpu" if choice.build.cuda else "pytorch-cpu"
    return [f"{name}={choice.build.release}"] if name == meant else []


def _still_right(ask: Requirement, choice: Choice) -> bool:
    """Tell whether a selector that was typed chooses the build that was taken."""
    names = {one.split("=")[0] for one in choice.build.selectors}
    return ask.wish is not None and ask.role in names and ask.wish.grants(choice.build.cuda)


def _packages(situation: Problem, choice: Choice) -> dict[str, str]:
    packages = {"pytorch": choice.release.version}
    for ask in situation.of(*COMPANIONS):
        packages[ask.role or ""] = companion_version(choice.release, ask, situation) or ""
    return packages


def _channels_to_add(situation: Problem, choice: Choice) -> tuple[str, ...]:
    """Leave out the channels that are in force already, unless another would hide them."""
    names = [channel_name(channel) for channel in situation.request.sources.channels]
    if situation.request.sources.channels_fixed:
        return ()
    needed = choice.build.channels
    if any(_own_channel(ask) for ask in situation.of(TORCH)):
        needed = tuple(channel for channel in needed if channel not in _CARRIERS)
    carriers = [name for name in names if name in _CARRIERS]
    if needed and carriers and carriers[0] not in needed:
        return needed
    return tuple(channel for channel in needed if channel not in names)


def _spelled(name: str, situation: Problem) -> str:
    """Type a channel as the user's configuration needs it."""
    spelling = situation.request.sources.spelling.get(name)
    return spelling.text if spelling else name


def _about_channels(names: tuple[str, ...], situation: Problem) -> tuple[Note, ...]:
    spelling = situation.request.sources.spelling
    found = (spelling[name].note for name in names if name in spelling)
    return tuple(note for note in found if note is not None)


def _about_source(situation: Problem, choice: Choice, catalogue: Catalogue) -> tuple[Note, ...]:
    """Tell a wrong name, and a source other than the one whose channels are in force."""
    notes = []
    if any(ask.head.rpartition("::")[2].lower() == "torch" for ask in situation.of(TORCH)):
        notes.append(Note("name-is-pytorch-on-conda", "warning"))
    last = next((b.release for b in catalogue.builds if b.source == PYTORCH_CHANNEL), "")
    facts = {"last": last, "release": choice.release.version}
    if uses_pytorch_channel(situation):
        if choice.build.source == FORGE:
            ended = bool(last) and version(choice.release.version) > version(last)
            notes.append(Note("channel-ended", "warning", "" if ended else "elsewhere", facts))
        elif choice.release.version == last:
            notes.append(Note("channel-ended", "info", "stays", facts))
    elif prefers_forge(situation) and choice.build.source == PYTORCH_CHANNEL:
        notes.append(Note("index-lacks-variant", "warning", "conda-forge", facts))
    return tuple(notes)
