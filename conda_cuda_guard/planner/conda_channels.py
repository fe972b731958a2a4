"""The channels that families beside torch's need in a conda request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .candidates import FAMILY_CHANNEL, channel_name
from .conda_asks import builds_of, judge_on_conda

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conda_cuda_guard.model import Catalogue, Plan

    from .conda_asks import CondaAsk
    from .problem import Problem


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
