"""Streams of repodata: conda's session without its patience, a watch on time, zstd."""

from __future__ import annotations

import importlib
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from .repodata_problems import UnansweredError

if TYPE_CHECKING:
    from collections.abc import Callable

    Read = Callable[[int], bytes]

_PIECE = 1 << 16
# After this part of the time, a file of which not even half would come is given up.
_ENOUGH_TO_JUDGE = 0.25


class Clock:
    """The time that a question has: until `deadline`."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def left(self) -> float:
        """Give the seconds that are left; raises when there are none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise UnansweredError("timeout")
        return left


class Watched:
    """A file to read from, in pieces, as long as there is time and hope."""

    def __init__(self, file: Any, clock: Clock, total: int = 0) -> None:  # noqa: ANN401
        self._file = file
        self._clock = clock
        self._total = total
        self._done = 0
        self._start = time.monotonic()

    def read(self, size: int = -1) -> bytes:
        """Read a piece."""
        if self._is_hopeless(self._clock.left()):
            raise UnansweredError("timeout", f"{self._total >> 20} MB are too many for the time")
        piece: bytes = self._file.read(_PIECE if size < 0 else min(size, _PIECE))
        self._done += len(piece)
        return piece

    def _is_hopeless(self, left: float) -> bool:
        """Tell whether, at this pace, not even half of it would be there in time."""
        spent = time.monotonic() - self._start
        whole = spent + left
        judged = spent > whole * _ENOUGH_TO_JUDGE
        return judged and self._done / spent * whole < self._total / 2


def private_session(url: str) -> Any:  # noqa: ANN401
    """Make a session for a folder with all of conda's settings, but without retries and questions.

    Not the one that conda keeps for the address (hence `__wrapped__`): in a thread of our own, this
    one is nobody else's, and can be changed.
    """
    from conda.gateways.connection import Retry
    from conda.gateways.connection.session import get_session

    session = get_session.__wrapped__(url)
    for adapter in session.adapters.values():
        if hasattr(adapter, "max_retries"):
            adapter.max_retries = Retry(0, read=False)
    session.auth = _never_asking(session.auth)
    return session


def _never_asking(auth: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Keep conda from asking at the terminal for the password of a proxy."""
    from conda.gateways.connection.session import CondaHttpAuth

    def apply(request: Any) -> Any:  # noqa: ANN401
        request = auth(request)
        request.deregister_hook("response", CondaHttpAuth.handle_407)
        return request

    return apply


def reader(file: Watched, name: str) -> Read:
    """Give what reads a file, decompressed if its name says so, by the library that conda has."""
    if not name.endswith(".zst"):
        return file.read
    for module in ("compression.zstd", "backports.zstd"):
        with suppress(ImportError):
            return cast("Read", importlib.import_module(module).ZstdFile(file, "rb").read)
    with suppress(ImportError):
        unzstd = importlib.import_module("zstandard").ZstdDecompressor()
        return cast("Read", unzstd.stream_reader(file).read)
    raise UnansweredError("not-an-index", "no zstd")
