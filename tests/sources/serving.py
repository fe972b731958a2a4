"""The network's edge for tests of asking: a function that serves what it was given."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard.sources.fetching import FetchError, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = "https://host.test/whl/torch/"


def html(*names: str) -> bytes:
    """Make a page of links."""
    links = "".join(f'<a href="{name}">{name}</a>' for name in names)
    return f"<html><body>{links}</body></html>".encode()


@dataclass
class Server:
    """What is served at which address: a body, a whole response, or the problem that there is.

    `headers` go with every body, `delays` are seconds by address, `holds` functions that wait.
    `asked` are the addresses and headers of the requests.
    """

    pages: dict[str, bytes | Response | Exception]
    headers: dict[str, str] = field(default_factory=dict)
    delays: dict[str, float] = field(default_factory=dict)
    holds: dict[str, Callable[[], object]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(
        self,
        url: str,
        headers: Mapping[str, str],
        timeout: float,  # noqa: ARG002 (a bad server keeps no time)
        limit: int,  # noqa: ARG002
    ) -> Response:
        """Serve one."""
        with self.lock:
            self.asked.append((url, dict(headers)))
        time.sleep(self.delays.get(url, 0))
        self.holds.get(url, bool)()
        page = self.pages.get(url, FetchError("absent", "HTTP 404"))
        if isinstance(page, Exception):
            raise page
        if isinstance(page, Response):
            return page
        tag = self.headers.get("etag")
        if tag and headers.get("If-None-Match") == tag:
            return Response(304, self.headers, b"", url)
        return Response(200, self.headers, page, url)

    @property
    def requests(self) -> int:
        """How many there were."""
        return len(self.asked)
