"""Run pip: the one of this interpreter, in this process, as `python -m pip` would."""

from __future__ import annotations

import importlib.util
import runpy
import sys

from conda_cuda_guard.model import GuardError


def run_pip(words: list[str]) -> int:
    """Run pip with these words; returns its exit status.

    In this process, so that output, standard input, signals and the terminal are pip's own and
    nothing is started twice.
    """
    if importlib.util.find_spec("pip") is None:
        raise GuardError(
            "pip is not installed for this Python",
            why=f"{sys.executable} cannot import it",
            hint=f"{sys.executable} -m ensurepip --upgrade",
        )
    sys.argv = ["pip", *words]
    try:
        runpy.run_module("pip", run_name="__main__", alter_sys=True)
    except SystemExit as stop:
        return _status(stop.code)
    return 0


def _status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code
    print(code, file=sys.stderr)
    return 1
