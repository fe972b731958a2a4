"""Commands as text to paste into this system's shell."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING

from .redaction import redact

if TYPE_CHECKING:
    from collections.abc import Iterable

# Characters that have no meaning of their own in cmd and PowerShell.
_PLAIN = re.compile(r"[\w=+.:/\\@~*\[\]-]+")


def quoted(command: Iterable[str], system: str = os.name) -> str:
    """Return a command as quoted text; `system` is as in `os.name` (`"nt"`, `"posix"`).

    It is for people: credentials are hidden here, as quotes may part them later.
    """
    command = map(redact, command)
    if system == "nt":
        return " ".join(map(_for_windows, command))
    return shlex.join(command)


def _for_windows(word: str) -> str:
    """Return a word quoted for Microsoft's C runtime, and against cmd and PowerShell.

    cmd takes `<` and `>` for files, also in `numpy<2`; subprocess.list2cmdline minds spaces alone.
    """
    if _PLAIN.fullmatch(word):
        return word
    # Backslashes count where a quote follows: there they are doubled.
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', word)
    return '"' + re.sub(r"(\\+)$", r"\1\1", escaped) + '"'
