"""Hiding credentials: every shape that an address takes, and no input that takes long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_cuda_guard.model.shown_text import quoted, redact
from tests.support.clocks import worked

SECRET = "hunter2"
SHAPES = (
    f"https://me:{SECRET}@host/simple",
    f"https://{SECRET}@host/simple",
    f"https://me@corp.example:{SECRET}@host/simple",
    f"https://me:a@{SECRET}@host/simple",
    f"https://me:it's\"{SECRET}@host/simple",
    f"https://me:x/{SECRET}@host/simple",
    f"https://me:12/{SECRET}@host/simple",
    f"https://me:x?{SECRET}@host/simple",
    f"https://me:x#{SECRET}@host/simple",
    f"https://me:ab:/{SECRET}@host/simple",
    f"https://me:{SECRET}://b@host/simple",
    f"https:/me:{SECRET}@host/simple",
    f"https:\\me:{SECRET}@host\\simple",
    f"git+ssh://me:{SECRET}@host/repo.git@v1",
    f"//me:{SECRET}@host/simple",
    f"me:{SECRET}@host:8080",
    f"me:x/{SECRET}@host:8080",
    f"me:{SECRET}@[::1]:8080",
    f"https://host/t/{SECRET}/channel",
    f"https:/host/t/{SECRET}/channel",
    f"host.example/t/{SECRET}/channel",
    f"https://host/simple?token={SECRET}",
    f"https://host/simple?a=1&X-Api-Key={SECRET}&b=2",
    f"https://host/simple#token={SECRET}",
    f"https://host.example/a,https://me:{SECRET}@host/b",
)
FRAMES = (
    "{}",
    "see {} there",
    "--index-url={}",
    "'{}'",
    '"{}"',
    "PIP_INDEX_URL={}",
    "torch @ {}",
    "-i{}",
    "({}).",
    "r.txt: {}: not there",
)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_secret_is_hidden_wherever_its_address_stands(shape: str, frame: str) -> None:
    shown = redact(frame.format(shape))
    assert SECRET not in shown
    assert "****" in shown
    assert redact(shown) == shown


@pytest.mark.parametrize("system", ["posix", "nt"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_command_hides_it_under_its_quotes(shape: str, system: str) -> None:
    assert SECRET not in quoted(["pip", "install", "--index-url", shape, f"-f{shape}"], system)


@pytest.mark.parametrize(
    "text",
    [
        "torch==2.1.2+cu121 ; python_version < '3.12'",
        "torch @ https://host.example/torch-2.1.2%2Bcu121-cp311-cp311-linux_x86_64.whl#sha256=ab12",
        "git+https://git.example/me/repo.git@v1.0",
        "git+https://git.example:8443/me/repo.git@v1.0",
        "host.example:8080/simple/pkg@1.0",
        "C:\\Users\\me@corp\\r.txt",
        "/home/t/project/requirements.txt",
        "requirements/dev.txt:3: torch",
        "conda-forge::pytorch=2.1=*cuda*",
        "https://[::1]:8080/simple/x@1.0",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


LONG = 100_000
PARTS = ("a", "a.", "@", ":", "/", "//", "/t/", "?token=", "a:@", "://", "://a@", "='", "ab:/", "&")


@pytest.mark.parametrize("part", PARTS)
def test_a_long_text_takes_no_longer_than_its_length(part: str) -> None:
    long = part * (LONG // len(part))
    texts = [long, f"https://{long}", f"{long}@host/t/x?token=y"]
    before = worked()
    for text in texts:
        redact(text)
    # Forty times what it takes; a quadratic pattern takes hundreds of times as much.
    assert worked() - before < 4


@given(st.text(alphabet="abAB1:/@?#&=.,'\"()[]\\ t-", max_size=60))
def test_what_was_redacted_is_redacted_already(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


_USER = st.text(alphabet="abc.-_", min_size=1, max_size=6)
# What `@` and `/` together leave open is where the login ends; SHAPES has what is decided.
_PASSWORD = st.text(alphabet="abc1:/?#'\"!$&=+,;()", max_size=8)


@given(_USER, _PASSWORD, _PASSWORD)
def test_no_password_is_shown_whatever_is_in_it(user: str, before: str, after: str) -> None:
    shown = redact(f"https://{user}:x{before}{SECRET}{after}@host.example/simple")
    assert SECRET not in shown
