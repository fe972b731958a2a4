"""What may be wrong with the local index is wrong in the way that it is said to be."""

from __future__ import annotations

import socket
import ssl
import time
from http.client import IncompleteRead
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.support.self_signed import self_signed
from tests.support.tools import ToolUnavailableError
from tests.support.wheel_index import WheelServer

from .test_wheel_index import FLAT, PLAIN, TORCH, get, status

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def server(wheel_server: WheelServer) -> WheelServer:
    wheel_server.add([TORCH, FLAT, PLAIN])
    return wheel_server


def test_a_fault_of_500(server: WheelServer) -> None:
    server.fault(f"{server.base}/cu121", "500")
    assert status(f"{server.base}/cu121/torch/") == 500
    assert get(f"{server.simple}/torch/")


def test_a_fault_of_slowness(server: WheelServer) -> None:
    server.fault("/whl", "slow", delay=0.3)
    start = time.monotonic()
    get(f"{server.base}/cu121/torch/")
    assert time.monotonic() - start >= 0.3


def test_a_truncated_answer(server: WheelServer) -> None:
    server.fault("/whl", "truncated")
    with pytest.raises(IncompleteRead):
        get(f"{server.base}/cu121/torch/")


def test_a_login_page(server: WheelServer) -> None:
    server.fault("/whl", "login")
    assert b"Sign in" in get(f"{server.base}/cu121/torch/")


def test_a_server_that_wants_credentials(server: WheelServer) -> None:
    server.fault("/whl", "auth")
    assert status(f"{server.base}/cu121/torch/") == 401
    assert get(f"{server.base}/cu121/torch/", Authorization="Basic dXNlcjpwYXNzd29yZA==")
    assert server.with_credentials(server.base).startswith("http://user:password@127")


def test_links_to_another_host(server: WheelServer) -> None:
    server.fault("/whl", "foreign")
    page = get(f"{server.base}/torch_stable.html").decode()
    assert f"http://localhost:{server.port}/whl/cu110/torch-1.7.1%2Bcu110" in page


@pytest.mark.parametrize("kind", ["401", "403", "404", "407", "500", "503", "redirect-loop"])
def test_a_status_as_a_fault(server: WheelServer, kind: str) -> None:
    server.fault("/whl", kind)
    assert status(f"{server.base}/cu121/torch/") == (302 if kind == "redirect-loop" else int(kind))


def test_a_store_that_denies_what_it_lacks(server: WheelServer) -> None:
    server.fault("/whl", "denied")
    assert status(f"{server.base}/cu121/torch/") == 403


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        pytest.param("redirect-login", b"Sign in", id="a redirect to a login page"),
        pytest.param("garbage", b"\x00\x01\x02", id="garbage"),
        pytest.param("gzip", b"\x00\x01\x02", id="what is no gzip"),
        pytest.param("json", b'"error"', id="other json"),
        pytest.param("path", b"..%2Fevil", id="names with a path"),
    ],
)
def test_a_wrong_page(server: WheelServer, kind: str, part: bytes) -> None:
    server.fault("/whl", kind)
    assert part in get(f"{server.base}/cu121/torch/")


def test_very_many_links(server: WheelServer) -> None:
    server.fault("/whl", "many")
    page = get(f"{server.base}/cu121/torch/")
    assert page.count(b"<a ") == 100_001
    assert b"torch-2.1.2" in page


@pytest.mark.parametrize("kind", ["drip", "drip-head"])
def test_a_server_that_drips(server: WheelServer, kind: str) -> None:
    server.fault("/whl", kind)
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        line.sendall(b"GET /whl/cu121/torch/ HTTP/1.0\r\n\r\n")
        received = b""
        while time.monotonic() - start < 0.5:
            received += line.recv(65536)
    assert 0 < len(received) < 2000


def test_a_body_without_an_end(server: WheelServer) -> None:
    server.fault("/whl", "endless")
    with urlopen(f"{server.base}/cu121/torch/", timeout=10) as answer:
        assert len(answer.read(2_000_000)) == 2_000_000


def test_a_certificate_that_nobody_signed(tmp_path: Path) -> None:
    try:
        certificate = self_signed(tmp_path)
    except ToolUnavailableError as error:
        pytest.skip(str(error))
    with WheelServer([TORCH], certificate=certificate) as server:
        address = f"{server.base}/cu121/torch/"
        with pytest.raises(URLError, match="CERTIFICATE_VERIFY_FAILED"):
            get(address)
        known = ssl.create_default_context(cafile=str(certificate))
        with urlopen(address, timeout=10, context=known) as answer:
            assert b"torch-2.1.2" in answer.read()


def test_an_unknown_fault_is_turned_down(server: WheelServer) -> None:
    with pytest.raises(ValueError, match="no such fault"):
        server.fault("/whl", "gremlins")


def test_a_slow_answer_does_not_hold_the_server_up() -> None:
    start = time.monotonic()
    with WheelServer([TORCH]) as server:
        server.fault("/whl", "slow", delay=60)
        # The TimeoutError of Python 3.10 and later.
        with pytest.raises(OSError, match="timed out"):
            urlopen(f"{server.base}/cu121/torch/", timeout=0.2)
    assert time.monotonic() - start < 5
