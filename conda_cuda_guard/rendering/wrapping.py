"""Printing text: wrapped at words on a terminal, unwrapped into a file or pipe."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .output import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

# The indent of the rest of a wrapped line that is not indented itself.
_HANGING = 9
_NARROWEST = 40
# Where the terminal does not say.
_WIDTH = 80
COMMAND = "green"
# The continuation of a command in the next line; cmd and PowerShell have none in common.
_GOES_ON = "" if os.name == "nt" else " \\"


def console_of(*, stderr: bool = False, width: int | None = None) -> Console:
    """Return rich's console; with COLUMNS=0 it would be none wide, and print nothing."""
    console = Console(highlight=False, stderr=stderr, width=width)
    if not console.width:
        console.width = _WIDTH
    return console


def show(text: Text | str, *, stderr: bool = False) -> None:
    """Print a text; at a terminal its lines are wrapped at words, with what follows indented."""
    console = console_of(stderr=stderr)
    text = cleaned(Text(text) if isinstance(text, str) else text)
    if console.is_terminal:
        text = wrapped(text, console)
    console.print(text, soft_wrap=True)


def print_part(console: Console, part: RenderableType) -> None:
    """Print a table or a text; a text may be copied, so that the terminal wraps its lines."""
    if isinstance(part, Text):
        console.print(cleaned(part), soft_wrap=True)
        return
    for column in part.columns if isinstance(part, Table) else ():
        column._cells = [cleaned(cell) for cell in column.cells]  # noqa: SLF001 - rich has no other way
    console.print(part)


def cleaned(part: RenderableType) -> Text:
    """Return a text as it may be shown; a line in which something is hidden has no colours."""
    text = part if isinstance(part, Text) else Text.from_markup(str(part))
    lines = text.split("\n", allow_blank=True)
    return Text("\n").join(map(_line_cleaned, lines))


def _line_cleaned(line: Text) -> Text:
    plain = shown(line.plain)
    return line if plain == line.plain else Text(plain)


def wrapped(text: Text, console: Console) -> Text:
    """Return a text with its lines wrapped to the console's width."""
    width = max(console.width, _NARROWEST)
    lines = (
        piece for line in text.split("\n", allow_blank=True) for piece in _wrapped(line, width)
    )
    return Text("\n").join(lines)


def _wrapped(line: Text, width: int) -> Iterator[Text]:
    is_command = any(span.style == COMMAND for span in line.spans)
    if line.cell_len <= width or (is_command and not _GOES_ON):
        yield line
        return
    first = len(line.plain) - len(line.plain.lstrip(" "))
    rest = first + 2 if is_command else first or _HANGING
    room = width - rest - (len(_GOES_ON) if is_command else 0)
    pieces = line[first:].divide(_breaks(line.plain[first:], room))
    for number, piece in enumerate(pieces):
        piece.rstrip()
        if is_command and number < len(pieces) - 1:
            piece.append(_GOES_ON)
        yield Text(" " * (rest if number else first)).append_text(piece)


# A word with the spaces before it; of Chinese a character with the marks that stay with it.
_WORD = re.compile(r"\s*(?:[\u3400-\u9fff][\u3001-\u301f\uff00-\uffef]*|[^\s\u3400-\u9fff]+)")


def _breaks(text: str, room: int) -> list[int]:
    """Return where new lines begin; words that are longer than the room stay whole."""
    breaks, width = [], 0
    for word in _WORD.finditer(text):
        length = cell_len(word[0])
        if width and width + length > room:
            bare = word[0].lstrip()
            breaks.append(word.end() - len(bare))
            width = cell_len(bare)
        else:
            width += length
    return breaks
