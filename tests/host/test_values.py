"""Values that lie, and the names of platforms."""

from __future__ import annotations

import pytest

from conda_cuda_guard.host.host_json import clean_capability, clean_cuda, clean_driver, clean_name
from conda_cuda_guard.model.host import name_platform, this_platform


@pytest.mark.parametrize("text", ["", "N/A", "[N/A]", "[Not Supported]", "0", "5", None, 535, "??"])
def test_no_driver(text: object) -> None:
    assert clean_driver(text) is None


@pytest.mark.parametrize("text", ["535.104.05", "390.157", "537.13", "540.3.0", "1234.5"])
def test_driver(text: str) -> None:
    assert clean_driver(f" {text}\n") == text


@pytest.mark.parametrize(
    ("number", "version"),
    [(12020, "12.2"), (9020, "9.2"), (13000, "13.0"), (11080, "11.8"), (12100, "12.10")]
    + [(bad, None) for bad in (0, -1, 12, 9_999_999, None, "12020")],
)
def test_cuda(number: object, version: str | None) -> None:
    assert clean_cuda(number) == version


@pytest.mark.parametrize(
    ("value", "capability"),
    [([8, 6], "8.6"), ("8.6", "8.6"), ([12, 0], "12.0"), (" 9.0 ", "9.0")]
    + [(bad, None) for bad in ([0, 0], [9999, 9999], [-1, 0], [], "[N/A]", "", None, 8.6)],
)
def test_capability(value: object, capability: str | None) -> None:
    assert clean_capability(value) == capability


@pytest.mark.parametrize("text", ["", " ", "Unknown", "[Unknown Error]", "[N/A]", "N/A", None])
def test_no_name(text: object) -> None:
    assert clean_name(text) is None


@pytest.mark.parametrize(
    ("system", "machine", "name"),
    [
        ("linux", "x86_64", "linux-x86_64"),
        ("linux", "aarch64", "linux-aarch64"),
        ("linux", "arm64", "linux-aarch64"),
        ("linux", "ppc64le", "linux-ppc64le"),
        ("linux2", "AMD64", "linux-x86_64"),
        ("win32", "AMD64", "windows-amd64"),
        ("win32", "ARM64", "windows-arm64"),
        ("darwin", "arm64", "macos-arm64"),
        ("darwin", "x86_64", "macos-x86_64"),
        ("freebsd14", "amd64", "freebsd14-x86_64"),
    ],
)
def test_platform(system: str, machine: str, name: str) -> None:
    assert name_platform(system, machine) == name


def test_this_platform_has_two_parts() -> None:
    assert this_platform().count("-") == 1
