"""The matrix for a terminal: as many tables as its width asks for, and a legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from .matrix_words import OVERALL, install, legend, machine_lines, mark, short
from .plan_text import headline, note_lines
from .words import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import RenderableType

    from conda_cuda_guard.planner.matrix import Matrix, Row
    from conda_cuda_guard.planner.matrix_cell import Cell

_COLOURS = {
    "direct": "green",
    "minor-compatible": "yellow",
    "cpu-only": "cyan",
    "no": "red",
    "absent": "dim",
}
_HEAD = "torch"


def matrix_tables(matrix: Matrix, width: int) -> list[RenderableType]:
    """Give what is to be printed, in order, for a terminal of this many columns."""
    parts: list[RenderableType] = [Text(line, style="bold") for line in machine_lines(matrix.hosts)]
    for rows in _blocks(matrix, width):
        parts += [Text(""), _table(rows, matrix)]
    keys = Table.grid(padding=(0, 2, 0, 0))
    keys.add_column(no_wrap=True)
    keys.add_column(overflow="fold")
    for key, text in legend(matrix).items():
        keys.add_row(Text(key, style="bold"), Text(text))
    return [*parts, Text(""), keys, Text("")]


def plan_lines(matrix: Matrix) -> Text:
    """Say what the request itself would get, with the warnings of that plan."""
    said = f"{install(matrix)}: {headline(matrix.plan)}"
    return Text("\n".join([said, *note_lines(matrix.plan.notes, least="warning")]))


def why_text(cells: Iterable[Cell]) -> Text:
    """Explain cells, each with all of its reasons and their codes."""
    lines = []
    for cell in cells:
        lines.append(f"torch {cell.release} ({cell.variant}): {cell.state}")
        lines += [f"  {message(note)} [{note.code}]" for note in cell.reasons]
    return Text("\n".join(lines))


def _blocks(matrix: Matrix, width: int) -> Iterator[list[Row]]:
    """Cut the releases where the variants they were made in would not fit beside each other."""
    room = (width - _name_width(matrix)) // _column_width(matrix)
    block: list[Row] = []
    for row in matrix.rows:
        if block and len(_variants([*block, row])) > room:
            yield block
            block = []
        block.append(row)
    if block:
        yield block


def least_width(matrix: Matrix) -> int:
    """Give the columns that the widest release takes: a table cannot be narrower."""
    most = max(len(_variants([row])) for row in matrix.rows)
    return _name_width(matrix) + most * _column_width(matrix)


def _name_width(matrix: Matrix) -> int:
    return max(len(_HEAD), *(len(row.release) for row in matrix.rows))


def _column_width(matrix: Matrix) -> int:
    """Give the width of a variant's column: a space, the mark, the words."""
    cells = (short(cell) for row in matrix.rows for cell in row.cells)
    return 2 + max(map(len, (*cells, *matrix.variants)))


def _variants(rows: Iterable[Row]) -> set[str]:
    """Give the variants that some of the releases were made in."""
    return {cell.variant for row in rows for cell in row.cells if cell.state != "absent"}


def _table(rows: list[Row], matrix: Matrix) -> Table:
    shown = _variants(rows)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=0)
    table.add_column(_HEAD, no_wrap=True)
    for variant in matrix.variants:
        if variant in shown:
            table.add_column(Text(f" {variant}"), no_wrap=True)
    for row in rows:
        cells = (_cell(cell, row, matrix) for cell in row.cells if cell.variant in shown)
        table.add_row(Text(row.release), *cells)
    return table


def _cell(cell: Cell, row: Row, matrix: Matrix) -> Text:
    sign = mark(cell, row, matrix)
    style = _COLOURS[cell.state]
    if sign:
        style += " bold reverse" if sign == OVERALL else " bold"
    return Text(f"{sign or ' '}{short(cell)}", style=style)
