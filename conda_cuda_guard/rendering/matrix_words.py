"""The words of the matrix: of a cell in short, of its reasons in full, and of the legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .language import translated
from .quoting import quoted
from .redact import redact
from .words import message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Gpu, Host
    from conda_cuda_guard.planner.matrix import Matrix, Row
    from conda_cuda_guard.planner.matrix_cell import Cell

# A reason against a cell, in one letter.
LETTERS = {
    "cuda-newer-than-driver": "D",
    "gpu-not-covered": "G",
    "python-not-covered": "P",
    "platform-not-covered": "S",
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
# Keys of the legend, in its order.
LEGEND = {
    OVERALL: "what `{install}` takes here",
    OF_RELEASE: "what it takes where this very release is asked for",
    "yes": "the driver runs it, and it has code for every GPU known here",
    "yes~": "the same, though its CUDA is newer than the driver's (same major version)",
    "cpu": "runs, but without CUDA",
    "D": "no: needs a newer driver (or, with --policy strict, one of its own CUDA version)",
    "G": "no: has no code for a GPU here",
    "P": "no: not made for this Python",
    "S": "no: not made for this system, only for others",
    "I": "no: the wheel index in use does not have it",
    "-": "never made",
}


def reason(cell: Cell) -> str:
    """Give all the reasons of a cell."""
    return redact(" ".join(message(note) for note in cell.reasons))


def letters(cell: Cell) -> str:
    """Give the letters of what stands in a cell's way."""
    return "".join(LETTERS[note.code] for note in cell.reasons) if cell.state == "no" else ""


def short(cell: Cell) -> str:
    """Give a cell without its mark: `yes`, `no DG`."""
    return f"{_STATES[cell.state]} {letters(cell)}".rstrip()


def mark(cell: Cell, row: Row, matrix: Matrix) -> str:
    """Give the mark of what an install takes, of all or of its release; empty for the others."""
    if (cell.release, cell.variant) == matrix.choice:
        return OVERALL
    return OF_RELEASE if cell.variant == row.choice else ""


def install(matrix: Matrix) -> str:
    """Give the command whose choice the matrix marks."""
    return redact(quoted(("pipcuda", "install", *matrix.asked)))


def legend(matrix: Matrix) -> dict[str, str]:
    """Give the words of what stands in the matrix, and of nothing else."""
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
    """Say for which machines the matrix is, one on a line."""
    return list(dict.fromkeys(redact(_machine(host)) for host in hosts))


def _machine(host: Host) -> str:
    parts = [
        host.platform,
        f"Python {host.python}" if host.python else translated("any Python"),
        _driver(host) if host.has_cuda else translated("no NVIDIA driver"),
        *(map(_gpu, host.gpus) if host.gpus else [translated("no GPU known")]),
    ]
    return ", ".join(parts)


def _driver(host: Host) -> str:
    driver = translated("driver unknown")
    if host.driver:
        driver = translated("driver {version}").format(version=host.driver)
    return f"{driver} (CUDA {host.cuda})" if host.cuda else driver


def _gpu(gpu: Gpu) -> str:
    capability = gpu.compute_capability or translated("unknown")
    if gpu.name:
        return f"{gpu.name} ({capability})"
    return translated("GPU of compute capability {capability}").format(capability=capability)
