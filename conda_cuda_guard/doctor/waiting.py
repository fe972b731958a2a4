"""A word to who waits."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

from conda_cuda_guard.model.time_limit import time_limit
from conda_cuda_guard.rendering.language import said

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE = time_limit(1.0)  # seconds


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Say on stderr what is going on, once it takes longer than a second."""
    text = said(what)  # here, since the thread is to do nothing but print
    timer = Timer(_PATIENCE, lambda: print(text, file=sys.stderr, flush=True))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
