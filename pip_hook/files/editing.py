"""Other words on some lines of a file; every other line, comment and line end stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .line_options import read_options
from .lines import Line, parted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .line_options import LineOption


def edited(text: str, edits: Mapping[Line, str]) -> str:
    """Put each edit in the place of its line; those after stay at their numbers."""
    physical = text.splitlines(keepends=True)
    for line, new in edits.items():
        ends = [_end_of(one) for one in physical[line.first : line.end]]
        physical[line.first : line.end] = [new + ends[0], *ends[1:]]
    return "".join(physical)


def with_pin(text: str, line: Line, pin: str) -> str:
    """Write a pin in the place of a line's requirement; its options and comment stay."""
    physical = text.splitlines()[line.first : line.end]
    requirement, tail = parted(line.raw)
    start = physical[0].lstrip()
    if len(physical) == 1 and start.startswith(requirement):
        indent = physical[0][: len(physical[0]) - len(start)]
        return indent + pin + start[len(requirement) :]
    return " ".join(filter(None, [pin, tail])) + line.comment


def with_options(line: Line, options: Sequence[LineOption | None]) -> str:
    """Write a line of options again; None leaves one out, an equal one stays as it was typed."""
    typed = read_options(line.raw) or []
    read = read_options(line.text) or []
    if len(typed) != len(read):
        typed = read
    kept = [
        old if new == was else new for old, was, new in zip(typed, read, options) if new is not None
    ]
    return " ".join(one.spelled() for one in kept) + line.comment


def _end_of(line: str) -> str:
    return line[len(line.splitlines()[0]) :]
