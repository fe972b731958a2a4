"""Runs of pip in which the family is constrained to builds that run here, and their report.

Used for lines that do not name the family and for lines that leave its versions open: pip chooses
among the builds that are admitted.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard import catalogue as built_in
from conda_cuda_guard.rendering import note_lines
from conda_cuda_guard.rendering.language import translated
from conda_cuda_guard.rendering.output import err
from pip_hook.deciding import circumstances, heard, problem_of, request_for
from pip_hook.pip_settings import times
from pip_hook.rewriting import rewrite_line
from pip_hook.target import installed_torch, own_target, takes_constraints

from .constraints import bounds_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.model import Installed, Note
    from pip_hook.command_line import CommandLine
    from pip_hook.deciding import Circumstances, LineDecision

    from .constraints import Bounds

Run = Callable[[list[str]], int]


def bounded_run(line: CommandLine, run: Run) -> Callable[[], int]:
    """Return the function that carries out a line which does not name the family.

    `run` runs pip with an argument list and returns its exit status.
    """
    around = circumstances(line)
    if not _applies(line, around):
        return partial(run, line.words)
    request = request_for(built_in.family().pip_names[:1], line, around)
    catalogue = heard(
        problem_of(request), line, around.overrides, own=_has_own(around, line), every_member=True
    )
    target = own_target(line, around.settings)
    bounds = bounds_for(request, catalogue, asked=not around.overrides.offline, target=target)
    at = 1 + (line.command_at or 0)
    words = [*line.words[:at], *bounds.options, *line.words[at:]]
    came_in = partial(_came_in, partial(_installed_now, line, around.settings), None, bounds.notes)
    return partial(_run, run, words, line, bounds, came_in, request.installed)


def open_run(line: CommandLine, decision: LineDecision, run: Run) -> Callable[[], int]:
    """Return the function that carries out a line whose other packages may choose the version.

    The requirements stay as typed, and pip takes the planned build unless they ask for another.
    """
    lead = decision.catalogue.family.lead.pip
    request = replace(decision.request, requirements=(lead,), origins=(), upgrade=False)
    bounds = bounds_for(
        request,
        decision.catalogue,
        asked=True,
        target=own_target(line, decision.settings),
        planned=decision.plan,
    )
    typed = replace(decision.plan, pins=decision.request.requirements)
    words = rewrite_line(line, typed, [*decision.options, *bounds.options], decision.in_files)
    planned = decision.plan.packages.get(lead)
    find = partial(_installed_now, line, decision.settings)
    came_in = partial(_came_in, find, planned, bounds.notes)
    return partial(_run, run, words, line, bounds, came_in, decision.request.installed)


def _has_own(around: Circumstances, line: CommandLine) -> bool:
    """Return whether sources beside the default index are in force, which may have labels."""
    sources = request_for((), line, around).sources
    return bool(sources.index_urls or sources.find_links)


def _applies(line: CommandLine, around: Circumstances) -> bool:
    if around.overrides.as_is or not _installs_something(line, around):
        return False
    if around.hosts[0].platform.startswith("macos"):
        return False  # there is one build: nothing to constrain
    if any(one.is_left for one in problem_of(request_for((), line, around)).addresses):
        return False  # builds for another accelerator, or nightly ones: the line is left alone
    return takes_constraints(line, around.settings, around.files)


def _installs_something(line: CommandLine, around: Circumstances) -> bool:
    # pip alone reads groups and files at URLs: what they depend on is constrained too.
    unread = line.values("--group") or line.values("--requirement")
    named = line.requirements or line.values("--editable") or unread
    return bool(named or around.files.roots or around.settings.get("group"))


def _run(  # noqa: PLR0913, PLR0917
    run: Run,
    words: list[str],
    line: CommandLine,
    bounds: Bounds,
    came_in: Callable[[Installed | None], list[str]],
    before: Installed | None,
) -> int:
    """Run pip and print what was installed of the family, or why pip failed; return its status."""
    status = run(words)
    try:
        told = _explained(line, bounds) if status else came_in(before)
    except Exception:
        # pip is done, and its exit status stands whatever happens here.
        if os.environ.get("CUDA_GUARD_DEBUG"):
            raise
        told = []
    for text in told:
        err(text)
    return status


def _explained(line: CommandLine, bounds: Bounds) -> list[str]:
    from .explain_failure import explain  # late: not needed where pip succeeds

    return explain(line, bounds)


def _installed_now(line: CommandLine, settings: Mapping[str, str]) -> Installed | None:
    """Return the lead that an install left there; None where nothing is to be said of it."""
    if line.command != "install" or times(line, settings, "quiet"):
        return None
    return installed_torch(line, settings)


def _came_in(
    find: Callable[[], Installed | None],
    planned: str | None,
    notes: tuple[Note, ...],
    before: Installed | None,
) -> list[str]:
    """Return the line about the lead that is installed now, where it is not what was announced."""
    after = find()
    if after is None or after == before or after.version == planned:
        return []
    held = [note for note in notes if note.code == "held-back"]
    told = translated("pipcuda: {package} {version} was installed as a dependency")
    if planned is not None:
        told = translated(
            "pipcuda: {package} {version} was installed: other packages of the request ask for it"
        )
    told = told.format(package=built_in.family().lead.pip, version=after.version)
    return [told, *(note_lines(held) if planned is None else ())]
