"""The matrix as text: cells, legend, machines, tables for a terminal, and reasons in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from conda_cuda_guard.model import quoted, redact

from .language import said, translated
from .messages import message
from .plan_text import headline, note_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import RenderableType

    from conda_cuda_guard.model import Gpu, Host
    from conda_cuda_guard.planner.matrix import Matrix, MatrixCell, MatrixRow

# A reason against a cell, in one letter.
LETTERS = {
    "cuda-newer-than-driver": "D",
    "gpu-not-covered": "G",
    "python-not-covered": "P",
    "platform-not-covered": "S",
    "libc-too-old": "C",
    "index-lacks-variant": "I",
}
_STATES = {
    "direct": "yes",
    "minor-compatible": "yes~",
    "cpu-only": "cpu",
    "no": "no",
    "absent": "-",
}
OVERALL, OF_RELEASE = ">", "*"
_BETWEEN = 3  # columns between the releases and those beside them
_NAMED = 2  # more releases are shown by the first and the last
# Keys of the legend, in its order.
LEGEND = {
    OVERALL: "what `{install}` takes here",
    OF_RELEASE: "what it takes if this release is asked for",
    "yes": "the driver runs it, and it has code for every GPU known here",
    "yes~": "the same, though its CUDA is newer than the driver's (same major version)",
    "cpu": "runs, but without CUDA",
    "D": "no: needs a newer driver (or, with --policy strict, one of its own CUDA version)",
    "G": "no: has no code for a GPU here",
    "P": "no: not made for this Python",
    "S": "no: not made for this system, only for others",
    "C": "no: needs a newer glibc, or glibc where there is musl",
    "I": "no: the wheel index in use does not have it",
    "-": "never made",
}


def reasons(cell: MatrixCell) -> str:
    """Return all the reasons of a cell."""
    return redact(" ".join(message(note) for note in cell.reasons))


def letters(cell: MatrixCell) -> str:
    """Return the letters of the reasons against a cell."""
    return "".join(LETTERS[note.code] for note in cell.reasons) if cell.state == "no" else ""


def short(cell: MatrixCell) -> str:
    """Return a cell without its mark: `yes`, `no DG`."""
    return f"{_STATES[cell.state]} {letters(cell)}".rstrip()


def mark(cell: MatrixCell, row: MatrixRow, matrix: Matrix) -> str:
    """Return the mark of the cell that an install takes, of all or of its release; else empty."""
    if (cell.release, cell.variant) == matrix.choice:
        return OVERALL
    return OF_RELEASE if cell.variant == row.choice else ""


def install(matrix: Matrix) -> str:
    """Return the command whose choice the matrix marks."""
    return quoted(("pipcuda", "install", *matrix.asked))


def legend(matrix: Matrix) -> dict[str, str]:
    """Return the legend of the signs that the matrix uses."""
    used = set[str]()
    for row in matrix.rows:
        for cell in row.cells:
            used.update((mark(cell, row, matrix), _STATES[cell.state], *letters(cell)))
    return {
        key: translated(text).format(install=install(matrix))
        for key, text in LEGEND.items()
        if key in used
    }


def machine_lines(hosts: Iterable[Host]) -> list[str]:
    """Return a line for each machine that the matrix is for."""
    return list(dict.fromkeys(redact(_machine(host)) for host in hosts))


def _machine(host: Host) -> str:
    parts = [
        host.platform,
        f"Python {host.python}" if host.python else translated("any Python"),
        _driver(host),
        *(map(_gpu, host.gpus) if host.gpus else [translated("no GPU known")]),
    ]
    return ", ".join(parts)


def _driver(host: Host) -> str:
    if not host.has_cuda:
        failure = host.driver_failure
        return said(failure) if failure else translated("no NVIDIA driver")
    driver = translated("driver unknown")
    if host.driver:
        driver = translated("driver {version}").format(version=host.driver)
    return f"{driver} (CUDA {host.cuda})" if host.cuda else driver


def _gpu(gpu: Gpu) -> str:
    capability = gpu.compute_capability or translated("unknown")
    if gpu.name:
        return f"{gpu.name} ({capability})"
    return translated("GPU of compute capability {capability}").format(capability=capability)


_COLOURS = {
    "direct": "green",
    "minor-compatible": "yellow",
    "cpu-only": "cyan",
    "no": "red",
    "absent": "dim",
}


def matrix_tables(matrix: Matrix, width: int) -> list[RenderableType]:
    """Return what to print, in order, for a terminal of this many columns."""
    parts: list[RenderableType] = [
        Text(line, style="bold") for line in machine_lines(matrix.problem.hosts)
    ]
    for rows in _blocks(matrix, width):
        parts += [Text(""), _table(rows, matrix)]
    keys = Table.grid(padding=(0, 2, 0, 0))
    keys.add_column(no_wrap=True)
    keys.add_column(overflow="fold")
    for key, text in legend(matrix).items():
        keys.add_row(Text(key, style="bold"), Text(text))
    return [*parts, Text(""), keys, Text("")]


def plan_lines(matrix: Matrix) -> Text:
    """Return what the request itself would get, with the warnings of that plan."""
    first = f"{install(matrix)}: {headline(matrix.plan)}"
    return Text("\n".join([first, *note_lines(matrix.plan.notes, least="warning")]))


def why_text(cells: Iterable[MatrixCell], matrix: Matrix) -> Text:
    """Return cells with all of their reasons and the reasons' codes."""
    lines = []
    for cell in cells:
        name = f"{matrix.package} ({matrix.against})" if matrix.against else matrix.package
        lines.append(f"{name} {cell.release} ({cell.variant}): {cell.state}")
        lines += [f"  {message(note)} [{note.code}]" for note in cell.reasons]
    return Text("\n".join(lines))


