"""Commands as text to paste into this system's shell."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# What neither cmd nor PowerShell takes for more than a character.
_PLAIN = re.compile(r"[\w=+.:/\\@~*\[\]-]+")


def quoted(command: Iterable[str], system: str = os.name) -> str:
    """Quote the words of a command; `system` is `os.name`'s (`"nt"`, `"posix"`)."""
    if system == "nt":
        return " ".join(map(_for_windows, command))
    return shlex.join(command)


def _for_windows(word: str) -> str:
    """Quote as Microsoft's C runtime reads words, and whatever cmd or PowerShell would act upon.

    cmd takes `<` and `>` for files, also in `numpy<2`; subprocess.list2cmdline minds spaces alone.
    """
    if _PLAIN.fullmatch(word):
        return word
    # Backslashes count where a quote follows: there they are doubled.
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', word)
    return '"' + re.sub(r"(\\+)$", r"\1\1", escaped) + '"'
