"""The interpreter and platform that pip installs for: this one, or what the options say."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.host import this_platform
from conda_cuda_guard.model import PLATFORMS, Phrase, UsageError
from conda_cuda_guard.sources.listing import named_platforms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .command_line import CommandLine

_ASK = (
    "import sys, sysconfig;"
    "print('%d.%d%s' % (*sys.version_info[:2],"
    " 't' if sysconfig.get_config_var('Py_GIL_DISABLED') else ''))"
)
_PATHS = "import json, sys; print(json.dumps([one for one in sys.path if one]))"
_TIMEOUT = 10.0
# Whatever has pip take files for another interpreter than its own.
_ELSEWHERE = ("python", "platform", "python-version", "implementation", "abi")


def target_platform(line: CommandLine, settings: Mapping[str, str]) -> str:
    """Give the platform installed for, by `--platform` or this machine's."""
    tags = line.values("--platform") or settings.get("platform", "").split()
    for tag in tags:
        named = named_platforms(tag)
        if named:
            return min(named, key=PLATFORMS.index)
    return tags[0] if tags else this_platform()


def target_python(line: CommandLine, settings: Mapping[str, str]) -> str | None:
    """Give the version of the interpreter installed into, `"3.11"` or `"3.13t"`."""
    numbers = line.values("--python-version") or [settings.get("python-version", "")]
    if numbers[-1]:
        return _dotted(numbers[-1], line.values("--abi"))
    pythons = line.values("--python") or [settings.get("python", "")]
    if pythons[-1]:
        return _ask(pythons[-1])
    return _this_python()


def own_target(line: CommandLine, settings: Mapping[str, str]) -> tuple[str, str] | None:
    """Give the platform and Python of pip itself, where it is them that files are taken for."""
    if any(line.count(f"--{name}") or settings.get(name) for name in _ELSEWHERE):
        return None
    return this_platform(), _this_python()


def _this_python() -> str:
    free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    return f"{sys.version_info.major}.{sys.version_info.minor}{'t' if free_threaded else ''}"


def _dotted(number: str, abis: list[str]) -> str | None:
    """Read pip's `3.11`, `3.11.2` or `311`; `3` alone names no minor version."""
    if "." not in number and len(number) > 1:
        number = f"{number[0]}.{number[1:]}"
    parts = number.split(".")
    if len(parts) < 2:  # noqa: PLR2004
        return None
    free_threaded = any(abi.endswith("t") for abi in abis)
    return f"{parts[0]}.{parts[1]}{'t' if free_threaded else ''}"


def paths_of(python: str) -> list[str]:
    """Give the folders that an interpreter, named as `--python` does, imports from."""
    paths: list[str] = json.loads(_ask(python, _PATHS))
    return paths


def _ask(python: str, question: str = _ASK) -> str:
    """Ask the interpreter (or the one of an environment's folder) that `--python` names."""
    path = Path(python)
    if path.is_dir():
        inside = ("bin/python", "Scripts/python.exe")
        path = next((path / one for one in inside if (path / one).exists()), path)
    try:
        done = subprocess.run(
            [str(path), "-c", question],
            capture_output=True, text=True, check=True, timeout=_TIMEOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(
            Phrase("--python {python} is not an interpreter that answers", python=python),
            why=reason,
            hint="name an interpreter or an environment's folder: --python .venv",
        ) from None
    return done.stdout.strip()