def _blocks(matrix: Matrix, width: int) -> Iterator[list[MatrixRow]]:
    """Yield the releases in blocks whose variants fit beside each other."""
    room = (width - _name_width(matrix)) // _column_width(matrix)
    block: list[MatrixRow] = []
    for row in matrix.rows:
        if block and len(_variants([*block, row])) > room:
            yield block
            block = []
        block.append(row)
    yield block


def least_width(matrix: Matrix) -> int:
    """Return the width that the widest release takes: a table cannot be narrower."""
    most = max(len(_variants([row])) for row in matrix.rows)
    return _name_width(matrix) + most * _column_width(matrix)


def _name_width(matrix: Matrix) -> int:
    """Return the width of the columns before the variants."""
    own = max(len(matrix.rows_of), *(len(row.release) for row in matrix.rows))
    if not matrix.beside:
        return own
    return own + _BETWEEN + max(len(matrix.beside), *(len(belonging(row)) for row in matrix.rows))


def heads(matrix: Matrix) -> tuple[str, ...]:
    """Return the heads of the columns: the packages of the releases, and the variants."""
    return (matrix.rows_of, *filter(None, (matrix.beside,)), *matrix.variants)


def belonging(row: MatrixRow) -> str:
    """Return the releases beside that of a row."""
    if len(row.belongs) > _NAMED:
        return f"{row.belongs[-1]} - {row.belongs[0]}"
    return ", ".join(reversed(row.belongs))


def _column_width(matrix: Matrix) -> int:
    """Return the width of a variant's column: a space, the mark, the text."""
    cells = (short(cell) for row in matrix.rows for cell in row.cells)
    return 2 + max(map(len, (*cells, *matrix.variants)))


def _variants(rows: Iterable[MatrixRow]) -> set[str]:
    """Return the variants that some of the releases were made in."""
    return {cell.variant for row in rows for cell in row.cells if cell.state != "absent"}


def _table(rows: list[MatrixRow], matrix: Matrix) -> Table:
    shown = _variants(rows)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=0)
    table.add_column(matrix.rows_of, no_wrap=True)
    if matrix.beside:
        table.add_column(Text(f"  {matrix.beside}"), no_wrap=True)
    for variant in matrix.variants:
        if variant in shown:
            table.add_column(Text(f" {variant}"), no_wrap=True)
    for row in rows:
        cells = (_cell(cell, row, matrix) for cell in row.cells if cell.variant in shown)
        belongs = (Text(f"  {belonging(row)}"),) if matrix.beside else ()
        table.add_row(Text(row.release), *belongs, *cells)
    return table


def _cell(cell: MatrixCell, row: MatrixRow, matrix: Matrix) -> Text:
    sign = mark(cell, row, matrix)
    style = _COLOURS[cell.state]
    if sign:
        style += " bold reverse" if sign == OVERALL else " bold"
    return Text(f"{sign or ' '}{short(cell)}", style=style)
