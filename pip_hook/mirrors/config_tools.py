"""The configuration of pip and conda through the tools' own commands."""

from __future__ import annotations

import json
import os
import re
import shutil
import site
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.host.child import begin, run_bounded
from conda_cuda_guard.host.programs import find_program, pip_of
from conda_cuda_guard.model import GuardError, Phrase, joined

from .backups import Change, content

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Callable

    from conda_cuda_guard.host.child import Outcome

_LIMIT = 20.0
_FILE = re.compile(r"  (\S.*), exists: (?:True|False)$")
_SECTION = re.compile(r"(\S+):$")
# The folders of a user's configuration on each system; below a scratch folder for a trial.
_PLACES = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME")


def index_change(url: str, scratch: Path) -> Change:
    """Return the change that `pip config --user set global.index-url` makes to the user's file.

    pip makes it on a copy, in a scratch folder given to it as the home. Raises GuardError where pip
    does not look there, or fails.
    """
    environ = without_pip_variables(os.environ)
    target = user_pip_conf(environ).resolve()
    there = {name: str(scratch / name.lower()) for name in _PLACES if name in environ}
    # pip itself may be installed below the real home.
    elsewhere = {**environ, **there, "PYTHONUSERBASE": site.getuserbase()}
    copy = user_pip_conf(elsewhere)
    command = ("config", "--user", "set", "global.index-url", url)
    if scratch not in copy.parents:
        # Windows may give pip the path by other means than the environment.
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


def user_pip_conf(environ: Mapping[str, str]) -> Path:
    """Return the file that pip writes a user's settings to: the last of those that it reads."""
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


def without_pip_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without PIP_* variables: one could hide the user's file."""
    return {name: value for name, value in environ.items() if not name.startswith("PIP_")}


def _pip(words: tuple[str, ...], environ: Mapping[str, str]) -> str:
    outcome = run_bounded(pip_of(sys.executable, *words), environ=environ, limit=_LIMIT)
    if outcome.problem:
        raise GuardError(
            Phrase("pip {command} did not work; nothing was changed", command=words[0]),
            why=joined(" ", filter(None, (outcome.problem, outcome.last_line))),
            hint=f"{sys.executable} -m pip {' '.join(words[:2])}",
        )
    return outcome.output


_CONDA_LIMIT = 30.0
_SHOWN = ("channels", "channel_alias", "default_channels", "custom_channels", "channel_priority")


@dataclass(frozen=True)
class Wanted:
    """Settings for conda: the URLs of `defaults`, and the locations of single channels."""

    defaults: tuple[str, ...]
    channels: Mapping[str, str]


def find_conda(environ: Mapping[str, str]) -> str | None:
    """Return the path of the conda in use."""
    named = environ.get("CONDA_EXE", "")
    # The variable may be left over from a conda that was removed.
    if Path(named).is_absolute() and os.access(named, os.X_OK):
        return named
    return find_program("conda", environ)


def conda_settings(conda: str) -> dict[str, Any]:
    """Return conda's settings in force that are about channels."""
    return asking_conda(conda, _CONDA_LIMIT)()


def asking_conda(conda: str, limit: float) -> Callable[[], dict[str, Any]]:
    """Return a function that waits for conda's settings, until `limit` seconds from now."""
    words = ("config", "--show", *_SHOWN, "--json")
    ended = begin([conda, *words], environ=os.environ, limit=limit)
    return lambda: _parsed(words, _output(words, ended()))


def about(conda: str) -> dict[str, Any]:
    """Return the output of `conda info`: the platform, the user's configuration file."""
    return _answer(conda, "info", "--json")


def user_condarc(info: Mapping[str, Any]) -> Path:
    """Return the file that `conda config` writes a user's settings to."""
    return Path(str(info.get("user_rc_path") or info["rc_path"])).expanduser().resolve()


def change(conda: str, target: Path, wanted: Wanted, scratch: Path) -> Change:
    """Return the change that conda makes to the user's file, tried on a copy."""
    # conda reads a file only where its name ends like this.
    copy = scratch / "condarc.yml"
    before = content(target)
    copy.write_bytes(before or b"")
    config = ("config", "--file", str(copy))
    had = _answer(conda, *config, "--get", "--json").get("get", {})
    if wanted.defaults and had.get("default_channels", []) != [*wanted.defaults]:
        if "default_channels" in had:
            _run(conda, *config, "--remove-key", "default_channels")
        _run(
            conda, *config, *_pairs("--append", (("default_channels", u) for u in wanted.defaults))
        )
    there = had.get("custom_channels") or {}
    new = [(f"custom_channels.{k}", v) for k, v in wanted.channels.items() if there.get(k) != v]
    if new:
        _run(conda, *config, *_pairs("--set", new))
    after = copy.read_bytes()
    return Change(target, before, before if before is None and not after else after)


def _pairs(option: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return the words of an option that is repeated for each pair."""
    return [word for key, value in pairs for word in (option, key, value)]


def _answer(conda: str, *words: str) -> dict[str, Any]:
    """Return the JSON object that conda prints, ignoring warnings around it."""
    return _parsed(words, _run(conda, *words))


def _parsed(words: Iterable[str], output: str) -> dict[str, Any]:
    start = re.search(r"^\{", output, re.MULTILINE)
    try:
        found = json.JSONDecoder().raw_decode(output[start.start() :])[0] if start else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _failed(words, Phrase("it did not answer with JSON"))
    return found


def _run(conda: str, *words: str) -> str:
    return _output(words, run_bounded([conda, *words], environ=os.environ, limit=_CONDA_LIMIT))


def _output(words: Iterable[str], outcome: Outcome) -> str:
    if outcome.problem:
        raise _failed(words, joined(": ", (outcome.problem, outcome.last_line)))
    return outcome.output


def _failed(words: Iterable[str], why: str) -> GuardError:
    return GuardError(
        "conda's configuration cannot be used; nothing was changed",
        why=why,
        hint=f"conda {' '.join(words)}",
    )
