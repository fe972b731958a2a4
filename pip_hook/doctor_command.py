"""`pipcuda doctor`: the chain from driver to tensor, and the reasons where it is broken."""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from conda_cuda_guard.doctor import of_sources
from conda_cuda_guard.doctor.examining import examine
from conda_cuda_guard.doctor.scene import Patient
from conda_cuda_guard.doctor.waiting import telling
from conda_cuda_guard.model import Phrase
from conda_cuda_guard.rendering.report_shown import report_text, report_to_json

from .asked_tools import channels_of_conda, indexes_of_this_pip
from .command_line import read
from .own_commands import Parser, escape_what_cannot_be_shown
from .target import paths_of, target_python

if TYPE_CHECKING:
    from argparse import Namespace

    from conda_cuda_guard.doctor.scene import Source

_DESCRIPTION = Phrase("""\
Examine everything from the driver to torch, say what is wrong and what to type next. Exit status 0:
nothing is wrong; 1: something is; 2: unusable arguments.""")
_SICK = 1
_WAIT = Phrase("pipcuda: still looking at the machine and the environment ...")


def run_doctor(words: list[str]) -> int:
    """Run `pipcuda doctor` with the words after it; returns the exit status."""
    escape_what_cannot_be_shown()
    options = _parser().parse_args(words)
    with telling(_WAIT):
        report = examine(_patient(options))
    if options.json:
        print(json.dumps(report_to_json(report)))
    else:
        Console(highlight=False).print(report_text(report), soft_wrap=True)
    return 0 if report.healthy else _SICK


def _parser() -> Parser:
    parser = Parser("doctor", _DESCRIPTION)
    parser.add_argument(
        "--python", metavar="PY",
        help="the interpreter, or an environment's folder (default: this one)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--verify",
        action="store_true",
        help="also let torch compute, as pipcuda verify does",
    )
    parser.add_argument(
        "--root", type=Path, default=Path("/"), metavar="DIR",
        help="where the machine's file system is mounted (default: /)",
    )  # fmt: skip
    return parser


def _patient(options: Namespace) -> Patient:
    named = options.python
    line = read(["install", *(["--python", named] if named else [])])
    sources: dict[str, Source] = {
        of_sources.INDEXES: lambda: indexes_of_this_pip,
        of_sources.CHANNELS: partial(channels_of_conda, os.environ),
    }
    if options.verify:
        from conda_cuda_guard.doctor.of_verify import tried

        sources["what torch sees"] = partial(partial, tried, Path(named or sys.executable))
    return Patient(
        "pip",
        target_python(line, {}),
        _prefix(Path(named)) if named else Path(sys.prefix),
        tuple(paths_of(named) if named else filter(None, sys.path)),
        os.environ,
        sources,
        options.root,
    )


def _prefix(python: Path) -> Path:
    """Give the folder of an environment, named by itself or by its interpreter."""
    if python.is_dir():
        return python
    return python.absolute().parent.parent if os.name == "posix" else python.absolute().parent
