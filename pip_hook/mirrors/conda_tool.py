"""conda's own configuration command, where there is a conda."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.host.child import begin, run_bounded
from conda_cuda_guard.model import GuardError
from conda_cuda_guard.rendering import redact

from .change import Change, content

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Callable

    from conda_cuda_guard.host.child import Outcome

_LIMIT = 30.0
_SHOWN = ("channels", "channel_alias", "default_channels", "custom_channels", "channel_priority")


@dataclass(frozen=True)
class Wanted:
    """What conda is to be told: the addresses of `defaults`, and the places of single channels."""

    defaults: tuple[str, ...]
    channels: Mapping[str, str]


def find_conda(environ: Mapping[str, str]) -> str | None:
    """Return the path of the conda in use."""
    path = environ.get("PATH")
    # The variable may be left from a conda that is gone.
    return shutil.which(environ.get("CONDA_EXE") or "conda", path=path) or shutil.which(
        "conda", path=path
    )


def shown(conda: str) -> dict[str, Any]:
    """Return conda's settings in force that are about channels."""
    return showing(conda, _LIMIT)()


def showing(conda: str, limit: float) -> Callable[[], dict[str, Any]]:
    """Ask for the settings, and give the function that waits for them, `limit` seconds from now."""
    words = ("config", "--show", *_SHOWN, "--json")
    ended = begin([conda, *words], environ=os.environ, limit=limit)
    return lambda: _parsed(words, _output(words, ended()))


def about(conda: str) -> dict[str, Any]:
    """Return what conda says of itself: its platform, the user's configuration file."""
    return _answer(conda, "info", "--json")


def user_file(info: Mapping[str, Any]) -> Path:
    """Return the file that `conda config` writes a user's settings to."""
    return Path(str(info.get("user_rc_path") or info["rc_path"])).expanduser().resolve()


def change(conda: str, target: Path, wanted: Wanted, scratch: Path) -> Change:
    """Return what conda makes of the user's file, by way of a copy in a scratch folder."""
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
    """Write an option once for each of the pairs."""
    return [word for key, value in pairs for word in (option, key, value)]


def _answer(conda: str, *words: str) -> dict[str, Any]:
    """Return the JSON object that conda prints, passing over warnings around it."""
    return _parsed(words, _run(conda, *words))


def _parsed(words: Iterable[str], output: str) -> dict[str, Any]:
    start = re.search(r"^\{", output, re.MULTILINE)
    try:
        found = json.JSONDecoder().raw_decode(output[start.start() :])[0] if start else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _fault(words, "it did not answer with JSON")
    return found


def _run(conda: str, *words: str) -> str:
    return _output(words, run_bounded([conda, *words], environ=os.environ, limit=_LIMIT))


def _output(words: Iterable[str], outcome: Outcome) -> str:
    if outcome.problem:
        last = (outcome.output.strip().splitlines() or [""])[-1]
        raise _fault(words, f"{outcome.problem}: {last}")
    return outcome.output


def _fault(words: Iterable[str], why: str) -> GuardError:
    return GuardError(
        "conda's configuration cannot be used; nothing was changed",
        why=redact(why),
        hint=f"conda {' '.join(words)}",
    )
