"""Measure mirrors: read the beginning of a page with pip's proxy and certificates."""

from __future__ import annotations

import http.client
import os
import queue
import ssl
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard import __version__
from conda_cuda_guard.model import Phrase, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conda_cuda_guard.model import Mirror

# Yields the pieces of a page as they arrive; a ConnectionError has the reason in a few words.
FetchStart = Callable[[str, float], "Iterator[bytes]"]

_PIECE = 16 * 1024
_HEAD = 256 * 1024
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def page_fetcher(pip: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> FetchStart:
    """Return how to fetch with pip's settings: its `proxy` and `cert`, or the environment's."""
    handlers: list[urllib.request.BaseHandler] = []
    proxy = pip.get("proxy", "")
    if proxy:
        handlers.append(urllib.request.ProxyHandler({"http": proxy, "https": proxy}))
    bundle = next(filter(None, [pip.get("cert", ""), *map(environ.get, _BUNDLES)]), None)
    handlers.append(urllib.request.HTTPSHandler(context=_trust(bundle)))
    opener = urllib.request.build_opener(*handlers)

    def fetch(url: str, timeout: float) -> Iterator[bytes]:
        headers = {"User-Agent": f"pipcuda/{__version__}", "Range": f"bytes=0-{_HEAD - 1}"}
        try:
            answer = opener.open(urllib.request.Request(url, headers=headers), timeout=timeout)  # noqa: S310
            with closing(answer):
                while piece := answer.read1(_PIECE):
                    yield piece
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ConnectionError(_reason(error)) from None

    return fetch


def _trust(bundle: str | None) -> ssl.SSLContext:
    """Return a TLS context that trusts a file or folder of certificates, or the system's."""
    folder = bundle if bundle and os.path.isdir(bundle) else None  # noqa: PTH112
    try:
        return ssl.create_default_context(cafile=None if folder else bundle, capath=folder)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            Phrase("the certificates cannot be read: {bundle}", bundle=bundle),
            why=str(error),
            hint="pip config get global.cert",
        ) from None


def _reason(error: Exception) -> str:
    """Return in a few words why a page could not be read."""
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code}"
    reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"certificate: {reason.verify_message}"
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror.lower()
    return str(reason).lower() or type(error).__name__


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
        # The largest channel that it may have is the best sample; others may be nearly empty.
        channel = "conda-forge" if "conda-forge" in mirror.carries else min(mirror.carries)
        return f"{mirror.base}/{channel}/{_SUBDIR_OF_ALL}"
    return f"{mirror.defaults[0]}/{_SUBDIR_OF_ALL}" if mirror.defaults else f"{mirror.base}/"


def probe_all(
    mirrors: Iterable[Mirror], fetch: FetchStart, timeout: float
) -> Iterator[tuple[Mirror, Probe]]:
    """Yield the answer of every service as it arrives; those that stay out are timeouts."""
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
        # Daemons: one that hangs in name resolution does not keep the program from ending.
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
    except ConnectionError as error:
        return Probe(url, problem=str(error))
    if first is None:
        return Probe(url, problem="an empty answer")
    return Probe(url, first - start, size / max(time.monotonic() - start, 1e-6))
