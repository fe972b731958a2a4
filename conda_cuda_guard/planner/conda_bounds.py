"""What families share in a conda request: a bound on CUDA, the channels, the series of the lead."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, cuda_major, version
from conda_cuda_guard.model.versions import minor_release

from .candidates import FAMILY_CHANNEL, FORGE, channel_name
from .conda_asks import builds_of, judge_on_conda, needs_lead
from .conda_decision import cudas_that_run
from .conda_parse import parts_of, read_conda
from .requirement import CUDA_VERSION, LEAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

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
