"""What takes the place of a watch in the tests: on a busy machine a second says nothing."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Longer than any test: what waits for so long is given up by a limit, or the test hangs.
FOREVER = 3600
_PATIENCE = 60


def worked() -> float:
    """Return the CPU seconds of this process, and of its children that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


@dataclass
class FakeClock:
    """A clock in the place of a module's `time`: it stands still until it is set forward."""

    now: float = 1000.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.now


@dataclass(frozen=True)
class Lifeline:
    """A pipe by which a process is seen to live for as long as it keeps the other end open."""

    path: Path
    _end: int

    def is_cut(self) -> bool:
        """Return whether nobody holds it."""
        with contextlib.suppress(BlockingIOError):
            return not os.read(self._end, 1024)
        return False


@contextlib.contextmanager
def lifeline(folder: Path) -> Iterator[Lifeline]:
    """Yield a pipe in a folder; a shell holds it by `9>PATH`."""
    path = folder / "lifeline"
    os.mkfifo(path)
    end = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        yield Lifeline(path, end)
    finally:
        os.close(end)


def wait_until(happened: Callable[[], bool]) -> None:
    """Wait for what another process or thread brings about; fail where it never comes."""
    end = time.monotonic() + _PATIENCE
    while not happened():
        assert time.monotonic() < end, "what was waited for did not come"
        time.sleep(0.01)
