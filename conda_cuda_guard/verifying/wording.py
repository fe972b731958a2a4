"""Error texts of others, made fit for a line."""

from __future__ import annotations

_LONGEST = 300


def one_line(text: str) -> str:
    """Put a text on one line, and cut it where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
