"""Show foreign text as text: names, paths, addresses and what tools say."""

from __future__ import annotations

import re

# What a terminal acts on or shows where it is not: control characters, marks that turn the
# direction of writing, separators that end a line, and halves of characters.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_BREAKS = re.compile(r"[\n\t]")


def printable(text: str) -> str:
    r"""Return a text with what is not to reach a terminal escaped, as `\x1b`; its lines stay."""
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub(_escaped, text)


def inline(text: str) -> str:
    r"""Return a foreign text for the inside of a line of ours: a line break is `\n` in it."""
    return _BREAKS.sub(_escaped, printable(text))


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape", "surrogatepass").decode("ascii")
