"""What families share in a conda request: the bound on CUDA, and the channels that they need."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, cuda_major, version

from .candidates import FAMILY_CHANNEL, channel_name
from .conda_asks import builds_of, judge_on_conda
from .conda_decision import cudas_that_run
from .conda_parse import parts_of
from .requirement import CUDA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conda_cuda_guard.model import Catalogue, Plan

    from .conda_asks import CondaAsk
    from .conda_decision import CondaChoice
    from .problem import Problem
    from .requirement import Requirement


def bounds_beside_lead(
    lead: Plan, choices: Iterable[CondaChoice], specs: Sequence[str]
) -> dict[str, str]:
    """Return the specs that keep all packages to the lead's CUDA version, where it adds none."""
    names = dict(map(_exactly, choices))
    if lead.cuda is not None and CUDA_VERSION in names:
        names[CUDA_VERSION] = f"{CUDA_VERSION}={lead.cuda}"
    if any(text.startswith(CUDA_VERSION) for text in specs):
        names.pop(CUDA_VERSION, None)
    return names


def _exactly(choice: CondaChoice) -> tuple[str, str]:
    """Return the package that chooses the CUDA version of a choice, and the spec for its own."""
    assert choice.build is not None  # noqa: S101 - the callers'
    name = choice.family.selector(choice.build.release)
    return name, f"{name}={choice.build.cuda}"


def bounds_of(
    choices: Sequence[CondaChoice],
    kept: tuple[Requirement, ...],
    problem: Problem,
    catalogue: Catalogue,
) -> tuple[dict[str, str], tuple[Note, ...]]:
    """Return the specs that keep the CUDA version to what runs here, by the names they are for.

    A requirement that was typed is kept where it allows nothing else, and bounded where it does;
    it is found by its text.
    """
    if not choices:
        return {}, ()
    runs = [
        one for one in cudas_that_run(problem, catalogue)
        if all(_has_code(one, choice, problem, catalogue) for choice in choices)
    ]  # fmt: skip
    allowed = [one for one in runs if all(one in each.allows for each in kept)] or runs
    oldest = min((host.cuda or "" for host in problem.with_driver), key=version)
    needed = max((choice.build.cuda or "" for choice in choices if choice.build), key=version)
    least = max(min(allowed, key=version) if kept else needed, needed, key=version)
    minor = version(least) > version(oldest)
    newest = cuda_major(least)  # of a newer one the solver might take an older release
    bound = f"<{newest + 1}" if minor or newest < cuda_major(oldest) else f"<={oldest}"
    found = dict(map(_exactly, choices))
    if CUDA_VERSION in found:
        found[CUDA_VERSION] = CUDA_VERSION + bound
    rows = [row.cuda for row in catalogue.drivers.rows]
    for one in kept:
        is_within = all(cuda in runs for cuda in rows if cuda in one.allows)
        found.pop(one.bare_name, None)
        if is_within:
            found.pop(CUDA_VERSION, None)
        found[one.text] = one.text if is_within else _bounded(one, bound)
    host = problem.with_driver[0]
    facts = {"cuda": least, **host.as_facts}
    notes = [Note("driver-minor-compatible", "warning", "", facts)] if minor else []
    if problem.gpus_unknown:
        notes.append(Note("no-gpu-known", "info"))
    return found, tuple(notes)


def _bounded(requirement: Requirement, bound: str) -> str:
    """Return a requirement that was typed with a further bound, on each of its alternatives."""
    _, _, versions, _ = parts_of(requirement.text)
    if requirement.allows.is_any:
        return requirement.head + bound
    alternatives = "|".join(f"{one},{bound}" for one in versions.split("|"))
    if versions[0].isalnum() or "|" in versions:
        return f"{requirement.head}[version='{alternatives}']"
    return requirement.head + alternatives


def _has_code(cuda: str, choice: CondaChoice, problem: Problem, catalogue: Catalogue) -> bool:
    assert choice.build is not None  # noqa: S101 - the caller's
    build = replace(choice.build, cuda=cuda)
    return judge_on_conda(build, choice.family, problem, catalogue).reason is None


def channels_to_add(
    by_package: Mapping[str, Sequence[CondaAsk]], problem: Problem, catalogue: Catalogue
) -> tuple[str, ...]:
    """Return the channels to add by name, where those in force have no CUDA build that runs."""
    sources = problem.request.sources
    if sources.channels_fixed or not problem.with_driver:
        return ()
    found: list[str] = []
    for package, asks in by_package.items():
        if not any(one.wants_cpu or "::" in one.head for one in asks):
            found += _needed(package, asks, problem, catalogue)
    return tuple(dict.fromkeys(found))


def _needed(
    package: str, asks: Sequence[CondaAsk], problem: Problem, catalogue: Catalogue
) -> tuple[str, ...]:
    """Return the channels without which the solver gets no CUDA build that runs here.

    Under strict priority the first channel that has a package hides those of the others.
    """
    family, sources = asks[0].family, problem.request.sources
    in_force = [one for one in catalogue.listed if one.channel in sources.addresses]
    listing = [one for one in in_force if any(name == package for name, _, _ in one.packages)]
    having = []
    for answer in listing:
        builds = builds_of(family, package, asks, problem, replace(catalogue, listed=(answer,)))
        allowed = [one for one in builds if all(one.release in ask.allows for ask in asks)]
        verdicts = (judge_on_conda(one, family, problem, catalogue) for one in allowed)
        if any(one.reason is None for one in verdicts):
            having.append(answer)
    names = {channel_name(one).lower(): one for one in sources.channels}
    if having:
        hidden = sources.priority == "strict" and listing[0] is not having[0]
        first = channel_name(having[0].channel).lower()
        return (names.get(first, having[0].channel),) if hidden else ()
    carriers = [name for name in names if name in family.carriers]
    if carriers and carriers[0] not in family.channels:
        return family.channels
    return tuple(name for name in family.channels if name not in names)


def channels_before(lead: Plan, added: tuple[str, ...], problem: Problem) -> tuple[str, ...]:
    """Return the channels in force that have to stay before those that are added.

    Under strict priority a channel that is typed hides the lead's packages of those configured.
    """
    if not added or lead.source != FAMILY_CHANNEL:
        return ()
    own = problem.family.conda.channels
    named = {channel_name(one): one for one in problem.request.sources.channels}
    return tuple(named[name] for name in own if name in named and name not in added)
