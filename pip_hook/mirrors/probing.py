"""Probing mirrors: reachability and speed, by the beginning of a page read by pip's session."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard import __version__, catalogue
from conda_cuda_guard.host.at_once import Deadline, run_at_once
from conda_cuda_guard.model import Phrase, UsageError
from conda_cuda_guard.sources.fetching import FetchError
from pip_hook.pip_session import PipFetch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conda_cuda_guard.model import Mirror

# Yields the pieces of a page as they come, and raises FetchError.
FetchStart = Callable[[str, float], "Iterator[bytes]"]

# A page of an index, or the start of a channel's list, is enough to measure the speed.
SAMPLE = 256 * 1024


def page_fetcher(pip: Mapping[str, str]) -> FetchStart:
    """Return the function that fetches by pip's session: its proxies, certificates and logins."""
    bundle = pip.get("cert", "")
    if bundle and not Path(bundle).exists():
        raise UsageError(
            Phrase("the certificates cannot be read: {bundle}", bundle=bundle),
            why="no such file",
            hint="pip config get global.cert",
        )
    session = PipFetch([], "install")
    headers = {
        "User-Agent": f"pipcuda/{__version__}",
        "Accept-Encoding": "identity",  # bytes are counted as they travel
        "Range": f"bytes=0-{SAMPLE - 1}",
    }
    return lambda url, timeout: session.pieces(url, headers, timeout)


_AT_ONCE = 16
# The whole test takes at most this many times the limit of one answer.
_ROUNDS = 4
_SUBDIR_OF_ALL = "noarch/repodata.json"
_NO_ANSWER = Phrase("no answer in time")


@dataclass(frozen=True)
class Probe:
    """A service's answer: seconds to the first byte and bytes a second, or the problem."""

    url: str
    first_byte: float | None = None
    rate: float | None = None
    problem: str = ""


def probe_url(mirror: Mirror) -> str:
    """Return the URL of a public page of a service."""
    package = catalogue.family().lead.pip
    if mirror.kind == "pypi":
        return f"{mirror.base}/{package}/"
    if mirror.kind == "wheels":
        variant = max(mirror.variants or (), default="")
        folder = f"{mirror.base}/{variant}/" if variant else f"{mirror.base}/"
        return folder if mirror.flat or not variant else f"{folder}{package}/"
    if mirror.carries:
        # The largest channel that it may have is the best sample; others may be nearly empty.
        channel = "conda-forge" if "conda-forge" in mirror.carries else min(mirror.carries)
        return f"{mirror.base}/{channel}/{_SUBDIR_OF_ALL}"
    return f"{mirror.defaults[0]}/{_SUBDIR_OF_ALL}" if mirror.defaults else f"{mirror.base}/"


def probe_all(
    mirrors: Iterable[Mirror], fetch: FetchStart, timeout: float
) -> Iterator[tuple[Mirror, Probe]]:
    """Yield every service with its answer, as answers arrive; those that are missing timed out."""
    asked = list(mirrors)
    urls = [probe_url(one) for one in asked]
    unanswered = set(range(len(asked)))
    deadline = Deadline.after(_ROUNDS * timeout)
    ask = partial(_ask, fetch=fetch, timeout=timeout)
    for at, probe in run_at_once(ask, urls, deadline=deadline, most=_AT_ONCE):
        unanswered.discard(at)
        yield asked[at], probe
    for at in sorted(unanswered):
        yield asked[at], Probe(urls[at], problem=_NO_ANSWER)


def _ask(url: str, fetch: FetchStart, timeout: float) -> Probe:
    """Return a sample of a page, read for at most the time allowed."""
    start = time.monotonic()
    size, first = 0, None
    try:
        for chunk in fetch(url, timeout):
            now = time.monotonic()
            first = first or now
            size += len(chunk)
            if size >= SAMPLE or now - start > timeout:
                break
    except FetchError as error:
        return Probe(url, problem=_reason(error))
    if first is None:
        return Probe(url, problem=Phrase("an empty answer"))
    return Probe(url, first - start, size / max(time.monotonic() - start, 1e-6))


def _reason(error: FetchError) -> str:
    """Return why a page could not be read."""
    if error.problem == "timeout":
        return _NO_ANSWER
    if error.problem == "certificate":
        return Phrase("certificate: {detail}", detail=error.detail)
    return error.detail
