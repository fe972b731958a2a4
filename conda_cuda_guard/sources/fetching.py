"""How a page is fetched: the shape of the function that does it, and of what can go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Response:
    """What a server sent: `headers` have small letters, `url` is where redirects ended."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class FetchError(Exception):
    """A page could not be had: a problem as in `Answer`, and a detail without secrets."""

    def __init__(self, problem: str, detail: str = "") -> None:
        super().__init__(problem, detail)
        self.problem = problem
        self.detail = detail


class Fetch(Protocol):
    """Fetch an address, following redirects; any status is a response.

    At most `limit` bytes are read (`too-large`), and no wait is longer than `timeout` seconds. It
    raises FetchError and nothing else, and may be called from several threads.
    """

    def __call__(
        self, url: str, headers: Mapping[str, str], timeout: float, limit: int
    ) -> Response:
        """Fetch it."""
