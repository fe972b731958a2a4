"""Edit items of YAML lists in the text itself; everything else stays byte for byte."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .reading import Node

# The line ends of YAML.
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class Edit(NamedTuple):
    """New text in the place of the text between two offsets."""

    start: int
    end: int
    new: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with the edits made; two that remove the same words count once."""
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda one: one[:2]):
        pieces += [text[at : edit.start], edit.new]
        at = max(at, edit.end)
    return "".join([*pieces, text[at:]])


class ListEditor:
    """Collects the edits of one list, in either of YAML's styles."""

    def __init__(self, text: str, node: Node) -> None:
        self.text = text
        self.node = node
        self.items: list[Node] = node.value
        self.edits: list[Edit] = []
        breaks = list(_BREAK.finditer(text))
        self._line_starts = [0, *(one.end() for one in breaks)]
        self._end_of_line = breaks[0][0] if breaks else "\n"

    def replace(self, item: Node, new: str) -> None:
        """Write another text in the place of an item, quoted as it was."""
        self.edits.append(Edit(_start(item), _end(item), self._scalar(new, item.style)))

    def remove(self, item: Node, also: Iterable[Node] = ()) -> None:
        """Remove an item with its line, and `also` the items of a nested list."""
        if self.node.flow_style:
            self.edits.append(self._span_in_flow(item))
            return
        whole = list(also) or [item]
        lines = {item.start_mark.line, *chain.from_iterable(map(_lines, whole))}
        for line in sorted(lines):
            start = self._line_start(line)
            self.edits.append(Edit(start, self._line_start(line + 1), ""))

    def add_after(self, item: Node, new: Iterable[str]) -> None:
        """Add items after one."""
        texts = [self._scalar(one) for one in new]
        if self.node.flow_style:
            at = _end(item)
            self.edits += [Edit(at, at, f", {one}") for one in texts]
            return
        at = self._line_start(item.end_mark.line + 1)
        is_last = not _BREAK.search(self.text[_end(item) : at])
        for one in texts:
            line = f"{self._indent()}- {one}"
            new_line = self._end_of_line + line if is_last else line + self._end_of_line
            self.edits.append(Edit(at, at, new_line))

    def add_before(self, item: Node, new: Iterable[str]) -> None:
        """Add items before one."""
        texts = [self._scalar(one) for one in new]
        if self.node.flow_style:
            at = _start(item)
            self.edits += [Edit(at, at, f"{one}, ") for one in texts]
            return
        at = self._line_start(item.start_mark.line)
        lines = [f"{self._indent()}- {one}{self._end_of_line}" for one in texts]
        self.edits += [Edit(at, at, line) for line in lines]

    def _scalar(self, text: str, style: str | None = None) -> str:
        return scalar(text, style, flow=bool(self.node.flow_style))

    def _indent(self) -> str:
        start = _start(self.node)
        return self.text[start - self.node.start_mark.column : start]

    def _line_start(self, line: int) -> int:
        """Return the offset of a line (numbered from 0), the text's end after the last one."""
        return self._line_starts[line] if line < len(self._line_starts) else len(self.text)

    def _span_in_flow(self, item: Node) -> Edit:
        """Return the span of an item and the comma after it (before it, for the last one)."""
        at = next(n for n, one in enumerate(self.items) if one is item)
        if at + 1 < len(self.items):
            return Edit(_start(item), _start(self.items[at + 1]), "")
        return Edit(_end(self.items[at - 1]) if at else _start(item), _end(item), "")


def scalar(text: str, style: str | None = None, *, flow: bool = False) -> str:
    """Return a text as YAML: in the style given, or plain where possible."""
    if style == '"':
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    quoted = "'" + text.replace("'", "''") + "'"
    return text if style != "'" and _is_plain(text, flow=flow) else quoted


def _is_plain(text: str, *, flow: bool) -> bool:
    try:
        return bool(yaml.safe_load(f"[{text}]" if flow else f"- {text}") == [text])
    except yaml.YAMLError:
        return False


def _start(node: Node) -> int:
    return int(node.start_mark.index)


def _end(node: Node) -> int:
    return int(node.end_mark.index)


def _lines(node: Node) -> range:
    return range(node.start_mark.line, node.end_mark.line + 1)
