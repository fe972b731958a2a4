"""pip's own configuration command: where the user's file is, and what a change makes of it."""

from __future__ import annotations

import os
import re
import shutil
import site
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.host.child import run_bounded
from conda_cuda_guard.model import GuardError, Phrase
from conda_cuda_guard.rendering import redact

from .change import Change, content

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIMIT = 20.0
_FILE = re.compile(r"  (\S.*), exists: (?:True|False)$")
_SECTION = re.compile(r"(\S+):$")
# Where systems keep a user's configuration; in a scratch folder for what is only tried.
_PLACES = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME")


def index_change(url: str, scratch: Path) -> Change:
    """Return what `pip config --user set global.index-url` would make of the user's file.

    pip does it, on a copy in a scratch folder that it takes for the home.
    """
    environ = _plain(os.environ)
    target = user_file(environ).resolve()
    there = {name: str(scratch / name.lower()) for name in _PLACES if name in environ}
    # pip itself may be installed below the real home.
    elsewhere = {**environ, **there, "PYTHONUSERBASE": site.getuserbase()}
    copy = user_file(elsewhere)
    command = ("config", "--user", "set", "global.index-url", url)
    if scratch not in copy.parents:
        # Windows may tell pip the place by other means than the environment.
        raise GuardError(
            "pip's configuration cannot be tried on a copy here",
            why=Phrase("pip keeps it at {target}, whatever the environment says", target=target),
            hint=f"pip {' '.join(command)}",
        )
    copy.parent.mkdir(parents=True, exist_ok=True)
    before = content(target)
    if before is not None:
        shutil.copyfile(target, copy)
    _pip(command, elsewhere)
    return Change(target, before, copy.read_bytes())


def user_file(environ: Mapping[str, str]) -> Path:
    """Ask pip for the file that it writes a user's settings to: the last of those that it reads."""
    section, found = "", ""
    for line in _pip(("config", "debug"), environ).splitlines():
        heading, file = _SECTION.match(line), _FILE.match(line)
        if heading:
            section = heading[1]
        elif file and section == "user":
            found = file[1]
    if not found:
        raise GuardError(
            "pip does not say where its configuration is",
            why="`pip config debug` names no file of the user",
            hint="python -m pip install --upgrade pip",
        )
    return Path(found)


def _plain(environ: Mapping[str, str]) -> dict[str, str]:
    """Leave out pip's variables: one that names a file would keep the user's from being read."""
    return {name: value for name, value in environ.items() if not name.startswith("PIP_")}


def _pip(words: tuple[str, ...], environ: Mapping[str, str]) -> str:
    command = [sys.executable, "-m", "pip", *words]
    outcome = run_bounded(command, environ=environ, limit=_LIMIT)
    if outcome.problem:
        last = (outcome.output.strip().splitlines() or [""])[-1]
        raise GuardError(
            Phrase("pip {command} did not work; nothing was changed", command=words[0]),
            why=redact(f"{outcome.problem} {last}".strip()),
            hint=f"{sys.executable} -m pip {' '.join(words[:2])}",
        )
    return outcome.output
