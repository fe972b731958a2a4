"""`pipcuda matrix`: which torch releases and CUDA variants run on this machine."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console

from conda_cuda_guard import catalogue as built_in
from conda_cuda_guard.model import PLATFORMS, Phrase, UsageError
from conda_cuda_guard.model.errors import DONE
from conda_cuda_guard.planner.matrix import make_matrix
from conda_cuda_guard.planner.pip_parse import read_pip
from conda_cuda_guard.planner.requirement import LEAD
from conda_cuda_guard.rendering.output import out, out_json
from conda_cuda_guard.rendering.wrapping import print_part
from conda_cuda_guard.sources import from_catalogue

from .checking import check_options
from .deciding import circumstances, heard, problem_of, request_for
from .own_commands import escape_what_cannot_be_shown, print_help, read_own

if TYPE_CHECKING:
    from conda_cuda_guard.planner.matrix import Matrix, MatrixCell

    from .command_line import CommandLine

_FORMS = ("--json", "--html", "--markdown")
# Guard options that have no effect on what fits.
_IDLE = ("--variant", "--as-is", "--locked", "--prefer-index", "--verify", "--installer")
EXAMPLE = "pipcuda matrix 2.1, or pipcuda matrix 'torch>=2.4'"
_PLAIN = re.compile(r"v?\d+(\.\d+)*(\.?(post|rc|a|b|dev)\d+)*(\+\w+)?")
_MINOR = 2  # numbers in `2.1`, which stands for all of its patches


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
            if not _PLAIN.fullmatch(asked.why):
                raise UsageError("--why takes a release", hint="pipcuda matrix --why 2.1.0+cu118")
    if asked.why and asked.form in ("--html", "--markdown"):
        raise UsageError(
            Phrase("--why does nothing with {form}", form=asked.form), hint="--why goes with --json"
        )
    return asked


def _check_idle(line: CommandLine) -> None:
    """Raise a UsageError for options that have no effect here."""
    idle = next((name for name, _ in line.guard if name in _IDLE), None)
    if line.count("--requirement"):
        idle = "--requirement"
    if idle:
        raise UsageError(
            Phrase("{idle} does nothing here", idle=idle),
            why="it belongs to an install, and this shows what fits",
            hint="pipcuda matrix --help",
        )


def requirement_of(text: str, platform: str, python: str | None) -> str:
    """Return the requirement that a SPEC stands for."""
    if _PLAIN.fullmatch(text):
        is_minor = text.count(".") < _MINOR and "+" not in text
        text = f"=={text}" + (".*" if is_minor else "")
    family = built_in.family()
    lead = family.lead.pip
    requirement = text if text.startswith(lead) else lead + text
    ask = read_pip(requirement, platform, python, family)
    if ask.kind != LEAD or ask.unread:
        raise UsageError(
            Phrase("{text} names no releases of torch", text=text),
            why="SPEC is a version, or a requirement of torch alone",
            hint=EXAMPLE,
        )
    if ask.wish is not None:
        raise UsageError(
            Phrase(
                "{requirement} names one build, and the matrix shows releases",
                requirement=requirement,
            ),
            hint=f"pipcuda matrix --why {requirement.lstrip('torch= ')}",
        )
    return requirement


_HELP = Phrase("""\
Usage:
  pipcuda matrix [options] [SPEC]     torch releases against CUDA variants, for this machine

Without SPEC it shows the newest patch of each minor version; SPEC (2.1, 2.1.2, ">=2.4",
"torch>=2.1,<2.5") shows every release that it allows.""")


def run_matrix(words: list[str]) -> int:
    """Run `pipcuda matrix` and return the exit status."""
    escape_what_cannot_be_shown()
    line = read_own("matrix", words)
    if line.count("--help"):
        print_help("matrix", _HELP, idle=_IDLE)
        return DONE
    check_options("matrix", line)
    asked = options_of(line)
    _check_idle(line)
    matrix = _matrix(asked, line)
    cells = _explained(asked.why, matrix) if asked.why else ()
    _print(asked, matrix, cells)
    return DONE


def _matrix(asked: MatrixOptions, line: CommandLine) -> Matrix:
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
    catalogue = heard(problem_of(request), line, around.overrides)
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


def _explained(why: str, matrix: Matrix) -> tuple[MatrixCell, ...]:
    """Return the cells that --why names; raise a UsageError where there is none."""
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


def _print(asked: MatrixOptions, matrix: Matrix, cells: tuple[MatrixCell, ...]) -> None:
    if asked.form == "--json":
        from conda_cuda_guard.rendering.matrix_json import cell_to_json, matrix_to_json

        shown = [cell_to_json(cell) for cell in cells] if cells else matrix_to_json(matrix)
        out_json(shown)
    elif asked.form == "--html":
        from conda_cuda_guard.rendering.matrix_html import matrix_html

        out(matrix_html(matrix))
    elif asked.form == "--markdown":
        from conda_cuda_guard.rendering.matrix_json import matrix_markdown

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
    parts = [why_text(cells)] if cells else matrix_tables(matrix, console.width)
    for part in parts if cells else [*parts, plan_lines(matrix)]:
        print_part(console, part)
