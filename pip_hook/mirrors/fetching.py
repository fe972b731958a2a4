"""Read the beginning of a page, through the proxy and with the certificates that pip is set to."""

from __future__ import annotations

import http.client
import os
import ssl
import urllib.error
import urllib.request
from contextlib import closing
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard import __version__
from conda_cuda_guard.model import Phrase, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Gives the pieces of a page as they come; a ConnectionError has the reason in a few words.
Fetch = Callable[[str, float], "Iterator[bytes]"]

_PIECE = 16 * 1024
_HEAD = 256 * 1024
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def fetcher(pip: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> Fetch:
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
