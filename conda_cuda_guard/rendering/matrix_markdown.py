"""The matrix as Markdown: one table and a legend."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .matrix_words import install, legend, machine_lines, mark, short
from .plan_text import headline, note_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.planner.matrix import Matrix

# What Markdown would take for its own, in words that come from outside.
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#])")


def matrix_markdown(matrix: Matrix) -> str:
    """Write a matrix as a table of GitHub's Markdown."""
    lines = [f"- {_escaped(line)}" for line in machine_lines(matrix.hosts)]
    lines += ["", _row(("torch", *matrix.variants)), _row("---" for _ in ("", *matrix.variants))]
    for row in matrix.rows:
        cells = (f"{mark(cell, row, matrix)} {short(cell)}".lstrip() for cell in row.cells)
        lines.append(_row((row.release, *(_escaped(cell) for cell in cells))))
    lines += ["", *(f"- {_escaped(key)}: {text}" for key, text in legend(matrix).items()), ""]
    lines += [f"`{install(matrix)}`: {_escaped(headline(matrix.plan))}"]
    notes = note_lines(matrix.plan.notes, least="warning")
    lines += ["", *(f"- {_escaped(text.strip())}" for text in notes)] if notes else []
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
