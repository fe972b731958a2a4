"""Hold a line that does not name torch: pip runs as typed, with what is held added."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard.planner.requirement import COMPANIONS, TORCH
from conda_cuda_guard.rendering.language import translated
from pip_hook.deciding import circumstances, heard, request_for
from pip_hook.pip_settings import times
from pip_hook.target import installed_torch, own_target

from .constraints import hold, takes_constraints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.model import Installed
    from pip_hook.command_line import CommandLine
    from pip_hook.deciding import Circumstances

    from .constraints import Held


def held_run(line: CommandLine, run: Callable[[list[str]], int]) -> Callable[[], int]:
    """Give what is to be done for a line that does not name the family; `run` runs its words."""
    around = circumstances(line)
    if not _applies(line, around):
        return partial(run, line.words)
    request = request_for((TORCH,), line, around)
    everything = replace(request, requirements=(TORCH, *COMPANIONS))
    catalogue = heard(everything, line, around.overrides, own=False)
    target = own_target(line, around.settings)
    held = hold(request, catalogue, asked=not around.overrides.offline, target=target)
    came_in = partial(_came_in, line, around.settings, request.installed)
    return partial(_run, run, line, held, came_in)


def _applies(line: CommandLine, around: Circumstances) -> bool:
    if around.overrides.as_is or not _installs_something(line, around):
        return False
    if around.hosts[0].platform.startswith("macos"):
        return False  # one build for all: nothing to hold
    return takes_constraints(line, around.settings, around.files)


def _installs_something(line: CommandLine, around: Circumstances) -> bool:
    # Groups, and files at addresses, are read by pip alone: what they bring in is held too.
    unread = line.values("--group") or line.values("--requirement")
    named = line.requirements or line.values("--editable") or unread
    return bool(named or around.files.roots or around.settings.get("group"))


def words_held(line: CommandLine, held: Held) -> list[str]:
    """Put the options right after the command."""
    at = 1 + (line.command_at or 0)
    return [*line.words[:at], *held.options, *line.words[at:]]


def _run(
    run: Callable[[list[str]], int],
    line: CommandLine,
    held: Held,
    came_in: Callable[[], list[str]],
) -> int:
    """Install, and say what became of torch: that it came in, or why it could not."""
    status = run(words_held(line, held))
    try:
        told = _explained(line, held) if status else came_in()
    except Exception:
        # Pip has had its say, and its exit status stands.
        if os.environ.get("CUDA_GUARD_DEBUG"):
            raise
        told = []
    for text in told:
        print(text, file=sys.stderr)
    return status


def _explained(line: CommandLine, held: Held) -> list[str]:
    from .explain_failure import explain  # late: of no use where pip does well

    return explain(line, held)


def _came_in(line: CommandLine, settings: Mapping[str, str], before: Installed | None) -> list[str]:
    if line.command != "install":
        return []
    after = installed_torch(line, settings)
    if after is None or after == before or times(line, settings, "quiet"):
        return []
    told = translated("pipcuda: torch {version} came in as a dependency")
    return [told.format(version=after.version)]
