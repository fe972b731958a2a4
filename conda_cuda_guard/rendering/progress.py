"""A progress line, printed when work takes longer than a second."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

from conda_cuda_guard.model.time_limit import time_limit

from .language import said
from .output import err

if TYPE_CHECKING:
    from collections.abc import Iterator

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
