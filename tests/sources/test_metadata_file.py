"""Metadata beside a wheel counts where it is that wheel's, whole and as the index says."""

from __future__ import annotations

import hashlib

import pytest

from conda_cuda_guard.model.companions import needs_of
from conda_cuda_guard.sources.wheel_descriptions import NotMetadataError, requires_of

URL = "https://example.org/x/xformers-0.0.36%2Bcu126-py39-none-any.whl.metadata"
BODY = b"""Metadata-Version: 2.1
Name: xFormers
Version: 0.0.36
Requires-Dist: torch (==2.11.0)
Requires-Dist: numpy
Requires-Dist: torchvision ; extra == "all"

Requires-Dist: torch==1.0
"""


def test_what_it_asks_of_the_families_is_read() -> None:
    found = requires_of(BODY, URL, "true")
    assert found == ("torch (==2.11.0)", 'torchvision ; extra == "all"')
    digest = hashlib.sha256(BODY).hexdigest()
    assert requires_of(BODY, URL, f"sha256={digest}") == found
    assert needs_of(found, "torch") == "==2.11.0"


@pytest.mark.parametrize(
    ("body", "url", "said"),
    [
        (BODY, URL, "sha256=" + "0" * 64),
        (BODY, URL.replace("xformers", "vllm"), "true"),
        (BODY, URL.replace("0.0.36", "0.0.37"), "true"),
        (BODY, "https://example.org/x/index.html", "true"),
        (b"<html>Sign in</html>", URL, "true"),
        (b"", URL, "true"),
    ],
)
def test_another_file_does_not_count(body: bytes, url: str, said: str) -> None:
    with pytest.raises(NotMetadataError):
        requires_of(body, url, said)


@pytest.mark.parametrize(
    "requires",
    [(), ("torch",), ("torch=>2",), ("torch==2.1 ; extra == 'x'",), ("numpy>=2",), ("@",)],
)
def test_what_names_no_release_says_nothing(requires: tuple[str, ...]) -> None:
    assert needs_of(requires, "torch") is None


def test_markers_and_several_lines_are_joined() -> None:
    found = needs_of(("torch>=2.10 ; sys_platform == 'linux'", "Torch<2.12"), "torch")
    assert found == ">=2.10,<2.12"


@pytest.mark.parametrize(
    "line", ["torch (>=" + "9" * 5000 + ")", "torch" + "[" * 100_000, "torch==2.0\x1b[31m"]
)
def test_what_nobody_wrote_is_left_out(line: str) -> None:
    body = BODY.replace(b"Requires-Dist: numpy", f"Requires-Dist: {line}".encode())
    assert requires_of(body, URL, "true") == ("torch (==2.11.0)", 'torchvision ; extra == "all"')
