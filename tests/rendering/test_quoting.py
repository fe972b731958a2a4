"""Commands to paste: by the rules of this system's shell."""

from __future__ import annotations

import ctypes
import shlex
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from conda_cuda_guard.model.shown_text import quoted
from conda_cuda_guard.rendering import wrapping


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("torch==2.1.2+cu121", "torch==2.1.2+cu121"),
        ("numpy<2", '"numpy<2"'),
        ("torch>=2.1,<2.3", '"torch>=2.1,<2.3"'),
        ("pytorch==2.1.1[build=*cuda12.1*]", "pytorch==2.1.1[build=*cuda12.1*]"),
        (r"C:\wheels", r"C:\wheels"),
        ("C:\\my wheels\\", '"C:\\my wheels\\\\"'),
        ("https://x/simple?a=1&b=2", '"https://x/simple?a=1&b=2"'),
        ('torch; os_name == "nt"', '"torch; os_name == \\"nt\\""'),
        ("", '""'),
    ],
)
def test_windows(word: str, text: str) -> None:
    assert quoted(["pip", word], "nt") == f"pip {text}"


def _read_as_windows_does(text: str) -> list[str]:
    """Split by the documented rules of Microsoft's C runtime, for words with a plain program."""
    words, word, inside, started, at = [], "", False, False, 0
    while at < len(text):
        slashes = len(text[at:]) - len(text[at:].lstrip("\\"))
        at += slashes
        if at < len(text) and text[at] == '"':
            word += "\\" * (slashes // 2)
            if slashes % 2:
                word += '"'
            else:
                inside = not inside
            started = True
            at += 1
            continue
        word += "\\" * slashes
        started = started or bool(slashes)
        if at < len(text):
            if text[at] in " \t" and not inside:
                words += [word] if started else []
                word, started = "", False
            else:
                word, started = word + text[at], True
            at += 1
    return [*words, word] if started else words


@given(st.lists(st.text(alphabet='ab<>&"\\ =,\t;', max_size=8), max_size=4))
def test_windows_reads_the_words_that_were_quoted(words: list[str]) -> None:
    command = ["pip", *words]
    assert _read_as_windows_does(quoted(command, "nt")) == command
    if sys.platform == "win32":
        count = ctypes.c_int()
        split = ctypes.windll.shell32.CommandLineToArgvW
        split.restype = ctypes.POINTER(ctypes.c_wchar_p)
        found = split(quoted(command, "nt"), ctypes.byref(count))
        assert found[: count.value] == command


@given(st.lists(st.text(max_size=8), max_size=4))
def test_posix_reads_the_words_that_were_quoted(words: list[str]) -> None:
    assert shlex.split(quoted(words, "posix")) == words


@pytest.mark.parametrize(("goes_on", "lines"), [("", 1), (" \\", 4)])
def test_a_wrapped_command_can_be_pasted(
    goes_on: str, lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows the terminal wraps it: what goes on a line in cmd does not in PowerShell."""
    monkeypatch.setattr(wrapping, "_GOES_ON", goes_on)
    command = "  command  pip install " + " ".join(["a-package"] * 8)
    text = wrapping.wrapped(Text.assemble((command, wrapping.COMMAND)), Console(width=40))
    shown = text.plain.split("\n")
    assert len(shown) == lines
    assert all(line.endswith(goes_on) for line in shown[:-1])
    assert " ".join(line.replace(" \\", "").strip() for line in shown) == command.strip()
