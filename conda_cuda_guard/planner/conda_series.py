"""Packages on conda that are built for series of the lead: which of them a request can have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, version
from conda_cuda_guard.model.versions import minor_release

from .candidates import FORGE, channel_name
from .conda_asks import builds_of, needs_lead
from .conda_parse import read_conda
from .requirement import LEAD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conda_cuda_guard.model import Catalogue

    from .conda_asks import CondaAsk
    from .problem import Problem


def held_to_series(
    problem: Problem, by_package: Mapping[str, Sequence[CondaAsk]], catalogue: Catalogue
) -> Iterator[Problem]:
    """Yield the problem held to each series of the lead that every package has builds for.

    The newest series comes first. The lead is asked for then, as it is one request with what is
    nothing without it. Where nothing is to hold, the problem is yielded as it is.
    """
    if not is_held(problem, by_package, catalogue):
        yield problem
        return
    lead = problem.family.lead.conda
    found = series_in_common(problem, by_package, catalogue)
    for text in [lead] if found is None else [f"{lead}={one}" for one in found]:
        yield problem if problem.asked and text == lead else _with(text, problem)


def _with(text: str, problem: Problem) -> Problem:
    """Return the problem with a further requirement."""
    requirements = (*problem.request.requirements, text)
    request = replace(problem.request, requirements=requirements)
    further = read_conda(text, problem.family)
    return replace(problem, request=request, requirements=(*problem.requirements, further))


def is_held(
    problem: Problem, by_package: Mapping[str, Sequence[CondaAsk]], catalogue: Catalogue
) -> bool:
    """Return whether the lead is planned together with packages that are built for it."""
    of_lead = [asks for asks in by_package.values() if _is_built_for_lead(asks)]
    if not of_lead or not needs_lead(problem, catalogue.on_conda):
        return False
    if problem.platform.startswith("macos") or not (problem.with_driver or problem.request.cpu):
        return False
    wants_cpu = all(one.wants_cpu for asks in of_lead for one in asks)
    return bool(problem.asked) or not wants_cpu


def _is_built_for_lead(asks: Sequence[CondaAsk]) -> bool:
    return asks[0].family.with_lead or bool(asks[0].family.series)


def series_in_common(
    problem: Problem, by_package: Mapping[str, Sequence[CondaAsk]], catalogue: Catalogue
) -> list[str] | None:
    """Return the series that all packages have builds for, the newest first.

    None where no package is built for some of them alone. What is built for conda-forge's lead goes
    with none that is built for that of the lead's own channel.
    """
    held = {name: asks for name, asks in by_package.items() if asks[0].family.series}
    if not held:
        return None
    if len({FORGE in asks[0].family.channels for asks in held.values()}) > 1:
        return []
    every = dict.fromkeys(minor_release(one.release) for one in catalogue.builds)
    return [
        series
        for series in sorted(every, key=version, reverse=True)
        if all(_has_builds(name, asks, problem, catalogue, series) for name, asks in held.items())
    ]


def _has_builds(
    package: str, asks: Sequence[CondaAsk], problem: Problem, catalogue: Catalogue, series: str
) -> bool:
    """Return whether a package has builds for a series, in the releases that are asked for."""
    builds = builds_of(asks[0].family, package, asks, problem, catalogue, series=series)
    return any(all(build.release in one.allows for one in asks) for build in builds)


def without_lead_channel(problem: Problem, by_package: Mapping[str, Sequence[CondaAsk]]) -> Problem:
    """Return the problem without the lead's own channel, where conda-forge's lead is built for.

    What conda-forge builds for its own does not go with that channel's.
    """
    if not _is_of_forge(by_package):
        return problem
    sources, own = problem.request.sources, problem.family.conda.channel
    kept = tuple(one for one in sources.channels if channel_name(one) != own)
    request = replace(problem.request, sources=replace(sources, channels=kept))
    return replace(problem, request=request)


def is_hidden(problem: Problem, by_package: Mapping[str, Sequence[CondaAsk]]) -> bool:
    """Return whether the lead's own channel hides conda-forge's lead, which is built for."""
    sources, own = problem.request.sources, problem.family.conda.channel
    names = [channel_name(one) for one in sources.channels]
    if sources.priority != "strict" or own not in names or not _is_of_forge(by_package):
        return False
    return FORGE not in names or names.index(own) < names.index(FORGE)


def _is_of_forge(by_package: Mapping[str, Sequence[CondaAsk]]) -> bool:
    return any(
        FORGE in asks[0].family.channels for asks in by_package.values() if _is_built_for_lead(asks)
    )


def none_for_lead(
    problem: Problem, by_package: Mapping[str, Sequence[CondaAsk]], catalogue: Catalogue
) -> Note:
    """Return the note that no build is for the lead that was asked for, and what there is."""
    names = [package for package, asks in by_package.items() if _is_built_for_lead(asks)]
    found = series_in_common(problem, by_package, catalogue) or ()
    lead = problem.family.lead.conda
    facts = {"packages": ", ".join(names), "lead": lead}
    if not found:
        return Note("families-disagree", "error", "series-apart", facts)
    facts["asked"] = " ".join(one.text for one in problem.of(LEAD)) or lead
    facts["near"] = " ".join([*names, f"{lead}={found[0]}"])
    return Note("families-disagree", "error", "series", facts)
