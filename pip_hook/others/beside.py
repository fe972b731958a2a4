"""A line that names torch: companions that others bring in are those of the planned torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.planner.asking import TORCH
from conda_cuda_guard.planner.versions import is_version, version
from pip_hook.pip_settings import settings as pip_settings

from .holding import bounds, constraints
from .taking import takes_constraints

if TYPE_CHECKING:
    from pip_hook.command_line import CommandLine
    from pip_hook.deciding import Decision


def beside(line: CommandLine, decision: Decision) -> tuple[str, ...]:
    """Give the options that hold companions which were not named.

    Some say themselves which torch they belong to; torchvision from 0.29.1 on and torchaudio 2.11.0
    do not, and pip would take the newest. Without labels, so that any file of the version will do.
    """
    if decision.request.as_is:
        return ()
    settings = pip_settings(line.command or "install", isolated=bool(line.count("--isolated")))
    if not takes_constraints(line, settings, decision.files):
        return ()
    torch = decision.plan.packages.get(TORCH, "").partition("+")[0]
    releases = catalogue.releases()
    own = next((one for one in releases if one.version == torch), None)
    if own is None:
        return ()
    known: dict[str, list[str]] = {}
    for release in releases:
        for name, found in release.pip.items():
            known.setdefault(name, []).extend(found.versions)
    lines = [
        bounds(name, sorted(found.versions, key=version), known[name])
        for name, found in own.pip.items()
        if name not in decision.plan.packages and all(map(is_version, found.versions))
    ]
    return constraints(lines) if lines else ()
