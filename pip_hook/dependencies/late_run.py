"""Runs of pip for lines that name no family: decided only once pip meets one.

Most of them never do, and cost what pip costs: nothing is probed, read or asked for them. Where pip
is to find a package of a family, it is stopped before it has looked for it, and run within bounds.
uv cannot be stopped there: it is asked for a dry run first.
"""

from __future__ import annotations

import os
import re
import sys
from functools import partial
from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from pip_hook.pip_settings import settings as pip_settings
from pip_hook.resolver_watch import can_watch, run_watched
from pip_hook.run_pip import run_pip, run_pip_again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conda_cuda_guard.catalogue import Names
    from conda_cuda_guard.model import GuardError
    from pip_hook.command_line import CommandLine
    from pip_hook.run_pip import Next, Run

_INSTALLED = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)(?:-.*)?\.(?:dist|egg)-info")


def late_run(line: CommandLine, run: Run) -> Next:
    """Return what is left to do for a line that names no family.

    `run` runs pip with an argument list and returns its exit status.
    """
    if run is run_pip and _can_wait(line) and can_watch():
        return _LateRun(line, _watched(catalogue.names())).carry_out
    if run is not run_pip and _can_wait(line) and _leaves_families(line):
        return partial(run, line.words)
    from .constrained_run import held  # late, as much comes with it

    return held(line, run) or partial(run, line.words)


def _can_wait(line: CommandLine) -> bool:
    """Return whether it is for this interpreter, and nothing was declared that is to be read."""
    if line.count("--python") or any(name != "--installer" for name, _ in line.guard):
        return False
    isolated = bool(line.count("--isolated"))
    return not pip_settings(line.command or "", isolated=isolated).get("python")


def _leaves_families(line: CommandLine) -> bool:
    """Return whether uv, which cannot be stopped where it meets one, says that it touches none."""
    from pip_hook.uv import would_change  # late: pip's lines do without

    changed = would_change(line.words)
    return changed is not None and changed.isdisjoint(_watched(catalogue.names()))


class _LateRun:
    """A run of pip that stops where it meets a family, and what is then done instead."""

    def __init__(self, line: CommandLine, names: frozenset[str]) -> None:
        self.line = line
        self.names = names
        self.is_decided = False
        self.bounded: Callable[[], int] | None = None
        self.error: GuardError | None = None

    def carry_out(self) -> int:
        """Run pip, within bounds from the moment that it meets a family; return its exit status."""
        status = run_watched(self.line.words, self.names, self.met)
        if self.error is not None:
            from conda_cuda_guard.rendering import tell_error

            return tell_error(self.error)
        return self.bounded() if self.bounded is not None else status or 0

    def met(self, name: str, asker: str) -> bool:
        """Decide on the line, and return whether there are bounds to run it within."""
        if self.is_decided:
            return False
        self.is_decided = True
        from conda_cuda_guard.model import GuardError

        from .constrained_run import held

        try:
            self.bounded = held(self.line, run_pip_again)
        except GuardError as error:
            self.error = error
        if self.bounded is not None and asker and not self.line.count("--quiet"):
            from conda_cuda_guard.rendering.language import translated
            from conda_cuda_guard.rendering.output import err

            told = translated(
                "pipcuda: {package} asks for {name}; pip starts over with the builds that run here"
            )
            err(told.format(package=asker, name=name))
        return self.bounded is not None or self.error is not None


def _watched(names: Names) -> frozenset[str]:
    """Return the names that may be bounded, and what an installed lead does not work with."""
    lead = names.lead[0]
    found = {*names.lead, *names.ranged}
    for version in _installed(lead):
        found.update(package for releases, package in names.conflicts if _is_in(version, releases))
    return frozenset(found)


def _installed(lead: str) -> Iterator[str]:
    """Yield the versions of a package on the path, by the names of its metadata's folders."""
    for place in sys.path:
        try:
            entries = os.listdir(place or os.curdir)  # noqa: PTH208 - this is to be quick
        except OSError:
            continue
        for entry in entries:
            found = _INSTALLED.fullmatch(entry) if entry.startswith(lead) else None
            if found is not None and found["name"] == lead:
                yield found["version"]


def _is_in(version: str, releases: str) -> bool:
    from conda_cuda_guard.model.versions import Range

    return version in Range((releases,))
