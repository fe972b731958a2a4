"""What the guard prints, read."""

from __future__ import annotations

import shlex


def printed_command(stderr: str) -> list[str]:
    """Return the words of the one command that was printed, without `conda`."""
    marks = ("Type instead: ", "this machine: ")
    lines = stderr.splitlines()
    found = {one.partition(mark)[2] for one in lines for mark in marks if mark in one}
    assert len(found) == 1, stderr
    program, *words = shlex.split(found.pop())
    assert program == "conda"
    return words
