"""A set that pip left torn: companions of another release or variant than the torch it chose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from conda_cuda_guard import catalogue as built_in
from conda_cuda_guard.model.versions import exactly
from conda_cuda_guard.planner.installed_agreement import disagreeing
from conda_cuda_guard.rendering.language import translated
from conda_cuda_guard.rendering.output import err
from pip_hook.run_pip import run_pip, run_pip_again

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conda_cuda_guard.model import Catalogue, Installed
    from conda_cuda_guard.model.request import Beside
    from pip_hook.command_line import CommandLine

# What names packages, or would replace more than these.
_LEFT_OUT = ("--requirement", "--editable", "--group", "--no-deps", "--report")


def torn_by_run(
    before: Installed | None, after: Installed | None, catalogue: Catalogue
) -> Mapping[Beside, str]:
    """Return the companions that do not belong to the lead beside them, and the right versions.

    The metadata of some names no release of the lead, so pip takes their newest beside any. What
    the run did not touch stays as it was.
    """
    if after is None:
        return {}
    untouched = before.beside if before is not None and before == after else ()
    found = disagreeing(after, catalogue)
    return {one: right for one, right in found.items() if one not in untouched}


def mend(
    torn: Mapping[Beside, str],
    after: Installed | None,
    line: CommandLine,
    options: Sequence[str],
    run: Callable[[list[str]], int],
) -> int:
    """Install the companions that belong to the lead in the place of those that are torn from it.

    `options` are the bounds of the run that left them, `run` carried it out. Return the exit status
    of a second run; 0 where none is needed.
    """
    if not torn or after is None:
        return 0
    lead = f"{built_in.family().lead.pip} {after.version}"
    for one, right in torn.items():
        told = translated("pipcuda: {package} does not belong to {lead}: {right} takes its place")
        if not right:
            told = translated(
                "pipcuda: {package} does not belong to {lead}; none is known that does"
            )
        err(told.format(package=f"{one.name} {one.version}", lead=lead, right=right))
    pins = [one.name + exactly(right) for one, right in torn.items() if right]
    if not pins:
        return 0
    again = run_pip_again if run is run_pip else run
    return again(_words(line, options, pins))


def _words(line: CommandLine, options: Sequence[str], pins: Sequence[str]) -> list[str]:
    """Return the words that install these alone, from the same sources into the same place."""
    gone = set(line.requirements)
    for use in line.options:
        if use.name in _LEFT_OUT:
            gone.update(range(use.start, use.end))
    at = 1 + (line.command_at or 0)
    start = [word for number, word in enumerate(line.words[:at]) if number not in gone]
    end = [word for number, word in enumerate(line.words[at:], at) if number not in gone]
    # Without --upgrade pip replaces nothing in a target folder.
    return [*start, *options, "--no-deps", "--upgrade", *end, *pins]
