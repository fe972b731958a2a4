"""The matrix as a JSON object."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .matrix_words import letters
from .plan_json import plan_to_json
from .words import message

if TYPE_CHECKING:
    from conda_cuda_guard.planner.matrix import Matrix, Row
    from conda_cuda_guard.planner.matrix_cell import Cell

_SCHEMA = 1


def matrix_to_json(matrix: Matrix) -> dict[str, Any]:
    """Give a matrix as a JSON-ready dict, with every reason in full and without credentials."""
    taken = matrix.choice
    return {
        "schema": _SCHEMA,
        "requirements": list(matrix.asked),
        "hosts": [asdict(host) for host in matrix.hosts],
        "policy": matrix.policy,
        "choice": {"release": taken[0], "variant": taken[1]} if taken else None,
        "variants": list(matrix.variants),
        "releases": [_row(row) for row in matrix.rows],
        "notes": plan_to_json(matrix.plan)["notes"],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "release": row.release,
        "choice": row.choice,
        "cells": [cell_to_json(cell) for cell in row.cells],
    }


def cell_to_json(cell: Cell) -> dict[str, Any]:
    """Give one cell as a JSON-ready dict."""
    return {
        "release": cell.release,
        "variant": cell.variant,
        "state": cell.state,
        "letters": letters(cell),
        "reasons": [{"code": note.code, "message": message(note)} for note in cell.reasons],
    }
