"""The interface of functions that fetch pages, and the problems that they report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Response:
    """What a server sent: `headers` in lower case, `url` after redirects."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class FetchError(Exception):
    """A page could not be fetched: a problem as in `Answer`, and a detail without secrets."""

    def __init__(self, problem: str, detail: str = "") -> None:
        super().__init__(problem, detail)
        self.problem = problem
        self.detail = detail


_BY_STATUS = {
    401: "login-needed",
    403: "login-needed",
    404: "absent",
    407: "login-needed",
    410: "absent",
}


def problem_of_status(status: int) -> str:
    """Return the problem that an HTTP status means, other than success."""
    return _BY_STATUS.get(status, "server-error")


class Fetch(Protocol):
    """Fetch an address, following redirects; any status is a response.

    At most `limit` bytes are read (`too-large`), and no wait is longer than `timeout` seconds. It
    raises FetchError and nothing else, and may be called from several threads.
    """

    def __call__(
        self, url: str, headers: Mapping[str, str], timeout: float, limit: int
    ) -> Response:
        """Fetch it."""
