from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from tests.support.wheel_catalogue import from_catalogue
from tests.support.wheel_file import WheelFile, wheel_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.wheel_index import WheelServer

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
