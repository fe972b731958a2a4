"""Where a value stands in a JSON text: its line, for messages."""

from __future__ import annotations

import re
from json.decoder import JSONDecoder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .json_form import Steps

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = JSONDecoder()


def line_of(text: str, steps: Steps) -> int:
    """Return the line of the value that steps lead to; as far as there is one, from 1.

    The text is valid JSON. A missing field has the line of the object that should have it.
    """
    at = _after_space(text, 0)
    for step in steps:
        found = next((start for key, start in _children(text, at) if key == step), None)
        if found is None:
            break
        at = found
    return text.count("\n", 0, at) + 1


def _children(text: str, at: int) -> Iterator[tuple[str | int, int]]:
    """Yield the keys or places of what an object or a list holds, and where each value begins."""
    if text[at] not in "{[":
        return
    is_object = text[at] == "{"
    place = 0
    at = _after_space(text, at + 1)
    while text[at] not in "}]":
        key: str | int = place
        if is_object:
            key, at = _DECODER.raw_decode(text, at)
            at = _after_space(text, _after_space(text, at) + 1)  # the colon
        yield key, at
        _, at = _DECODER.raw_decode(text, at)
        at = _after_space(text, at)
        if text[at] == ",":
            at = _after_space(text, at + 1)
        place += 1


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
