"""Hold a line that does not name torch: pip runs as typed, with what is held added."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard.planner.asking import COMPANIONS, TORCH
from pip_hook.deciding import circumstances, heard, request_for
from pip_hook.installed import installed_torch

from .explaining import explain
from .holding import hold

if TYPE_CHECKING:
    from conda_cuda_guard.model import Installed
    from pip_hook.command_line import CommandLine
    from pip_hook.deciding import Circumstances

    from .holding import Held

# With these no dependency comes in, or constraints are not for them.
_NOT_WITH = ("--no-deps", "--require-hashes")
_OFF = ("", "0", "false", "no", "off")


def held_run(line: CommandLine, run: Callable[[list[str]], int]) -> Callable[[], int]:
    """Give what is to be done for a line that does not name the family; `run` runs its words."""
    around = circumstances(line)
    if not _applies(line, around):
        return partial(run, line.words)
    request = request_for((TORCH,), line, around)
    everything = replace(request, requirements=(TORCH, *COMPANIONS))
    catalogue = heard(everything, line, around.overrides)
    held = hold(request, catalogue, asked=not around.overrides.offline)
    return partial(_run, run, line, held, request.installed)


def _applies(line: CommandLine, around: Circumstances) -> bool:
    if around.overrides.as_is or not _installs_something(line, around):
        return False
    if around.hosts[0].platform.startswith("macos"):
        return False  # one build for all: nothing to hold
    if "legacy-resolver" in (
        *line.values("--use-deprecated"),
        around.settings.get("use-deprecated", ""),
    ):
        return False
    if any(one.hashes for one in around.files.requirement_lines(constraints=False)):
        return False
    return not any(
        line.count(name) or around.settings.get(name[2:], "").lower() not in _OFF
        for name in _NOT_WITH
    )


def _installs_something(line: CommandLine, around: Circumstances) -> bool:
    return bool(line.requirements or line.values("--editable") or around.files.roots)


def words_held(line: CommandLine, held: Held) -> list[str]:
    """Put the options right after the command."""
    at = 1 + (line.command_at or 0)
    return [*line.words[:at], *held.options, *line.words[at:]]


def _run(
    run: Callable[[list[str]], int], line: CommandLine, held: Held, before: Installed | None
) -> int:
    """Install, and say what became of torch: that it came in, or why it could not."""
    status = run(words_held(line, held))
    try:
        told = explain(line, held) if status else _came_in(line, before)
    except Exception:
        # Pip has had its say, and its exit status stands.
        if os.environ.get("CUDA_GUARD_DEBUG"):
            raise
        told = []
    for text in told:
        print(text, file=sys.stderr)
    return status


def _came_in(line: CommandLine, before: Installed | None) -> list[str]:
    if line.command != "install":
        return []
    after = installed_torch(line, circumstances(line).settings)
    if after is None or after == before or line.count("--quiet"):
        return []
    return [f"pipcuda: torch {after.version} came in as a dependency"]
