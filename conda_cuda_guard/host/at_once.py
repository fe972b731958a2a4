"""Run calls that may hang in parallel, with one deadline for all of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Callable, TypeVar

Clock = Callable[[], float]
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Deadline:
    """A deadline on a clock, which a test can replace."""

    end: float
    clock: Clock = time.monotonic

    @classmethod
    def after(cls, seconds: float, clock: Clock = time.monotonic) -> Deadline:
        """Return the deadline so many seconds from now."""
        return cls(clock() + seconds, clock)

    def left(self) -> float:
        """Return the seconds that are left; less than 0 when it is over."""
        return self.end - self.clock()


def run_at_once(
    work: Callable[[_Item], _Result],
    items: Sequence[_Item],
    *,
    deadline: Deadline,
    most: int,
    name: str = "cuda-guard",
) -> Iterator[tuple[int, _Result]]:
    """Yield the position of each item with what `work` makes of it, as the results come.

    At most so many run at a time. Those that are not done at the deadline are left behind: their
    threads are daemons, which keep neither the caller nor the program from ending, as those of
    concurrent.futures would. What `work` raises is raised here.
    """
    todo: SimpleQueue[int] = SimpleQueue()
    done: SimpleQueue[tuple[int, _Result | _Raised]] = SimpleQueue()
    for at in range(len(items)):
        todo.put(at)

    def run() -> None:
        while deadline.left() > 0:
            try:
                at = todo.get_nowait()
            except Empty:
                return
            try:
                done.put((at, work(items[at])))
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                done.put((at, _Raised(error)))

    for _ in range(min(most, len(items))):
        threading.Thread(target=run, name=name, daemon=True).start()
    for _ in items:
        try:
            at, result = done.get(timeout=max(0.0, deadline.left()))
        except Empty:
            return
        if isinstance(result, _Raised):
            raise result.error
        yield at, result


class _Raised:
    """What a thread raised, to be raised by the one that waits."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
