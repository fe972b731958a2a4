"""The torch of the environment that is installed into, read from its files, not imported."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from conda_cuda_guard.host.packages import find_torch

from .target import paths_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.model import Installed

    from .command_line import CommandLine

# With these, what is installed is not looked at, or lies elsewhere.
_ELSEWHERE = ("target", "prefix", "root", "platform", "python-version", "ignore-installed")
_OFF = ("", "0", "false", "no", "off")


def installed_torch(line: CommandLine, settings: Mapping[str, str]) -> Installed | None:
    """Find the torch that pip would find there; None where there is none, or it does not count."""
    for name in _ELSEWHERE:
        if line.count(f"--{name}") or settings.get(name, "").lower() not in _OFF:
            return None
    python = (line.values("--python") or [settings.get("python", "")])[-1]
    paths = paths_of(python) if python else sys.path
    return find_torch(paths)


def wants_upgrade(line: CommandLine, settings: Mapping[str, str]) -> bool:
    """Tell whether what is named is to be renewed though it is there."""
    names = ("upgrade", "force-reinstall")
    return any(
        line.count(f"--{name}") or settings.get(name, "").lower() not in _OFF for name in names
    )
