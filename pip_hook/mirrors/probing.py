"""Ask mirrors for something small, all at once and within bounds: reachability and speed."""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.model import Mirror

    from .fetching import Fetch

# A page of an index, or the head of a channel's list, is enough to tell the slow from the fast.
SAMPLE = 256 * 1024
_AT_ONCE = 16
# The whole test takes at most this many times the limit of one answer.
_ROUNDS = 4
_PACKAGE = "torch"
_SUBDIR_OF_ALL = "noarch/repodata.json"


@dataclass(frozen=True)
class Probe:
    """What came of asking: seconds to the first byte and bytes a second, or the problem."""

    url: str
    first_byte: float | None = None
    rate: float | None = None
    problem: str = ""


def probe_url(mirror: Mirror) -> str:
    """Return an address in a service that any visitor may ask for."""
    if mirror.kind == "pypi":
        return f"{mirror.base}/{_PACKAGE}/"
    if mirror.kind == "wheels":
        variant = max(mirror.variants or (), default="")
        folder = f"{mirror.base}/{variant}/" if variant else f"{mirror.base}/"
        return folder if mirror.flat or not variant else f"{folder}{_PACKAGE}/"
    if mirror.carries:
        # The largest that it may have says most; a channel of one's own may be nearly empty.
        channel = "conda-forge" if "conda-forge" in mirror.carries else min(mirror.carries)
        return f"{mirror.base}/{channel}/{_SUBDIR_OF_ALL}"
    return f"{mirror.defaults[0]}/{_SUBDIR_OF_ALL}" if mirror.defaults else f"{mirror.base}/"


def probe_all(
    mirrors: Iterable[Mirror], fetch: Fetch, timeout: float
) -> Iterator[tuple[Mirror, Probe]]:
    """Ask every service and give the answers as they come; those that stay out are timeouts."""
    waiting = list(mirrors)
    todo: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, Probe]] = queue.SimpleQueue()
    for number in range(len(waiting)):
        todo.put(number)

    def work() -> None:
        while True:
            try:
                number = todo.get_nowait()
            except queue.Empty:
                return
            done.put((number, _ask(probe_url(waiting[number]), fetch, timeout)))

    for _ in range(min(_AT_ONCE, len(waiting))):
        # Daemons: one that hangs in a name's resolution does not keep the program from ending.
        threading.Thread(target=work, daemon=True).start()
    open_numbers = set(range(len(waiting)))
    deadline = time.monotonic() + _ROUNDS * timeout
    while open_numbers:
        try:
            number, probe = done.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        open_numbers.discard(number)
        yield waiting[number], probe
    for number in sorted(open_numbers):
        yield waiting[number], Probe(probe_url(waiting[number]), problem="no answer in time")


def _ask(url: str, fetch: Fetch, timeout: float) -> Probe:
    """Read a sample, for at most the time allowed."""
    start = time.monotonic()
    size, first = 0, None
    try:
        for chunk in fetch(url, timeout):
            now = time.monotonic()
            first = first or now
            size += len(chunk)
            if size >= SAMPLE or now - start > timeout:
                break
    except ConnectionError as error:
        return Probe(url, problem=str(error))
    if first is None:
        return Probe(url, problem="an empty answer")
    return Probe(url, first - start, size / max(time.monotonic() - start, 1e-6))
