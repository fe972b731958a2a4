"""Redirect an install from a tool environment (pipx, uv tool, ...) to the active environment.

Tool environments are those of pipx and uv, a single-file archive, and conda's base while another
environment is active. pip does the install there through its own `--python`.
"""

from __future__ import annotations

import os
import re
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.host.programs import interpreter_of
from conda_cuda_guard.model import Phrase, UsageError

from .command_line import read_command_line
from .pip_settings import settings as pip_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .command_line import CommandLine

# The first pip that has --python.
_OLDEST = "22.3"
# Options that already say where to install, or for which interpreter.
_SAID = ("python", "target", "prefix", "root", "python-version")
# Folders in uv's cache that hold the environments of `uvx`.
_OF_UVX = re.compile(r"(archive|environments|builds)-v\d+")
_BASE = "conda's base"


@dataclass(frozen=True)
class Active:
    """The environment that is active, by the variable that says so."""

    variable: str
    folder: Path


def into_active(line: CommandLine, *, installing: bool = True) -> tuple[CommandLine, Active | None]:
    """Return the line for the environment in question: as it is, or with pip's `--python`.

    Raises a UsageError where pipcuda is in a place for tools and no environment is active to
    install into.
    """
    place = place_for_tools(Path(sys.prefix), sys.argv[0], os.environ)
    if place is None or _is_said(line):
        return line, None
    active = active_environment(os.environ, Path(sys.prefix))
    if active is None and not installing:
        return line, None
    if active is None:
        raise UsageError(
            "no environment is active to install into",
            why=Phrase(
                "pipcuda runs from {place}, which is for tools: {prefix}",
                place=place,
                prefix=sys.prefix,
            ),
            hint=Phrase(
                "activate one, or name it: {example}",
                example=f"pipcuda --python .venv {line.command} ...",
            ),
        )
    _require_usable(active)
    words = ["--python", str(interpreter_of(active.folder)), *line.words]
    again = read_command_line(words, as_command=None if line.command else "install")
    again.guard, again.own = line.guard, line.own
    return again, active


def place_for_tools(prefix: Path, program: str, environ: Mapping[str, str]) -> str | None:
    """Return the kind of tool environment that this interpreter runs in, None for any other."""
    if (prefix / "pipx_metadata.json").is_file():
        return "pipx"
    if (prefix / "uv-receipt.toml").is_file():
        return "uv tool"
    if any(map(_OF_UVX.fullmatch, prefix.parts)):
        return "uvx"
    if Path(program).is_file() and zipfile.is_zipfile(program):
        return "a single file"
    is_base = (prefix / "conda-meta").is_dir() and (prefix / "condabin").is_dir()
    if is_base and active_environment(environ, prefix) is not None:
        return _BASE
    return None


def active_environment(environ: Mapping[str, str], own: Path) -> Active | None:
    """Return the active environment, unless it is our own."""
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        named = environ.get(variable)
        if named and not _is_same(Path(named), own):
            return Active(variable, Path(named))
    return None


def _is_same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _is_said(line: CommandLine) -> bool:
    settings = pip_settings(line.command or "install", isolated=bool(line.count("--isolated")))
    return any(line.count(f"--{name}") or settings.get(name) for name in _SAID)


def _require_usable(active: Active) -> None:
    if not interpreter_of(active.folder).exists():
        raise UsageError(
            Phrase("{folder} has no Python to install for", folder=active.folder),
            why=Phrase("{variable} names it as the active environment", variable=active.variable),
            hint="activate another one, or name it: pipcuda --python .venv install ...",
        )
    from importlib.metadata import version as version_of  # late, as most lines do not come here

    from packaging.version import Version

    pip = version_of("pip")
    if Version(pip) < Version(_OLDEST):
        raise UsageError(
            Phrase("pip {pip} cannot install into another environment", pip=pip),
            why=Phrase("pip {oldest} is the first that can", oldest=_OLDEST),
            hint=f"{sys.executable} -m pip install --upgrade pip",
        )
