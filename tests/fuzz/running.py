"""Running pipcuda in this process, in a folder and an environment of its own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from pip_hook.cli import main
from tests.safety.test_redaction import SECRET
from tests.support.tools import isolated_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MACHINE = ("--driver", "535.104.05", "--gpu", "A100", "--offline")
# What the contract has for what ends before pip has run; `explain` has 1 for what it does not know.
DONE, UNKNOWN, UNUSABLE, REFUSED, INTERRUPTED = 0, 1, 2, 3, 130
_HOME = "home"
ODD_CHARACTERS = "\x00\x07\x1b\x0b\x0c\x85\u2028\u202e"


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it wrote."""

    status: int
    out: bytes
    err: str

    @property
    def json(self) -> Any:
        """The value that standard output holds."""
        return json.loads(self.out)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="cuda-guard-fuzz-")


@contextlib.contextmanager
def place() -> Iterator[Path]:
    """Be in an empty folder, with an environment that knows nothing of the caller's."""
    before = Path.cwd()
    home = Path(_folder().name)
    for one in home.iterdir():
        if one.name != _HOME:
            shutil.rmtree(one) if one.is_dir() else one.unlink()
    alone = {**isolated_environment(home / _HOME), "CUDA_GUARD_LANG": "en", "PATH": ""}
    with mock.patch.dict(os.environ, alone, clear=True):
        os.chdir(home)
        try:
            yield home
        finally:
            os.chdir(before)


def said(
    *words: str, stdin: bytes = b"", run: Callable[[list[str]], object] = main, broken: bool = False
) -> Said:
    """Run a command in this place, and fail where it ends in another way than the contract's.

    With something `broken` of ours, a message that says so is right.
    """
    raw_out, raw_err = io.BytesIO(), io.BytesIO()
    out, err = (io.TextIOWrapper(one, "utf-8", write_through=True) for one in (raw_out, raw_err))
    given = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    status: object = None
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch("sys.stdin", given),
    ):
        try:
            status = run(list(words))
        except SystemExit as error:
            status = error.code
    status = status if isinstance(status, int) else DONE
    told = raw_err.getvalue().decode("utf-8", "replace")
    assert status in (DONE, UNKNOWN, UNUSABLE, REFUSED, INTERRUPTED), (words, status)
    assert broken or "internal error" not in told, (words, told)
    assert "Traceback" not in told, (words, told)
    assert SECRET not in told, (words, told)
    assert not set(ODD_CHARACTERS) & set(told), (words, told)
    assert status in (DONE, INTERRUPTED) or told or words[0] in ("explain", "plan"), words
    return Said(status, raw_out.getvalue(), told)
