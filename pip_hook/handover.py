"""Run pip: the one of this interpreter, in this process, as `python -m pip` would."""

from __future__ import annotations

import importlib.util
import runpy
import sys


def run_pip(words: list[str]) -> int:
    """Run pip with these words; returns its exit status.

    In this process, so that output, standard input, signals and the terminal are pip's own and
    nothing is started twice.
    """
    if importlib.util.find_spec("pip") is None:
        return _no_pip()
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


def _no_pip() -> int:
    from conda_cuda_guard.model import GuardError, Phrase
    from conda_cuda_guard.rendering import error_text

    error = GuardError(
        "pip is not installed for this Python",
        why=Phrase("{executable} cannot import it", executable=sys.executable),
        hint=f"{sys.executable} -m ensurepip --upgrade",
    )
    print(error_text(error), file=sys.stderr)
    return error.exit_status
