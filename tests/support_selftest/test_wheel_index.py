from __future__ import annotations

import io
import re
import socket
import ssl
import time
import zipfile
from http.client import IncompleteRead
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from tests.support.self_signed import self_signed
from tests.support.tools import ToolUnavailableError
from tests.support.wheel_catalogue import from_catalogue
from tests.support.wheel_file import WheelFile, wheel_bytes
from tests.support.wheel_index import WheelServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TORCH = WheelFile(
    "whl/cu121/torch", "torch-2.1.2+cu121-cp311-cp311-linux_x86_64.whl", ("typing-extensions",)
)
LTS = WheelFile("whl/lts/1.8/cu111/torch", "torch-1.8.2+cu111-cp38-cp38-linux_x86_64.whl")
FLAT = WheelFile("whl/torch_stable.html", "cu110/torch-1.7.1+cu110-cp38-cp38-linux_x86_64.whl")
ONE_VARIANT = WheelFile(
    "whl/cu100/torch_stable.html", "torch-1.1.0-cp37-cp37m-linux_x86_64.whl", cuda="10.0"
)
JSON = "application/vnd.pypi.simple.v1+json"
PLAIN = WheelFile("simple/torch", "torch-2.1.2-cp311-cp311-manylinux1_x86_64.whl", cuda="12.1")


@pytest.fixture
def server(wheel_server: WheelServer) -> WheelServer:
    wheel_server.add([TORCH, LTS, FLAT, ONE_VARIANT, PLAIN])
    return wheel_server


def get(url: str, **headers: str) -> bytes:
    with urlopen(Request(url, headers=headers), timeout=10) as answer:
        body: bytes = answer.read()
        return body


def status(url: str, tag: str = "") -> int:
    with pytest.raises(HTTPError) as caught:
        get(url, **({"If-None-Match": tag} if tag else {}))
    caught.value.close()
    return caught.value.code


@pytest.mark.parametrize(
    ("page", "link"),
    [
        pytest.param(
            "whl/cu121/torch/",
            "/whl/cu121/torch-2.1.2%2Bcu121-cp311-cp311-linux_x86_64.whl#sha256=",
            id="one package",
        ),
        pytest.param("whl/cu121/", "torch/", id="one variant"),
        pytest.param(
            "whl/lts/1.8/cu111/torch/",
            "/whl/lts/1.8/cu111/torch-1.8.2%2Bcu111-cp38-cp38-linux_x86_64.whl#",
            id="lts",
        ),
        pytest.param(
            "whl/torch_stable.html",
            '"cu110/torch-1.7.1%2Bcu110-cp38-cp38-linux_x86_64.whl"',
            id="flat",
        ),
        pytest.param(
            "whl/cu100/torch_stable.html",
            '"torch-1.1.0-cp37-cp37m-linux_x86_64.whl"',
            id="flat, one variant",
        ),
        pytest.param("simple/torch", "/simple/torch-2.1.2-cp311", id="a user's own index"),
        pytest.param(
            "whl/torch/",
            "/whl/cu121/torch-2.1.2%2Bcu121-cp311-cp311-linux_x86_64.whl#sha256=",
            id="all variants",
        ),
        pytest.param("whl/", "torch/", id="all packages"),
        pytest.param(
            "pytorch-wheels/cu121/",
            '<a href="torch-2.1.2%2Bcu121-cp311-cp311-linux_x86_64.whl">',
            id="a mirror's folder",
        ),
    ],
)
def test_a_page_links_as_the_real_one_does(server: WheelServer, page: str, link: str) -> None:
    assert link in get(f"{server.root}/{page}").decode()


@pytest.mark.parametrize("wheel", [TORCH, LTS, FLAT, ONE_VARIANT, PLAIN], ids=lambda w: w.path)
def test_a_link_leads_to_the_wheel(server: WheelServer, wheel: WheelFile) -> None:
    got = get(f"{server.root}/{wheel.path.replace('+', '%2B')}")
    assert got == wheel_bytes(wheel)


def test_a_mirror_has_the_wheel_too(server: WheelServer) -> None:
    assert get(f"{server.mirror}/cu121/{quote(TORCH.filename)}") == wheel_bytes(TORCH)


