"""Whether indexes and channels answer: the child that asks, and what is made of its answers."""

from __future__ import annotations

import json
import os
import runpy
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.sources import reach, reach_probe
from conda_cuda_guard.sources.reach import AddressToAsk, unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "Basic dXNlcjpwQHNz"  # user:p@ss


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.rpartition("/")[2]
        status = int(path) if path.isdigit() else 200
        if path == "closed" and self.headers.get("Authorization") != SECRET:
            status = 401
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def serving() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Pages)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module", name="host")
def _host() -> Iterator[str]:
    with serving() as host:
        yield host


def address(url: str, *, proxy: str | None = None, may_lack: bool = False) -> AddressToAsk:
    return AddressToAsk("index", url, url, proxy, may_lack=may_lack)


def test_what_answers_and_what_does_not(host: str, tmp_path: Path) -> None:
    there = tmp_path / "wheels"
    there.mkdir()
    asked = [
        address(f"http://{host}/200"),
        address(f"http://{host}/404"),
        address(f"http://{host}/404/", may_lack=True),
        address(f"http://{host}/401"),  # it answers: the login is another check's
        address(f"http://{host}/503"),
        address("http://127.0.0.1:1/simple"),
        address(str(there)),
        address(there.as_uri()),
        address(str(tmp_path / "gone")),
        address((tmp_path / "gone").as_uri()),
    ]
    found = {one.url: problem for one, problem in unreachable(asked, dict(os.environ))}
    assert found.pop("http://127.0.0.1:1/simple") == "Connection refused"
    assert found == {
        f"http://{host}/404": "HTTP 404",
        f"http://{host}/503": "HTTP 503",
        str(tmp_path / "gone"): "there is no such folder or file",
        (tmp_path / "gone").as_uri(): "there is no such folder or file",
    }


def test_without_an_address_on_the_network_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "run_bounded", None)
    assert unreachable([], {}) == ()


@pytest.mark.parametrize(
    ("output", "problem", "told"),
    [
        ("", "it could not be started", []),
        ("", "", ["no answer in"]),
        ("[0, 500]\n[0, 2", "it was stopped", ["HTTP 500"]),
    ],
)
def test_a_child_that_says_little(
    monkeypatch: pytest.MonkeyPatch, output: str, problem: str, told: list[str]
) -> None:
    class Outcome:
        pass

    outcome = Outcome()
    outcome.output, outcome.problem = output, problem  # type: ignore[attr-defined]
    monkeypatch.setattr(reach, "run_bounded", lambda *_args, **_more: outcome)
    found = [why for _, why in unreachable([address("https://own.example/simple")], {})]
    assert [any(why.startswith(one) for one in told) for why in found] == [True] * len(told)


# --- the child ------------------------------------------------------------------------------------


def test_credentials_go_into_a_header_and_a_proxy_is_used(host: str) -> None:
    asked = {"url": f"http://user:p%40ss@{host}/closed", "proxy": None}
    assert reach_probe.ask(asked, 60) == 200
    assert reach_probe.ask({**asked, "url": f"http://{host}/closed"}, 60) == 401
    by_proxy = {"url": "http://nowhere.invalid/204", "proxy": f"http://{host}"}
    assert reach_probe.ask(by_proxy, 60) == 204
    assert reach_probe.ask({"url": "http://127.0.0.1:1/", "proxy": None}, 60) == (
        "Connection refused"
    )


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (OSError(111, "Connection refused"), "Connection refused"),
        (ssl.SSLCertVerificationError("self-signed"), 200),
        (ValueError("unknown url type"), "unknown url type"),
        (ValueError(), "ValueError"),
    ],
)
def test_why_there_was_no_answer(error: Exception, why: int | str) -> None:
    assert reach_probe.reason(error) == why


def test_the_child_prints_a_line_for_each_and_leaves(
    host: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    left: list[int] = []
    monkeypatch.setattr(os, "_exit", left.append)
    addresses = [{"url": f"http://{host}/{one}", "proxy": None} for one in (200, 404)]
    task = json.dumps({"seconds": 60, "addresses": addresses})
    monkeypatch.setenv("CUDA_GUARD_REACH", task)
    runpy.run_path(str(Path(reach_probe.__file__)), run_name="__main__")
    told = sorted(json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (told, left) == ([[0, 200], [1, 404]], [0])
