"""Explanation of a failure of pip that our constraints caused: which package needs what."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from conda_cuda_guard.host.child import run_bounded
from conda_cuda_guard.host.private_folder import scratch_folder
from conda_cuda_guard.host.programs import pip_of
from conda_cuda_guard.model import Phrase, Range
from conda_cuda_guard.model.shown_text import quoted
from conda_cuda_guard.model.versions import version
from conda_cuda_guard.planner.lead_bounds import can_meet
from conda_cuda_guard.rendering import note_lines
from conda_cuda_guard.rendering.language import said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pip_hook.command_line import CommandLine

    from .constraints import Bounds

_LIMIT = 120.0
# Notes by which some builds are not available now, whether or not they would run here.
_PARTIAL = {("held-back", "slow"), ("held-back", "unreachable")}


@dataclass(frozen=True)
class Needs:
    """A package that pip would install, and its bounds on the lead."""

    name: str
    version: str
    bounds: str


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
    free = _report(words, line)
    if free is None:
        return []
    taken = _versions(free)
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
            bounds=one.bounds,
            here=_here(bounds),
        )
        for one in _needing(free, bounds.lead)
        if not any(_meets(one.bounds, version) for version in bounds.allowed)
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
    asked = (Range.of(one.bounds) for one in _needing(report, package))
    return any(not can_meet(one, bound) for one in asked)


def would_install(words: Sequence[str], line: CommandLine) -> dict[str, str] | None:
    """Return the versions, by name, that pip would install; None where it fails or cannot say."""
    found = _report(words, line)
    return None if found is None else _versions(found)


def _versions(report: Sequence[dict[str, Any]]) -> dict[str, str]:
    found = (one["metadata"] for one in report)
    return {str(canonicalize_name(one["name"])): str(one["version"]) for one in found}


def _here(bounds: Bounds) -> str:
    if bounds.kept is not None:
        version = bounds.kept.version
        return Phrase(
            "{lead} {version} is installed here and kept", lead=bounds.lead, version=version
        )
    lead, newest = bounds.lead, bounds.newest
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


def _needing(report: Sequence[dict[str, Any]], lead: str) -> Iterator[Needs]:
    for item in report:
        metadata = item["metadata"]
        for text in metadata.get("requires_dist", ()):
            try:
                requirement = Requirement(text)
            except InvalidRequirement:
                continue
            if canonicalize_name(requirement.name) != lead or "extra ==" in text:
                continue
            if requirement.specifier:
                yield Needs(metadata["name"], metadata["version"], str(requirement.specifier))


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
    found = _report(line.with_options(bounds.options, opened), line)
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


def _report(words: Sequence[str], line: CommandLine) -> list[dict[str, Any]] | None:
    """Return pip's report of what it would install; None where it fails, or has no such report."""
    with scratch_folder() as folder:
        place = folder / "report.json"
        asking = ["--dry-run", "--quiet", "--report", str(place)]
        command = pip_of(sys.executable, *line.with_options(asking, words))
        run_bounded(command, environ=os.environ, limit=_LIMIT)
        try:
            report: list[dict[str, Any]] = json.loads(place.read_text("utf-8"))["install"]
        except (OSError, ValueError, KeyError):
            return None
    return report
