"""Ask whether to write what was shown."""

from __future__ import annotations

import sys

from conda_cuda_guard.model import UsageError
from conda_cuda_guard.rendering.language import translated

_YES = ("y", "yes")


def agreed(otherwise: str) -> bool:
    """Ask whether to write; where nobody can be asked, name what to type `otherwise`."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "nothing was written", why="there is no terminal to ask at", hint=otherwise
        )
    try:
        answer = input(translated("Write this?") + " [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() in _YES:
        return True
    print(translated("Nothing was written."))
    return False
