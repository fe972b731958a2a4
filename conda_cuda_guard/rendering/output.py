"""The one place where text leaves the program: credentials hidden, foreign text made printable."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Timer

from conda_cuda_guard.model.errors import printable
from conda_cuda_guard.model.shown_text import redact, redact_all
from conda_cuda_guard.model.time_limit import time_limit

from .language import said


def out(text: str, *, end: str = "\n", flush: bool = False) -> None:
    """Print to standard output."""
    print(shown(text), end=end, flush=flush)


def err(text: str) -> None:
    """Print to standard error."""
    print(shown(text), file=sys.stderr, flush=True)


def trace(error: BaseException) -> None:
    """Print to standard error where an error came from, if `CUDA_GUARD_DEBUG` asks for it."""
    if os.environ.get("CUDA_GUARD_DEBUG"):
        from traceback import format_exception

        err("".join(format_exception(type(error), error, error.__traceback__)).rstrip())


def err_found(find: Callable[[], Iterable[str]]) -> None:
    """Print to standard error the lines that a function finds once the work itself is done.

    An error in it changes nothing then: it is traced alone.
    """
    try:
        found = list(find())
    except Exception as error:  # noqa: BLE001 - a fault of ours, whatever it is
        trace(error)
    else:
        for text in found:
            err(text)


def out_json(value: object, **echoed: object) -> None:
    """Print a value as one line of JSON, which escapes what is not printable.

    Fields that are `echoed` come back as they were given.
    """
    import json

    value = redact_all(value)
    print(json.dumps({**value, **echoed} if isinstance(value, dict) else value), flush=True)


def shown(text: str) -> str:
    """Return a text as it may be shown."""
    return redact(printable(text))


_PATIENCE = time_limit(1.0)  # seconds


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Print a progress line on stderr after one second, unless the work is done by then."""
    text = said(what)  # here, since the thread is to do nothing but print
    timer = Timer(_PATIENCE, lambda: err(text))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
