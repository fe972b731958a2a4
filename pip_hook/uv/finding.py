"""Where uv is, and whether it is new enough."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from conda_cuda_guard.model import Phrase, UsageError

# UV_DEFAULT_INDEX and UV_INDEX are read from this version on (uv's changelog, 0.4.23).
_OLDEST = (0, 4, 23)
_TIMEOUT = 20.0
_INSTALL = f"{sys.executable} -m pip install --upgrade uv"


@cache
def find_uv() -> str:
    """Give the path of uv: beside this interpreter, or on PATH; raises UsageError without one."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which("uv", path=beside) or shutil.which("uv")
    if found is None:
        raise UsageError(
            "uv was asked for and is not here",
            why=Phrase("there is none in {beside} and none on PATH", beside=beside),
            hint=_INSTALL,
        )
    _check(found)
    return found


def _check(path: str) -> None:
    try:
        done = subprocess.run(
            [path, "--version"], capture_output=True, text=True, check=False, timeout=_TIMEOUT
        )
        said = done.stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        said = str(error)
    version = re.match(r"uv (\d+)\.(\d+)\.(\d+)", said)
    if version is None:
        raise UsageError(
            Phrase("{path} does not say its version", path=path), why=said.strip(), hint=_INSTALL
        )
    if tuple(map(int, version.groups())) < _OLDEST:
        oldest = ".".join(map(str, _OLDEST))
        raise UsageError(
            Phrase("{path} is too old", path=path),
            why=Phrase("{oldest} is needed", oldest=oldest),
            hint=_INSTALL,
        )
