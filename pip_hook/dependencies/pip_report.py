"""pip's report of what it would install: asked for, or written by a dry run."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from conda_cuda_guard.host.child import run_bounded
from conda_cuda_guard.host.private_folder import scratch_folder
from conda_cuda_guard.host.programs import pip_of
from conda_cuda_guard.model import Dependent, Installed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pip_hook.command_line import CommandLine

_LIMIT = 120.0
_REPORT = "--report"


def would_install(words: Sequence[str], line: CommandLine) -> dict[str, str] | None:
    """Return the versions, by name, that pip would install; None where it fails or cannot say."""
    found = ask_report(words, line)
    return None if found is None else versions_in(found)


def versions_in(report: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return the versions in a report, by normalized name."""
    found = (one["metadata"] for one in report)
    return {str(canonicalize_name(one["name"])): str(one["version"]) for one in found}


def needing(report: Sequence[dict[str, Any]], package: str) -> Iterator[Dependent]:
    """Yield the packages of a report that ask for a package, by the extras asked for."""
    for item in report:
        metadata = item["metadata"]
        extras = ("", *item.get("requested_extras", ()))
        for text in metadata.get("requires_dist", ()):
            try:
                requirement = Requirement(text)
            except InvalidRequirement:
                continue
            marker = requirement.marker
            is_asked = marker is None or any(marker.evaluate({"extra": one}) for one in extras)
            if canonicalize_name(requirement.name) != package or not is_asked:
                continue
            bounds = str(requirement.specifier)
            yield Dependent(metadata["name"], metadata["version"], (bounds,))


def lead_in(report: Sequence[dict[str, Any]], lead: str) -> Installed | None:
    """Return the lead that would be installed, and what would come that asks for it.

    Which CUDA it is for is not in a report.
    """
    version = versions_in(report).get(lead)
    if version is None:
        return None
    return Installed(version, beside=tuple(needing(report, lead)))


def written_report(place: Path) -> list[dict[str, Any]] | None:
    """Return the report in a file; None where there is none that can be read."""
    try:
        report: list[dict[str, Any]] = json.loads(place.read_text("utf-8"))["install"]
    except (OSError, ValueError, KeyError):
        return None
    return report


def ask_report(words: Sequence[str], line: CommandLine) -> list[dict[str, Any]] | None:
    """Return pip's report of what it would install; None where it fails, or has no such report."""
    with scratch_folder() as folder:
        place = folder / "report.json"
        asking = ["--dry-run", "--quiet", _REPORT, str(place)]
        own = _without_own(words, line)
        command = pip_of(sys.executable, *line.with_options(asking, own))
        run_bounded(command, environ=os.environ, limit=_LIMIT)
        return written_report(place)


def _without_own(words: Sequence[str], line: CommandLine) -> list[str]:
    """Return words without the line's own --report: its file is for the run itself."""
    kept = list(words)
    for use in line.options:
        own = line.words[use.start : use.end]
        if use.name == _REPORT and own[0] in kept:
            at = kept.index(own[0])
            del kept[at : at + len(own)]
    return kept
