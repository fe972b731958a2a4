"""`pipcuda matrix`: which releases and CUDA variants of a package run on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Phrase, UsageError
from conda_cuda_guard.model.errors import DONE
from conda_cuda_guard.rendering.output import out, out_json
from conda_cuda_guard.rendering.wrapping import print_part

from .checking import check_options, does_nothing
from .deciding import circumstances
from .matrix_subject import EXAMPLE, PLAIN, subject_of
from .own_commands import escape_what_cannot_be_shown, print_help, read_own

if TYPE_CHECKING:
    from conda_cuda_guard.planner.matrix import Matrix, MatrixCell

    from .command_line import CommandLine

_FORMS = ("--json", "--html", "--markdown")


@dataclass
class MatrixOptions:
    """The options of this command."""

    form: str = ""
    why: str = ""
    every_patch: bool = False


def options_of(line: CommandLine) -> MatrixOptions:
    """Return the options of this command; raise a UsageError for those that exclude each other."""
    asked = MatrixOptions()
    for name, value in line.own:
        if name in _FORMS:
            if asked.form not in ("", name):
                raise UsageError(
                    Phrase("{form} and {word} are two forms", form=asked.form, word=name),
                    hint="name one of them",
                )
            asked.form = name
        elif name == "--all":
            asked.every_patch = True
        else:
            asked.why = value
            if not PLAIN.fullmatch(asked.why):
                raise UsageError("--why takes a release", hint="pipcuda matrix --why 2.1.0+cu118")
    if asked.why and asked.form in ("--html", "--markdown"):
        raise UsageError(
            Phrase("--why does nothing with {form}", form=asked.form), hint="--why goes with --json"
        )
    return asked


_HELP = Phrase("""\
Usage:
  pipcuda matrix [options] [SPEC]     releases against CUDA variants, for this machine

Without SPEC it shows the newest patch of each minor version of torch; SPEC (2.1, 2.1.2, ">=2.4",
"torch>=2.1,<2.5") shows every release that it allows. The name of another package (cupy,
xformers, onnxruntime-gpu, "jax>=0.7") shows that package's.""")


def run_matrix(words: list[str]) -> int:
    """Run `pipcuda matrix` and return the exit status."""
    escape_what_cannot_be_shown()
    line = read_own("matrix", words)
    if line.count("--help"):
        print_help("matrix", _HELP)
        return DONE
    check_options("matrix", line)
    asked = options_of(line)
    if line.count("--requirement"):
        raise does_nothing("matrix", "--requirement")
    matrix = _matrix(asked, line)
    cells = _explained(asked.why, matrix) if asked.why else ()
    _print(asked, matrix, cells)
    return DONE


def _matrix(asked: MatrixOptions, line: CommandLine) -> Matrix:
    typed = [line.words[at] for at in line.requirements]
    if len(typed) > 1:
        raise UsageError(
            "matrix takes one SPEC",
            why=Phrase("{typed} were named", typed=len(typed)),
            hint=EXAMPLE,
        )
    around = circumstances(line, installing=False)
    subject = subject_of(" ".join(typed), asked.why.partition("+")[0], around.hosts[0])
    every = asked.every_patch or subject.is_bounded
    matrix = subject.matrix(line, around, every_patch=every)
    if not matrix.rows:
        newest = subject.newest(line, around)
        raise UsageError(
            Phrase(
                "no {package} release satisfies {requirement}",
                package=matrix.package,
                requirement=subject.requirement,
            ),
            why=Phrase("the newest that is known is {version}", version=newest),
            hint=subject.example,
        )
    return matrix


def _explained(why: str, matrix: Matrix) -> tuple[MatrixCell, ...]:
    """Return the cells that --why names; raise a UsageError where there is none."""
    release, _, variant = why.partition("+")
    row = next((row for row in matrix.rows if row.release == release), None)
    if row is None:
        near = matrix.rows[0].release
        if matrix.against:
            raise UsageError(
                Phrase(
                    "{package} has no file for {lead} {release}",
                    package=matrix.package,
                    lead=matrix.against,
                    release=release,
                ),
                why=Phrase("the newest that it has one for is {near}", near=near),
                hint=f"pipcuda matrix {_named(matrix)}--why {near}",
            )
        raise UsageError(
            Phrase(
                "{release} is not a release of {package}", release=release, package=matrix.package
            ),
            why=Phrase("the newest release of that series is {near}", near=near),
            hint=f"pipcuda matrix {_named(matrix)}--why {near}",
        )
    cells = tuple(cell for cell in row.cells if variant in ("", cell.variant))
    if not cells:
        made = ", ".join(matrix.variants)
        raise UsageError(
            Phrase(
                "{package} {release} was never made for {variant}",
                package=matrix.package,
                release=release,
                variant=variant,
            ),
            why=Phrase("it was made for {made}", made=made),
            hint=f"pipcuda matrix {_named(matrix)}--why {release}+{matrix.variants[0]}",
        )
    return cells


def _named(matrix: Matrix) -> str:
    """Return what has to be typed before an option, for a package that is not the lead."""
    return "" if matrix.package == catalogue.family().lead.pip else f"{matrix.package} "


def _print(asked: MatrixOptions, matrix: Matrix, cells: tuple[MatrixCell, ...]) -> None:
    if asked.form == "--json":
        from conda_cuda_guard.rendering.matrix_formats import cell_to_json, matrix_to_json

        shown = [cell_to_json(cell) for cell in cells] if cells else matrix_to_json(matrix)
        out_json(shown)
    elif asked.form == "--html":
        from conda_cuda_guard.rendering.matrix_formats import matrix_html

        out(matrix_html(matrix))
    elif asked.form == "--markdown":
        from conda_cuda_guard.rendering.matrix_formats import matrix_markdown

        out(matrix_markdown(matrix))
    else:
        _show(matrix, cells)


def _show(matrix: Matrix, cells: tuple[MatrixCell, ...]) -> None:
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
    parts = [why_text(cells, matrix)] if cells else matrix_tables(matrix, console.width)
    for part in parts if cells else [*parts, plan_lines(matrix)]:
        print_part(console, part)
