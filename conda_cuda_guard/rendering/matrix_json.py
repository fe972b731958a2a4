"""The matrix as a JSON object and as a Markdown table."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.catalogue import family

from .matrix_text import belonging, heads, install, legend, letters, machine_lines, mark, short
from .messages import message
from .plan_text import headline, note_lines, plan_to_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.planner.matrix import Matrix, MatrixCell, MatrixRow

_SCHEMA = 1


def matrix_to_json(matrix: Matrix) -> dict[str, Any]:
    """Return a matrix as a JSON-ready dict, with every reason in full and without credentials."""
    taken = matrix.choice
    return {
        "schema": _SCHEMA,
        "requirements": list(matrix.asked),
        "hosts": [asdict(host) for host in matrix.hosts],
        "policy": matrix.policy,
        "choice": {"release": taken[0], "variant": taken[1]} if taken else None,
        "variants": list(matrix.variants),
        **_package(matrix),
        "releases": [_row(row, matrix) for row in matrix.rows],
        "notes": plan_to_json(matrix.plan)["notes"],
    }


def _package(matrix: Matrix) -> dict[str, Any]:
    """Return whose releases they are, where they are not those of the lead."""
    if matrix.package == family().lead.pip:
        return {}
    built = {"against": matrix.against} if matrix.against else {}
    return {"package": matrix.package, "belongs_to": matrix.lead or None, **built}


def _row(row: MatrixRow, matrix: Matrix) -> dict[str, Any]:
    name = "versions" if matrix.against else "belongs_to"
    belongs = {name: list(row.belongs)} if matrix.beside else {}
    return {
        "release": row.release,
        **belongs,
        "choice": row.choice,
        "cells": [cell_to_json(cell) for cell in row.cells],
    }


def cell_to_json(cell: MatrixCell) -> dict[str, Any]:
    """Return one cell as a JSON-ready dict."""
    return {
        "release": cell.release,
        "variant": cell.variant,
        "state": cell.state,
        "letters": letters(cell),
        "reasons": [{"code": note.code, "message": message(note)} for note in cell.reasons],
    }


# Markdown's special characters, to be escaped in texts from outside.
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#])")


def matrix_markdown(matrix: Matrix) -> str:
    """Return a matrix as a table of GitHub's Markdown."""
    lines = [f"- {_escaped(line)}" for line in machine_lines(matrix.hosts)]
    lines += [
        "",
        _markdown_row(heads(matrix)),
        _markdown_row("---" for _ in heads(matrix)),
    ]
    for row in matrix.rows:
        cells = (f"{mark(cell, row, matrix)} {short(cell)}".lstrip() for cell in row.cells)
        belongs = (belonging(row),) if matrix.beside else ()
        lines.append(_markdown_row((row.release, *map(_escaped, (*belongs, *cells)))))
    lines += ["", *(f"- {_escaped(key)}: {text}" for key, text in legend(matrix).items()), ""]
    lines += [f"`{install(matrix)}`: {_escaped(headline(matrix.plan))}"]
    notes = note_lines(matrix.plan.notes, least="warning")
    lines += ["", *(f"- {_escaped(text.strip())}" for text in notes)] if notes else []
    return "\n".join(lines)


def _markdown_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
