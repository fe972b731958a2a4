"""Hand a rewritten pip command line over to `uv pip install`."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase, UsageError
from pip_hook import command_line
from pip_hook.deciding import takes_no_index
from pip_hook.files.roots import read_files
from pip_hook.files.sources import resets_index
from pip_hook.pip_settings import settings as pip_settings

from .finding import find_uv
from .options import translated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pip_hook.command_line import CommandLine

_NAME = "CUDA_GUARD_INSTALLER"
_SOURCES = (
    "UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS",
    "UV_NO_INDEX",
)  # fmt: skip


def is_asked(line: CommandLine) -> bool:
    """Tell whether uv is to install; raises UsageError for what it cannot do."""
    given = [value for name, value in line.guard if name == "--installer"]
    installer = given[-1] if given else os.environ.get(_NAME) or "pip"
    if installer not in ("pip", "uv"):
        raise UsageError(
            Phrase("no installer {installer!r}", installer=installer),
            why="there are pip and uv",
            hint="--installer uv",
        )
    if installer == "pip":
        return False
    if line.command != "install":
        raise UsageError(
            Phrase("uv has no {command}", command=line.command),
            why="it was asked for as the installer",
            hint=f"pipcuda {line.command} --installer pip ...",
        )
    translated(line, pip_settings("install", isolated=bool(line.count("--isolated"))))
    find_uv()
    return True


def run_uv(words: list[str]) -> int:
    """Run uv for a line that pip would take; returns its exit status."""
    line = command_line.read(words)
    python = (line.values("--python") or [sys.executable])[-1]
    settings = pip_settings("install", isolated=bool(line.count("--isolated")))
    command = [find_uv(), "pip", "install", "--python", python]
    command += ["--index-strategy", "unsafe-best-match", *translated(line, settings)]
    for name in ("requirement", "constraint"):
        command += [f"--{name}={path}" for path in settings.get(name, "").split()]
    command += ["--", *(line.words[at] for at in line.requirements)]
    return subprocess.run(command, env=_environment(line, settings), check=False).returncode


def _environment(line: CommandLine, settings: Mapping[str, str]) -> dict[str, str]:
    """Give pip's sources to uv; by the environment, which others cannot read."""
    env = {name: value for name, value in os.environ.items() if name not in _SOURCES}
    env["UV_NO_CONFIG"] = "1"
    files = read_files(line, settings)
    pages = settings.get("find-links", "").split() + line.values("--find-links")
    env["UV_FIND_LINKS"] = ",".join(pages)
    if takes_no_index(line, settings):
        env["UV_NO_INDEX"] = "1"
    elif not (files and resets_index(files)):
        main = line.values("--index-url") or settings.get("index-url", "").split()
        extra = settings.get("extra-index-url", "").split() + line.values("--extra-index-url")
        env["UV_DEFAULT_INDEX"] = main[-1] if main else ""
        env["UV_INDEX"] = " ".join(extra)
    return {name: value for name, value in env.items() if value or name not in _SOURCES}
