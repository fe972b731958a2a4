"""`pipcuda download` for another machine: the options that tell pip which files that one takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.host import this_platform

from .target import target_python

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.model import Host

    from .command_line import CommandLine

# What pip is to take; it does not know by itself that a newer manylinux runs what is for an older.
_LINUX = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_17", "manylinux2014", "manylinux_2_12",
          "manylinux2010", "manylinux_2_5", "manylinux1", "linux")  # fmt: skip
_TAGS = {
    "linux-x86_64": tuple(f"{one}_x86_64" for one in _LINUX),
    "linux-aarch64": tuple(f"{one}_aarch64" for one in _LINUX),
    "windows-amd64": ("win_amd64",),
    "macos-arm64": ("macosx_14_0_arm64",),
    "macos-x86_64": ("macosx_14_0_x86_64",),
}
_SAID = ("--platform", "--python-version", "--implementation", "--abi")


def options_for(line: CommandLine, host: Host, settings: Mapping[str, str]) -> list[str]:
    """Give pip's options for a machine of another platform or Python than pip's own.

    None where the line says such things itself: then it is the person's own choice.
    """
    if any(line.count(name) for name in _SAID):
        return []
    here = host.platform == this_platform()
    if here and host.python in (None, target_python(line, settings)):
        return []
    options = [word for tag in _TAGS[host.platform] for word in ("--platform", tag)]
    if host.python:
        number = host.python.rstrip("t")
        options += ["--python-version", number, "--implementation", "cp"]
        options += [word for abi in _abis(host.python) for word in ("--abi", abi)]
    # pip takes no source distribution for another machine, as it could not build it.
    if not line.count("--only-binary") and not line.count("--no-deps"):
        options.append("--only-binary=:all:")
    return options


def _abis(python: str) -> tuple[str, ...]:
    digits = python.rstrip("t").replace(".", "")
    flag = "t" if python.endswith("t") else ""
    return (f"cp{digits}{flag}", "abi3", "none")
