"""A file is asked for by its address: whether it is there, and no more than its first byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.model import Question
from conda_cuda_guard.sources.fetching import FetchError, Response
from conda_cuda_guard.sources.index_client import ask_indexes

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "flash_attn-2.8.3+cu12torch2.5cxx11abiFALSE-cp311-cp311-linux_x86_64.whl"
URL = f"https://example.org/download/v2.8.3/{FILE}"
DENIED = b"<Error><Code>AccessDenied</Code></Error>"


class Server:
    """It answers with a status, or fails."""

    def __init__(self, answer: int | str, body: bytes = b"") -> None:
        self.answer, self.body = answer, body
        self.seen: list[tuple[str, Mapping[str, str], int]] = []

    def __call__(
        self, url: str, headers: Mapping[str, str], timeout: float, limit: int
    ) -> Response:
        assert timeout > 0
        self.seen.append((url, headers, limit))
        if isinstance(self.answer, str):
            raise FetchError(self.answer)
        return Response(self.answer, {}, self.body, url)


@pytest.mark.parametrize(
    ("server", "problem"),
    [
        (Server(206), ""),
        (Server(200, b"P"), ""),
        (Server("too-large"), ""),  # it sends all of the file
        (Server(404), "absent"),
        (Server(403, DENIED), "absent"),
        (Server(403), "login-needed"),
        (Server(503), "server-error"),
        (Server("unreachable"), "unreachable"),
    ],
)
def test_whether_it_is_there(server: Server, problem: str) -> None:
    (answer,) = ask_indexes([Question(URL, URL, flat=True)], server, cache=None)
    assert answer.problem == problem
    assert [one.package for one in answer.wheels] == ([] if problem else ["flash-attn"])
    ((url, headers, limit),) = server.seen
    assert (url, headers["Range"]) == (URL, "bytes=0-0")
    assert limit < 10_000


def test_a_label_may_be_written_as_a_url_does() -> None:
    url = URL.replace("+", "%2B")
    (answer,) = ask_indexes([Question(url, url, flat=True)], Server(206), cache=None)
    assert answer.wheels[0].version == "2.8.3+cu12torch2.5cxx11abifalse"