@pytest.mark.parametrize(
    ("page", "accept", "is_json"),
    [
        pytest.param("simple/torch/", JSON, True, id="json where it is accepted"),
        pytest.param("simple/torch/", "text/html", False, id="html where it is not"),
        pytest.param("whl/cu121/torch/", JSON, False, id="PyTorch's index has no json"),
    ],
)
def test_the_form_that_is_accepted(
    server: WheelServer, page: str, accept: str, is_json: bool
) -> None:
    body = get(f"{server.root}/{page}", Accept=f"{accept}, text/html;q=0.01")
    assert body.startswith(b"{") == is_json
    assert b"torch-2.1.2" in body


def test_what_has_not_changed_is_not_sent_again(server: WheelServer) -> None:
    server.headers["Cache-Control"] = "max-age=60"
    with urlopen(f"{server.base}/cu121/torch/", timeout=10) as answer:
        tag = answer.headers["ETag"]
        assert answer.headers["Cache-Control"] == "max-age=60"
    assert status(f"{server.base}/cu121/torch/", tag) == 304
    server.add([WheelFile("whl/cu121/torch", "torch-2.2.0+cu121-cp311-cp311-linux_x86_64.whl")])
    assert get(f"{server.base}/cu121/torch/", **{"If-None-Match": tag})
    assert (server.count(200), server.count(304)) == (2, 1)


@pytest.mark.parametrize(
    ("wheel", "version", "cuda"),
    [
        pytest.param(TORCH, "2.1.2+cu121", "'12.1'", id="from the label"),
        pytest.param(PLAIN, "2.1.2", "'12.1'", id="given"),
        pytest.param(
            WheelFile("whl/cpu/torch", "torch-2.1.2+cpu-cp311-cp311-linux_x86_64.whl"),
            "2.1.2+cpu",
            "None",
            id="none",
        ),
    ],
)
def test_a_wheel_says_what_it_is(wheel: WheelFile, version: str, cuda: str) -> None:
    with zipfile.ZipFile(io.BytesIO(wheel_bytes(wheel))) as archive:
        module = archive.read("torch/version.py").decode()
        metadata = archive.read(f"torch-{version}.dist-info/METADATA").decode()
    assert f"__version__ = {version!r}\ncuda = {cuda}" in module
    assert f"Version: {version}\n" in metadata


def test_requests_are_remembered(server: WheelServer) -> None:
    get(f"{server.base}/cu121/torch/", Authorization="Basic x")
    (seen,) = server.requests
    assert (seen.method, seen.path, seen.status) == ("GET", "/whl/cu121/torch/", 200)
    assert seen.authorized
    assert server.asked_for("cu121")


def test_what_is_not_listed_is_not_found(server: WheelServer) -> None:
    assert status(f"{server.base}/cu999/torch/") == 404


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


def wheels(index_path: str, pattern: str) -> Iterator[WheelFile]:
    for file in from_catalogue("linux-x86_64"):
        if file.index_path == index_path and re.search(pattern, file.filename):
            yield file


@pytest.mark.parametrize(
    ("index_path", "pattern", "requires"),
    [
        pytest.param(
            "whl/cu121/torch",
            r"^torch-2\.1\.2\+cu121-cp311-cp311-linux_x86_64\.whl$",
            ("typing-extensions",),
            id="torch",
        ),
        pytest.param(
            "whl/cu121/torchvision",
            r"^torchvision-0\.16\.2\+cu121-cp311-",
            ("torch==2.1.2", "numpy"),
            id="torchvision pins torch",
        ),
        pytest.param(
            "whl/torch_stable.html",
            r"^cu102/torch-1\.7\.1-cp37-cp37m-linux_x86_64\.whl$",
            ("typing-extensions",),
            id="a default variant without a label",
        ),
        pytest.param(
            "simple/torch",
            r"^torch-2\.1\.2-cp311-cp311-",
            ("typing-extensions",),
            id="the plain wheel",
        ),
    ],
)
def test_the_catalogue_gives_the_files_of_the_real_index(
    index_path: str, pattern: str, requires: tuple[str, ...]
) -> None:
    (wheel,) = wheels(index_path, pattern)
    assert wheel.requires == requires


def test_a_plain_wheel_has_the_cuda_of_the_default_index() -> None:
    (wheel,) = wheels("simple/torch", r"^torch-2\.1\.2-cp311-")
    assert wheel.cuda == "12.1"
