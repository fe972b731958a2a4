"""`pipcuda matrix`: torch releases against CUDA variants, for this machine."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from conda_cuda_guard.model import PLATFORMS, Phrase, UsageError
from conda_cuda_guard.planner.matrix import make_matrix
from conda_cuda_guard.rendering.language import said
from conda_cuda_guard.sources import from_catalogue

from .command_line import PLAN_OPTIONS, read
from .deciding import circumstances, heard, request_for
from .matrix_spec import EXAMPLE, Asked, check, requirement_of, take
from .own_commands import escape_what_cannot_be_shown

if TYPE_CHECKING:
    from conda_cuda_guard.planner.matrix import Matrix
    from conda_cuda_guard.planner.matrix_cell import Cell

    from .command_line import CommandLine

_HELP = Phrase("""\
Usage:
  pipcuda matrix [options] [SPEC]     torch releases against CUDA variants, for this machine

Without SPEC it shows the newest patch of each minor version; SPEC (2.1, 2.1.2, ">=2.4",
"torch>=2.1,<2.5") shows every release that it allows.

Takes the options of `pipcuda plan` that say what machine, Python and index it is for (--cuda,
--driver, --gpu, --host, --cpu, --policy, --offline, --python, --platform, --index-url, ...), and:
  --all                every patch
  --why RELEASE        explain a release (2.1.0) or one build (2.1.0+cu118) in full
  --json               print one JSON object
  --html               print a page for a browser, which needs nothing else
  --markdown           print Markdown""")


def run_matrix(words: list[str]) -> int:
    """Run `pipcuda matrix` with the words around it; returns the exit status."""
    escape_what_cannot_be_shown()
    asked, rest = take(words)
    line = read(rest, as_command="install")
    if line.count("--help"):
        print(said(_HELP))
        return 0
    check(line)
    line.guard = [pair for pair in line.guard if pair[0] not in PLAN_OPTIONS]
    matrix = _matrix(asked, line)
    cells = _explained(asked.why, matrix) if asked.why else ()
    _print(asked, matrix, cells)
    return 0


def _matrix(asked: Asked, line: CommandLine) -> Matrix:
    typed = [line.words[at] for at in line.requirements]
    if asked.why and typed:
        raise UsageError("--why names its release itself", hint=f"pipcuda matrix --why {asked.why}")
    text = asked.why.partition("+")[0] if asked.why else " ".join(typed)
    if len(typed) > 1:
        raise UsageError(
            "matrix takes one SPEC",
            why=Phrase("{typed} were named", typed=len(typed)),
            hint=EXAMPLE,
        )
    around = circumstances(line, installing=False)
    requirement = requirement_of(text, around.hosts[0].platform, around.hosts[0].python)
    request = request_for((requirement,), line, around)
    known = [build for name in PLATFORMS for build in from_catalogue("pip", name).builds]
    catalogue = heard(request, line, around.overrides)
    every = asked.every_patch or bool(text)
    matrix = make_matrix(request, catalogue, known, every_patch=every)
    if not matrix.rows:
        raise UsageError(
            Phrase("no release of torch answers {requirement}", requirement=requirement),
            why=Phrase(
                "the newest that is known is {version}", version=catalogue.releases[0].version
            ),
            hint=EXAMPLE,
        )
    return matrix


def _explained(why: str, matrix: Matrix) -> tuple[Cell, ...]:
    """Give the cells that --why names; raises UsageError where there is none."""
    release, _, variant = why.partition("+")
    row = next((row for row in matrix.rows if row.release == release), None)
    if row is None:
        near = matrix.rows[0].release
        raise UsageError(
            Phrase("{release} is no release of torch", release=release),
            why=Phrase("the newest that begins so is {near}", near=near),
            hint=f"pipcuda matrix --why {near}",
        )
    cells = tuple(cell for cell in row.cells if variant in ("", cell.variant))
    if not cells:
        made = ", ".join(matrix.variants)
        raise UsageError(
            Phrase(
                "torch {release} was never made for {variant}", release=release, variant=variant
            ),
            why=Phrase("it was made for {made}", made=made),
            hint=f"pipcuda matrix --why {release}+{matrix.variants[0]}",
        )
    return cells


def _print(asked: Asked, matrix: Matrix, cells: tuple[Cell, ...]) -> None:
    if asked.form == "--json":
        from conda_cuda_guard.rendering.matrix_json import cell_to_json, matrix_to_json

        shown = [cell_to_json(cell) for cell in cells] if cells else matrix_to_json(matrix)
        print(json.dumps(shown))
    elif asked.form == "--html":
        from conda_cuda_guard.rendering.matrix_html import matrix_html

        print(matrix_html(matrix))
    elif asked.form == "--markdown":
        from conda_cuda_guard.rendering.matrix_markdown import matrix_markdown

        print(matrix_markdown(matrix))
    else:
        _show(matrix, cells)


def _show(matrix: Matrix, cells: tuple[Cell, ...]) -> None:
    from conda_cuda_guard.rendering.matrix_text import (
        least_width,
        matrix_tables,
        plan_lines,
        why_text,
    )

    # Without colours rich would still send bold, which is an escape too.
    plain = bool(os.environ.get("NO_COLOR"))
    console = Console(color_system=None if plain else "auto", highlight=False)
    # A narrower terminal breaks the lines itself: nothing is cut off.
    console.width = max(console.width, least_width(matrix))
    parts = [why_text(cells)] if cells else matrix_tables(matrix, console.width)
    for part in parts if cells else [*parts, plan_lines(matrix)]:
        # Text is to be copied: the terminal breaks its lines, not we.
        console.print(part, soft_wrap=isinstance(part, Text))
