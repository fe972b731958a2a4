"""The platform that runs this process, in the contract's words."""

from __future__ import annotations

import platform
import sys

_SYSTEMS = {"darwin": "macos", "win32": "windows", "cygwin": "windows"}
_MACHINES = {"amd64": "x86_64", "x64": "x86_64", "arm64": "aarch64"}


def this_platform() -> str:
    """Return e.g. `"linux-x86_64"`; an unsupported machine keeps its name (`"linux-ppc64le"`)."""
    return name_platform(sys.platform, platform.machine())


def name_platform(system: str, machine: str) -> str:
    """Return the contract's name for Python's `sys.platform` and `platform.machine()`."""
    system = _SYSTEMS.get(system, "linux" if system.startswith("linux") else system)
    machine = _MACHINES.get(machine.lower(), machine.lower())
    # Each system has its own word for the same processor.
    if system == "windows":
        machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    if system == "macos" and machine == "aarch64":
        machine = "arm64"
    return f"{system}-{machine}"
