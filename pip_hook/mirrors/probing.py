"""Read the beginning of a page, through the proxy and with the certificates that pip is set to."""

from __future__ import annotations

import http.client
import os
import ssl
import time
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard import __version__
from conda_cuda_guard.host.at_once import Deadline, run_at_once
from conda_cuda_guard.model import Phrase, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conda_cuda_guard.model import Mirror

# Gives the pieces of a page as they come; a ConnectionError has the reason in a few words.
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
    """Trust what a file or folder of certificates says, or the system."""
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
    """Say in a few words why a page could not be read."""
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
        # The largest that it may have says most; a channel of one's own may be nearly empty.
        channel = "conda-forge" if "conda-forge" in mirror.carries else min(mirror.carries)
        return f"{mirror.base}/{channel}/{_SUBDIR_OF_ALL}"
    return f"{mirror.defaults[0]}/{_SUBDIR_OF_ALL}" if mirror.defaults else f"{mirror.base}/"


def probe_all(
    mirrors: Iterable[Mirror], fetch: FetchStart, timeout: float
) -> Iterator[tuple[Mirror, Probe]]:
    """Yield every service with its answer, as they come; those that stay out are timeouts."""
    asked = list(mirrors)
    urls = [probe_url(one) for one in asked]
    unanswered = set(range(len(asked)))
    deadline = Deadline.after(_ROUNDS * timeout)
    ask = partial(_ask, fetch=fetch, timeout=timeout)
    for at, probe in run_at_once(ask, urls, deadline=deadline, most=_AT_ONCE):
        unanswered.discard(at)
        yield asked[at], probe
    for at in sorted(unanswered):
        yield asked[at], Probe(urls[at], problem="no answer in time")


def _ask(url: str, fetch: FetchStart, timeout: float) -> Probe:
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
