from __future__ import annotations

import io
import re
import time
import zipfile
from http.client import IncompleteRead
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.support.wheel_catalogue import from_catalogue
from tests.support.wheel_file import WheelFile, wheel_bytes
from tests.support.wheel_index import WheelServer

if TYPE_CHECKING:
    from collections.abc import Iterator

TORCH = WheelFile(
    "whl/cu121/torch", "torch-2.1.2+cu121-cp311-cp311-linux_x86_64.whl", ("typing-extensions",)
)
LTS = WheelFile("whl/lts/1.8/cu111/torch", "torch-1.8.2+cu111-cp38-cp38-linux_x86_64.whl")
FLAT = WheelFile("whl/torch_stable.html", "cu110/torch-1.7.1+cu110-cp38-cp38-linux_x86_64.whl")
ONE_VARIANT = WheelFile(
    "whl/cu100/torch_stable.html", "torch-1.1.0-cp37-cp37m-linux_x86_64.whl", cuda="10.0"
)
PLAIN = WheelFile("simple/torch", "torch-2.1.2-cp311-cp311-manylinux1_x86_64.whl", cuda="12.1")


@pytest.fixture
def server(wheel_server: WheelServer) -> WheelServer:
    wheel_server.add([TORCH, LTS, FLAT, ONE_VARIANT, PLAIN])
    return wheel_server


def get(url: str, **headers: str) -> bytes:
    with urlopen(Request(url, headers=headers), timeout=10) as answer:
        body: bytes = answer.read()
        return body


def status(url: str) -> int:
    with pytest.raises(HTTPError) as caught:
        get(url)
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
    ],
)
def test_a_page_links_as_the_real_one_does(server: WheelServer, page: str, link: str) -> None:
    assert link in get(f"{server.root}/{page}").decode()


@pytest.mark.parametrize("wheel", [TORCH, LTS, FLAT, ONE_VARIANT, PLAIN], ids=lambda w: w.path)
def test_a_link_leads_to_the_wheel(server: WheelServer, wheel: WheelFile) -> None:
    got = get(f"{server.root}/{wheel.path.replace('+', '%2B')}")
    assert got == wheel_bytes(wheel)


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
