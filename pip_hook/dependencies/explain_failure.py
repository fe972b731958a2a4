"""Explanation of a failure of pip that our constraints caused: which package needs what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from conda_cuda_guard.model import Phrase, Range
from conda_cuda_guard.model.shown_text import quoted
from conda_cuda_guard.model.versions import version
from conda_cuda_guard.planner.lead_bounds import can_meet
from conda_cuda_guard.rendering import note_lines
from conda_cuda_guard.rendering.language import said

from .constraints import pinned_bounds, words_of
from .pip_report import ask_report, needing, versions_in, would_install

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pip_hook.command_line import CommandLine
    from pip_hook.deciding import LineDecision

    from .constraints import Bounds

# Notes by which some builds are not available now, whether or not they would run here.
_PARTIAL = {("held-back", "slow"), ("held-back", "unreachable")}


def explain(
    line: CommandLine, words: Sequence[str], bounds: Bounds, about: Callable[[str], Sequence[str]]
) -> list[str]:
    """Return lines on which package needs a version that does not run here; none if unrelated.

    `words` are those of the line without our constraints: pip is asked what it would install by
    these (a dry run, pip 22.2 and newer). `about` returns what there is to say of a version of the
    lead that it would take.
    """
    if line.command != "install" or not bounds.options:
        return []
    free = ask_report(words, line)
    if free is None:
        return []
    taken = versions_in(free)
    if taken.get(bounds.lead) in (None, *bounds.allowed):
        apart = list(_apart(bounds, taken))
        hints = (f"  {said(text)}" for text in (_instead(line, bounds) if apart else ()))
        return [*(said(text) for text in (*_condemned(bounds, taken), *apart)), *hints]
    told = [
        Phrase(
            "pipcuda: {name} {version} needs {lead}{bounds}; {here}",
            lead=bounds.lead,
            name=one.name,
            version=one.version,
            bounds=one.needs[0],
            here=_here(bounds),
        )
        for one in needing(free, bounds.lead)
        if not any(_meets(one.needs[0], version) for version in bounds.allowed)
    ]
    if not told:
        here = _here(bounds)
        told = [
            Phrase(
                "pipcuda: pip would take {lead} {version} here; {here}",
                lead=bounds.lead,
                version=taken[bounds.lead],
                here=here,
            )
        ]
    told += _condemned(bounds, taken, among=free)
    if bounds.cuda:
        told.append(
            Phrase(
                "  only builds for CUDA {cuda} are taken, as other packages of the line have it",
                cuda=bounds.cuda,
            )
        )
    hints = (f"  {said(text)}" for text in _instead(line, bounds))
    return [*map(said, told), *about(taken[bounds.lead]), *hints, *note_lines(bounds.notes)]


def explain_pinned(line: CommandLine, decision: LineDecision) -> list[str]:
    """Return lines on what our constraints kept out of a pinned line; none if unrelated."""
    bounds = pinned_bounds(line, decision)
    words = words_of(line, decision, bounded=False)
    taken = would_install(words, line) if line.command == "install" and bounds.options else None
    return [said(text) for text in (*_condemned(bounds, taken or {}), *_apart(bounds, taken or {}))]


def _condemned(
    bounds: Bounds, taken: Mapping[str, str], among: Sequence[dict[str, Any]] | None = None
) -> Iterator[Phrase]:
    """Yield what pip would take though the lead is known not to work with it.

    Of a report, only what a package `among` the others asks for no matter what.
    """
    version = bounds.kept.version if bounds.kept is not None else bounds.newest
    for text in bounds.known:
        package = canonicalize_name(Requirement(text).name)
        bound = Requirement(text).specifier
        if among is not None and not _insisted_on(package, among, str(bound)):
            continue
        if package in taken and not bound.contains(taken[package]):
            yield Phrase(
                "pipcuda: pip would take {name} {version}; {lead} does not work with it and needs "
                "{bound}",
                name=package,
                version=taken[package],
                lead=f"{bounds.lead} {version}",
                bound=text,
            )


def _insisted_on(package: str, report: Sequence[dict[str, Any]], bound: str) -> bool:
    """Return whether another package asks for versions that are all outside a bound."""
    asked = (Range.of(one.needs[0]) for one in needing(report, package))
    return any(not can_meet(one, bound) for one in asked)


def _here(bounds: Bounds) -> str:
    if bounds.kept is not None:
        version = bounds.kept.version
        return Phrase(
            "{lead} {version} is installed here and kept", lead=bounds.lead, version=version
        )
    lead, newest = bounds.lead, bounds.newest
    if bounds.is_planned:
        return Phrase("{lead} {version} is planned", lead=lead, version=newest)
    if any((note.code, note.case) in _PARTIAL for note in bounds.notes):
        if newest is None:
            return Phrase("no {lead} that is available now runs here", lead=lead)
        return Phrase(
            "of the {lead} builds available now, {version} is the newest that runs here",
            lead=lead,
            version=newest,
        )
    if newest is None:
        return Phrase("no {lead} runs here", lead=lead)
    return Phrase("the newest {lead} that runs here is {version}", lead=lead, version=newest)


def _apart(bounds: Bounds, taken: Mapping[str, str]) -> Iterator[Phrase]:
    """Yield the companions of the lead that pip would take though they do not belong to it."""
    right = {
        name: versions[0]
        for name, versions in bounds.beside.items()
        if versions and taken.get(name) not in (None, *versions)
    }
    right |= {
        name: newest
        for name, newest in bounds.at_most.items()
        if name in taken and version(taken[name]) > version(newest)
    }
    for name, number in right.items():
        yield Phrase(
            "pipcuda: pip would take {name} {version}; {here}, and {right} belongs to it",
            name=name,
            version=taken[name],
            here=_here(bounds),
            right=f"{name} {number}",
        )
    if bounds.unreachable and set(bounds.beside).intersection(taken):
        yield Phrase("  {index} cannot be reached", index=bounds.unreachable)


def _meets(specifier: str, version: str) -> bool:
    return Requirement(f"any{specifier}").specifier.contains(version, prereleases=True)


def _instead(line: CommandLine, bounds: Bounds) -> list[str]:
    """Return commands with the versions that pip takes for the named packages when left open."""
    hints: list[str] = []
    if bounds.kept is not None:
        named = (line.words[at] for at in line.requirements)
        command = quoted(("pipcuda", "install", "--upgrade", bounds.lead, *named))
        hints.append(
            Phrase(
                "To change {lead} as well, name it: {command}", lead=bounds.lead, command=command
            )
        )
    opened = list(line.words)
    names = {}
    for at in line.requirements:
        try:
            requirement = Requirement(line.words[at])
        except InvalidRequirement:
            continue
        if requirement.specifier:
            names[str(canonicalize_name(requirement.name))] = requirement.name
            opened[at] = _without_version(requirement)
    if not names:
        return hints
    found = ask_report(line.with_options(bounds.options, opened), line)
    for item in found or ():
        name = str(canonicalize_name(item["metadata"]["name"]))
        if name in names:
            spec = f"{names[name]}=={item['metadata']['version']}"
            command = f"pipcuda install {spec}"
            hints.append(Phrase("The newest that runs here: {command}", command=command))
    return hints


def _without_version(requirement: Requirement) -> str:
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    marker = f" ; {requirement.marker}" if requirement.marker else ""
    return f"{requirement.name}{extras}{marker}"
