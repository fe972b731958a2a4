"""What is read from a wheel's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_cuda_guard.model import PLATFORMS
from conda_cuda_guard.model.host import read_tag
from conda_cuda_guard.sources.wheel_filename import is_family, wheel_of, wheels_in

if TYPE_CHECKING:
    from pathlib import Path

LINUX = frozenset({"linux-x86_64"})
MACS = frozenset({"macos-arm64", "macos-x86_64"})
URL = "https://host.test/whl/file.whl"


@pytest.mark.parametrize(
    ("name", "version", "pythons", "platforms"),
    [
        pytest.param(
            "torch-2.1.2+cu121-cp311-cp311-linux_x86_64.whl", "2.1.2+cu121", {"3.11"}, LINUX,
            id="a label",
        ),
        pytest.param(
            "torch-2.16.0+cu140-cp315-cp315t-manylinux_2_28_x86_64.whl", "2.16.0+cu140", {"3.15t"},
            LINUX, id="free-threaded, and newer than anything known",
        ),
        pytest.param(
            "torch-1.7.1-cp37-cp37m-linux_x86_64.whl", "1.7.1", {"3.7"}, LINUX, id="cp37m",
        ),
        pytest.param(
            "torch-1.0.1.post2-cp27-cp27mu-linux_x86_64.whl", "1.0.1.post2", {"2.7"}, LINUX,
            id="cp27mu",
        ),
        pytest.param(
            "torch-2.0.0-cp310-cp310-manylinux2014_aarch64.whl", "2.0.0", {"3.10"},
            {"linux-aarch64"}, id="aarch64",
        ),
        pytest.param(
            "torch-2.0.0-cp310-cp310-win_amd64.whl", "2.0.0", {"3.10"}, {"windows-amd64"},
            id="Windows",
        ),
        pytest.param(
            "torch-2.0.0-cp310-none-macosx_11_0_arm64.whl", "2.0.0", {"3.10", "3.10t"},
            {"macos-arm64"}, id="a Mac, without an abi",
        ),
        pytest.param(
            "torch-2.0.0-cp310-cp310-macosx_10_9_universal2.whl", "2.0.0", {"3.10"}, MACS,
            id="both Macs",
        ),
        pytest.param(
            "torch-2.0.0-1-cp310-cp310-manylinux1_x86_64.manylinux2014_x86_64.whl", "2.0.0",
            {"3.10"}, LINUX, id="a build number, two tags",
        ),
        pytest.param(
            "torchtext-0.9.0-py3-none-any.whl", "0.9.0", set(), set(PLATFORMS), id="any",
        ),
        pytest.param(
            "torchtext-0.9.0-py2.py3-none-any.whl", "0.9.0", set(), set(PLATFORMS), id="2 and 3",
        ),
    ],
)  # fmt: skip
def test_names(name: str, version: str, pythons: set[str], platforms: set[str]) -> None:
    wheel = wheel_of(name, URL)
    assert wheel is not None
    assert (wheel.version, set(wheel.pythons), set(wheel.platforms)) == (
        version, pythons, set(platforms),
    )  # fmt: skip
    assert wheel.package == name.partition("-")[0]


@pytest.mark.parametrize(
    ("tags", "there", "missing"),
    [
        pytest.param("cp310-abi3", ("3.10", "3.15"), ("3.9", "3.10t"), id="stable abi"),
        pytest.param("cp315-abi3t", ("3.15t", "3.16t"), ("3.14t", "3.15"), id="without the lock"),
        pytest.param("cp315-abi3.abi3t", ("3.15", "3.15t"), ("3.14",), id="both"),
        pytest.param("py39-none", ("3.9", "3.14"), ("3.8",), id="from a Python on"),
    ],
)
def test_later_pythons(tags: str, there: tuple[str, ...], missing: tuple[str, ...]) -> None:
    wheel = wheel_of(f"torchaudio-3.0.0-{tags}-linux_x86_64.whl", URL)
    assert wheel is not None
    assert wheel.pythons.issuperset(there)
    assert wheel.pythons.isdisjoint(missing)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("torch-2.0.0.tar.gz", id="a source"),
        pytest.param("torch-2.0.0-cp310-cp310-win32.whl", id="a 32-bit Windows"),
        pytest.param("torch-2.0.0-cp310-cp310-musllinux_1_2_x86_64.whl", id="musl"),
        pytest.param("torch-2.0.0-cp310-cp310-linux_ppc64le.whl", id="another processor"),
        pytest.param("torch-2.0.0-pp310-pypy310_pp73-linux_x86_64.whl", id="PyPy"),
        pytest.param("torch-2.0.0-py2-none-any.whl", id="Python 2 alone"),
        pytest.param("torch-2.0.0-cp310-cp310d-linux_x86_64.whl", id="a debug build"),
        pytest.param("torch-2.0.0-cp310-abi4-linux_x86_64.whl", id="an unknown abi"),
        pytest.param("torch-banana-cp310-cp310-linux_x86_64.whl", id="no version"),
        pytest.param("torch-2.0.0-linux_x86_64.whl", id="too short"),
        pytest.param("../torch-2.0.0-cp310-cp310-linux_x86_64.whl", id="a path"),
        pytest.param("torch-2..0-cp310-cp310-linux_x86_64.whl", id="dots"),
        pytest.param("torch-2.0.0%2Bcu121-cp310-cp310-linux_x86_64.whl", id="quoted"),
        pytest.param("torch-2.0.0-cp310-cp310-linux_x86_64\n.whl", id="a line break"),
        pytest.param("torch-2.0.0-cp310-cp310-linux_x86_64.whl\n", id="a line break at the end"),
        pytest.param("torch-2.0.0-cp310-cp310-" + "a" * 300 + ".whl", id="very long"),
        pytest.param("", id="nothing"),
    ],
)
def test_names_of_nothing_for_us(name: str) -> None:
    assert wheel_of(name, URL) is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        pytest.param("https://me:secret@h.test/a/b.whl", "https://h.test/a/b.whl", id="userinfo"),
        pytest.param("https://h.test/a/b.whl?sig=secret#x", "https://h.test/a/b.whl", id="query"),
        pytest.param("https://h.test/t/secret/b.whl", "https://h.test/t/****/b.whl", id="token"),
        pytest.param("https://me:secret@h.test", "https://h.test", id="no path"),
    ],
)
def test_an_address_is_kept_without_secrets(url: str, shown: str) -> None:
    wheel = wheel_of("torch-2.0.0-cp310-cp310-linux_x86_64.whl", url)
    assert wheel is not None
    assert wheel.url == shown


@pytest.mark.parametrize("url", ["https://[h.test/x", "https://[/torch.whl", "//[", "\x00"])
def test_what_is_no_address_does_no_harm(url: str) -> None:
    wheel = wheel_of("torch-2.0.0-cp310-cp310-linux_x86_64.whl", url)
    assert wheel is None or wheel.package == "torch"


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("torch-2", True), ("TorchVision-0", True), ("torch_x-1", False), ("pytorch-1", False)],
)
def test_the_family(name: str, is_one: bool) -> None:
    assert is_family(name) is is_one


def test_a_folder(tmp_path: Path) -> None:
    torch = "torch-2.1.2+cu121-cp311-cp311-linux_x86_64.whl"
    for name in (torch, "numpy-2.0.0-py3-none-any.whl", "torch-2.0.0.tar.gz"):
        (tmp_path / name).touch()
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "torch-9.9.9-py3-none-any.whl").touch()
    (wheel,) = wheels_in(tmp_path)
    assert wheel.version == "2.1.2+cu121"
    assert wheel.url == (tmp_path / torch).as_uri()


_PARTS = st.sampled_from(
    ["torch", "2.1.2", "+cu121", "-", "--", "cp311", "cp", "abi3", "py3", "none", "any", ".", "t",
     "linux_x86_64", "win_amd64", "manylinux", ".whl", "%2B", "/", "..", "\n", "9" * 6000,
     "\u0661", "1"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(_PARTS, max_size=16).map("".join)), st.text())
def test_no_name_is_too_odd(name: str, url: str) -> None:
    wheel = wheel_of(name, url)
    assert wheel is None or (wheel.platforms and "/" not in wheel.package)
    assert read_tag(name).platforms <= set(PLATFORMS)
