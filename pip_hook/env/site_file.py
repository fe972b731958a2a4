"""The pip configuration file of one environment: its path and its settings."""

from __future__ import annotations

import configparser
import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, TypeVar

from conda_cuda_guard.host.child import run_bounded
from conda_cuda_guard.host.programs import interpreter_of, pip_of, running
from conda_cuda_guard.model import GuardError, Phrase, UsageError, joined
from conda_cuda_guard.sources.pip_config import effective, parse_config_list
from pip_hook.mirrors.backups import Change, content
from pip_hook.mirrors.config_tools import without_pip_variables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pip_hook.command_line import CommandLine

_Path = TypeVar("_Path", bound=PurePath)
_LIMIT = 20.0
_ASK = "import sys; print(sys.prefix)"


@dataclass(frozen=True)
class Site:
    """An environment's file, and the command that runs pip for that environment."""

    path: Path
    pip: tuple[str, ...]


def site_of(line: CommandLine) -> Site:
    """Return the file of the environment that `--python` names, or of this interpreter's."""
    named = line.values("--python") or [os.environ.get("PIP_PYTHON", "")]
    if named[-1]:
        told = _output(running(interpreter_of(named[-1]), _ASK)).splitlines()[-1]
        pip = pip_of(sys.executable, "--python", named[-1])
        return Site(site_path(Path(told), os.name), tuple(pip))
    prefix = Path(sys.prefix)
    if sys.prefix == sys.base_prefix and not (prefix / "conda-meta").is_dir():
        raise UsageError(
            "nothing was written",
            why=Phrase(
                "{prefix} is no environment: its pip configuration is the whole system's",
                prefix=sys.prefix,
            ),
            hint="pipcuda --python .venv env --write",
        )
    return Site(site_path(prefix, os.name), tuple(pip_of(sys.executable)))


def site_path(prefix: _Path, system: str) -> _Path:
    """Return the path that pip documents as an environment's own file, by `os.name`."""
    return prefix / ("pip.ini" if system == "nt" else "pip.conf")


def file_settings(site: Site) -> dict[str, str]:
    """Return the settings in pip's files, without those of variables."""
    words = (*site.pip, "config", "list")
    return effective(parse_config_list(_output(words).splitlines()), "install")


def _output(words: Sequence[str]) -> str:
    environ = without_pip_variables(os.environ)
    environ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    outcome = run_bounded(words, environ=environ, limit=_LIMIT)
    if outcome.problem:
        raise GuardError(
            "the environment did not answer; nothing was written",
            why=joined(" ", filter(None, (outcome.problem, outcome.last_line))),
            hint=f"{sys.executable} -m pip config debug",
        )
    return outcome.output


def change_of(site: Site, options: Mapping[str, str]) -> Change:
    """Return the change that `pip config --site set global.…` would make, for all the options."""
    path = site.path.resolve()
    before = content(path)
    # pip reads and writes its files with the same class.
    parser = configparser.RawConfigParser()
    try:
        parser.read_string((before or b"").decode("utf-8"))
    except (configparser.Error, ValueError) as error:
        raise GuardError(
            Phrase("{path} cannot be read; nothing was written", path=path),
            why=str(error).splitlines()[0],
            hint=Phrase("correct {path}, then run the same command again", path=path),
        ) from None
    if not parser.has_section("global"):
        parser.add_section("global")
    for name, value in options.items():
        parser.set("global", name, value)
    text = io.StringIO()
    parser.write(text)
    after = text.getvalue().encode()
    return Change(path, before, after)
