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


def spell_conda(problem: Problem, choice: Choice, catalogue: Catalogue) -> Plan:
    """Write the plan that conda can carry out."""
    requirements = _requirements(problem, choice)
    names = _channels_to_add(problem, choice)
    channels = tuple(_spelled(name, problem) for name in names)
    unchanged = requirements == list(problem.request.requirements) and not channels
    options = [part for channel in channels for part in ("-c", channel)]
    return Plan(
        id=problem.request.id,
        manager="conda",
        status="unchanged" if unchanged else "ok",
        variant=choice.build.variant,
        cuda=choice.build.cuda,
        level=choice.level,
        source=choice.build.source,
        packages=_packages(problem, choice),
        requirements=tuple(requirements),
        channels=channels,
        command=("conda", "install", *options, *requirements),
        notes=(
            *choice.notes,
            *_about_source(problem, choice, catalogue),
            *_about_channels(names, problem),
        ),
    )


def _requirements(problem: Problem, choice: Choice) -> list[str]:
    """Rewrite the family's specs in place; add the selectors (and torch) that are missing."""
    build = "" if choice.build.build_glob == "*" else f"[build={choice.build.build_glob}]"
    pytorch = f"pytorch=={choice.build.release}{build}"
    specs: list[str] = []
    for requirement in problem.parsed:
        if requirement.role == TORCH:
            specs += [_own_channel(requirement) + pytorch, *_metapackage(requirement, choice)]
        elif requirement.role in COMPANIONS:
            specs.append(
                f"{requirement.head}={companion_version(choice.release, requirement, problem)}"
            )
        elif requirement.role not in SELECTORS or _still_right(requirement, choice):
            specs.append(requirement.text)
    if not problem.of(TORCH):
        specs.append(pytorch)
    kept = {
        requirement.role
        for requirement in problem.of(*SELECTORS)
        if _still_right(requirement, choice)
    }
    specs += [one for one in choice.build.selectors if one.split("=")[0] not in kept]
    return list(dict.fromkeys(specs))


def _own_channel(requirement: Requirement) -> str:
    """Keep a channel that a spec names, where it is none of those that torch moved between."""
    channel = requirement.head.rpartition("::")[0]
    return f"{channel}::" if channel and channel_name(channel) not in _CARRIERS else ""


def _metapackage(requirement: Requirement, choice: Choice) -> list[str]:
    """Keep conda-forge's `pytorch-gpu` and `pytorch-cpu` beside the build that they mean."""
    name = requirement.head.rpartition("::")[2]
    if choice.build.source != FORGE or name not in ("pytorch-gpu", "pytorch-cpu"):
        return []
    meant = "pytorch-gpu" if choice.build.cuda else "pytorch-cpu"
    return [f"{name}={choice.build.release}"] if name == meant else []


def _still_right(requirement: Requirement, choice: Choice) -> bool:
    """Tell whether a selector that was typed chooses the build that was taken."""
    names = {one.split("=")[0] for one in choice.build.selectors}
    return (
        requirement.wish is not None
        and requirement.role in names
        and requirement.wish.grants(choice.build.cuda)
    )


def _packages(problem: Problem, choice: Choice) -> dict[str, str]:
    packages = {"pytorch": choice.release.version}
    for requirement in problem.of(*COMPANIONS):
        packages[requirement.role or ""] = (
            companion_version(choice.release, requirement, problem) or ""
        )
    return packages


def _channels_to_add(problem: Problem, choice: Choice) -> tuple[str, ...]:
    """Leave out the channels that are in force already, unless another would hide them."""
    names = [channel_name(channel) for channel in problem.request.sources.channels]
    if problem.request.sources.channels_fixed:
        return ()
    needed = choice.build.channels
    if any(_own_channel(requirement) for requirement in problem.of(TORCH)):
        needed = tuple(channel for channel in needed if channel not in _CARRIERS)
    carriers = [name for name in names if name in _CARRIERS]
    if needed and carriers and carriers[0] not in needed:
        return needed
    return tuple(channel for channel in needed if channel not in names)


def _spelled(name: str, problem: Problem) -> str:
    """Type a channel as the user's configuration needs it."""
    spelling = problem.request.sources.spelling.get(name)
    return spelling.text if spelling else name


def _about_channels(names: tuple[str, ...], problem: Problem) -> tuple[Note, ...]:
    spelling = problem.request.sources.spelling
    found = (spelling[name].note for name in names if name in spelling)
    return tuple(note for note in found if note is not None)


def _about_source(problem: Problem, choice: Choice, catalogue: Catalogue) -> tuple[Note, ...]:
    """Tell a wrong name, and a source other than the one whose channels are in force."""
    notes = []
    if any(
        requirement.head.rpartition("::")[2].lower() == "torch" for requirement in problem.of(TORCH)
    ):
        notes.append(Note("name-is-pytorch-on-conda", "warning"))
    last = next((b.release for b in catalogue.builds if b.source == PYTORCH_CHANNEL), "")
    facts = {"last": last, "release": choice.release.version}
    if uses_pytorch_channel(problem):
        if choice.build.source == FORGE:
            ended = bool(last) and version(choice.release.version) > version(last)
            notes.append(Note("channel-ended", "warning", "" if ended else "elsewhere", facts))
        elif choice.release.version == last:
            notes.append(Note("channel-ended", "info", "stays", facts))
    elif prefers_forge(problem) and choice.build.source == PYTORCH_CHANNEL:
        notes.append(Note("index-lacks-variant", "warning", "conda-forge", facts))
    return tuple(notes)
