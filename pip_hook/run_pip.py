"""Run this interpreter's pip: in this process, as `python -m pip` would, or in one of its own."""

from __future__ import annotations

import gc
import importlib.util
import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Callable, Union

if TYPE_CHECKING:
    from subprocess import CompletedProcess

# Runs pip, or what stands in for it, with an argument list and returns the exit status.
Run = Callable[[list[str]], int]
# What is left to do: run pip with these words, exit with this status, or call this.
Next = Union[list[str], int, Callable[[], int]]

_LONGEST_ANSWER = 20.0
_IN_SUBPROCESS = "_PIP_RUNNING_IN_SUBPROCESS"


def run_pip(words: list[str]) -> int:
    """Run pip with these words and return its exit status.

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


def run_pip_again(words: list[str]) -> int:
    """Run pip once more, in a process of its own: after a run its state is not that of a start."""
    import os
    import subprocess

    from conda_cuda_guard.host.programs import pip_of
    from conda_cuda_guard.host.watching import to_be_watched, watched

    # pip sets it where --python is given, and then ignores that.
    env = {name: value for name, value in os.environ.items() if name != _IN_SUBPROCESS}
    process = subprocess.Popen(pip_of(sys.executable, *words), env=to_be_watched(env))
    with watched(process, group=False):
        return process.wait()


def ask_pip(*words: str) -> CompletedProcess[str] | None:
    """Return how this interpreter's pip ended, with its output; None where it did not answer."""
    from subprocess import TimeoutExpired  # late, as pip is hardly ever asked

    from conda_cuda_guard.host.child import completed
    from conda_cuda_guard.host.programs import pip_of

    try:
        return completed(pip_of(sys.executable, *words), limit=_LONGEST_ANSWER)
    except (OSError, TimeoutExpired):
        return None


def once_more(run: Run) -> Run:
    """Return what runs pip after `run` has: a process of its own where that was this one."""
    return run_pip_again if run is run_pip else run


@contextmanager
def uncollected() -> Iterator[None]:
    """Suspend garbage collection, and exempt what was made from later collections.

    Next to nothing of it is garbage: it is modules and tables, which stay to the end. Collections
    that walk through them, the one at the interpreter's end too, take longer than the plan itself.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


def _status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code
    print(code, file=sys.stderr)  # as the interpreter itself would
    return 1


def _no_pip() -> int:
    from conda_cuda_guard.model import GuardError, Phrase
    from conda_cuda_guard.rendering import tell_error

    error = GuardError(
        "pip is not installed for this Python",
        why=Phrase("{executable} cannot import it", executable=sys.executable),
        hint=f"{sys.executable} -m ensurepip --upgrade",
    )
    return tell_error(error)
