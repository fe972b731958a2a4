"""Formatting a choice for conda: MatchSpecs that admit no CPU build, channels, a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, Plan, version

from . import candidates
from .requirement import CUDA_VERSION, LEAD, MEMBER, SELECTOR

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue, Sources

    from .decision import Choice
    from .problem import Problem
    from .requirement import Requirement


def command(plan: Plan, sources: Sources) -> tuple[str, ...]:
    """Return the command that carries a plan out beside the channels in force."""
    channels = sources.channels if plan.status == "unchanged" else plan.channels
    options = [part for channel in channels for part in ("-c", channel)]
    return ("conda", "install", *options, *plan.requirements)


def format_plan(problem: Problem, choice: Choice, catalogue: Catalogue) -> Plan:
    """Return the plan that conda can carry out."""
    requirements = _requirements(problem, choice)
    names = _channels_to_add(problem, choice)
    channels = tuple(spelled(name, problem) for name in names)
    unchanged = requirements == list(problem.request.requirements) and not channels
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
        pins=tuple(requirements),
        channels=channels,
        notes=(
            *choice.notes,
            *_about_source(problem, choice, catalogue),
            *about_channels(names, problem),
        ),
    )


def _requirements(problem: Problem, choice: Choice) -> list[str]:
    """Return the specs, the family's rewritten in place, with missing selectors and lead added."""
    build = "" if choice.build.build_glob == "*" else f"[build={choice.build.build_glob}]"
    lead = f"{problem.family.lead.conda}=={choice.build.release}{build}"
    specs: list[str] = []
    for requirement in problem.requirements:
        if requirement.kind == LEAD:
            specs.append(_own_channel(requirement, problem) + lead)
            specs += _metapackage(requirement, choice, problem)
        elif requirement.kind == MEMBER:
            number = candidates.companion_version(choice.release, requirement.package, problem)
            specs.append(f"{requirement.head}={number}")
        elif requirement.kind != SELECTOR or _still_right(requirement, choice):
            specs.append(requirement.text)
    if not problem.of(LEAD):
        specs.append(lead)
    kept = {one.package for one in problem.of(SELECTOR) if _still_right(one, choice)}
    if choice.build.cuda and candidates.toolkit_bounds(problem):
        kept.add(CUDA_VERSION)  # which the toolkit holds already
    specs += [one for one in choice.build.selectors if one.split("=")[0] not in kept]
    return list(dict.fromkeys(specs))


def _own_channel(requirement: Requirement, problem: Problem) -> str:
    """Return a spec's `channel::`, unless the channel is one of those that carry the family."""
    channel = requirement.channel
    is_own = channel and candidates.channel_name(channel) not in problem.family.conda.carriers
    return f"{channel}::" if is_own else ""


def _metapackage(requirement: Requirement, choice: Choice, problem: Problem) -> list[str]:
    """Return a typed metapackage of conda-forge, pinned, where it means the chosen build."""
    name, conda = requirement.bare_name, problem.family.conda
    if choice.build.source != candidates.FORGE or name not in conda.metapackages:
        return []
    meant = "cuda" if choice.build.cuda else "cpu"
    return [f"{name}={choice.build.release}"] if conda.other_names[name].variant == meant else []


def _still_right(requirement: Requirement, choice: Choice) -> bool:
    """Return whether a selector that was typed chooses the build that was taken."""
    names = {one.split("=")[0] for one in choice.build.selectors}
    return (
        requirement.wish is not None
        and requirement.package in names
        and requirement.wish.grants(choice.build.cuda)
    )


def _packages(problem: Problem, choice: Choice) -> dict[str, str]:
    packages = {problem.family.lead.conda: choice.release.version}
    for package in problem.companions:
        number = candidates.companion_version(choice.release, package, problem)
        packages[problem.name_of(package)] = number or ""
    return packages


def _channels_to_add(problem: Problem, choice: Choice) -> tuple[str, ...]:
    """Return the channels that are not in force yet, or that another in force would hide."""
    names = [candidates.channel_name(channel) for channel in problem.request.sources.channels]
    if problem.request.sources.channels_fixed:
        return ()
    needed, carrying = choice.build.channels, problem.family.conda.carriers
    if any(_own_channel(one, problem) for one in problem.of(LEAD)):
        needed = tuple(channel for channel in needed if channel not in carrying)
    carriers = [name for name in names if name in carrying]
    if needed and carriers and carriers[0] not in needed:
        return needed
    return tuple(channel for channel in needed if channel not in names)


def spelled(name: str, problem: Problem) -> str:
    """Return a channel in the form that the user's configuration needs."""
    spelling = problem.request.sources.spelling.get(name)
    return spelling.text if spelling else name


def about_channels(names: tuple[str, ...], problem: Problem) -> tuple[Note, ...]:
    """Return the notes on how these channels are written."""
    spelling = problem.request.sources.spelling
    found = (spelling[name].note for name in names if name in spelling)
    return tuple(note for note in found if note is not None)


def _about_source(problem: Problem, choice: Choice, catalogue: Catalogue) -> tuple[Note, ...]:
    """Return notes on pip's name for the lead, and on a source that is not the user's channel."""
    notes = []
    if any(one.bare_name.lower() == problem.family.lead.pip for one in problem.of(LEAD)):
        notes.append(Note("name-is-pytorch-on-conda", "warning"))
    last = next((b.release for b in catalogue.builds if b.source == candidates.FAMILY_CHANNEL), "")
    facts = {"last": last, "release": choice.release.version}
    if candidates.uses_family_channel(problem):
        if choice.build.source == candidates.FORGE:
            ended = bool(last) and version(choice.release.version) > version(last)
            notes.append(Note("channel-ended", "warning", "" if ended else "elsewhere", facts))
        elif choice.release.version == last:
            notes.append(Note("channel-ended", "info", "stays", facts))
    elif candidates.prefers_forge(problem) and choice.build.source == candidates.FAMILY_CHANNEL:
        notes.append(Note("index-lacks-variant", "warning", "conda-forge", facts))
    return tuple(notes)
