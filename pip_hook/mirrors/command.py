"""`pipcuda mirrors`: its command line, and which of its jobs is asked for."""

from __future__ import annotations

import argparse
import io
import sys
from typing import NoReturn

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Phrase, UsageError
from conda_cuda_guard.rendering.language import said, translated

_DESCRIPTION = Phrase("""\
List the mirrors that are known and the sources that pip and conda have in force. Test how the
mirrors do, or have pip and conda use one.""")
_TIMEOUT = 5.0
_LONGEST = 60.0


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are messages like all others."""

    def error(self, message: str) -> NoReturn:
        raise UsageError("these arguments cannot be used", why=message, hint=f"{self.prog} --help")


def run_mirrors(words: list[str]) -> int:
    """Run `pipcuda mirrors` with the words after it; returns the exit status."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What a terminal cannot show, or a file should not hold, is escaped, not an error.
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(words)
    if options.undo:
        from .undoing import undo

        return undo(yes=options.yes, as_json=options.json)
    if options.use is not None:
        from .using import use

        known = catalogue.mirrors()
        return use(options.use, known, yes=options.yes, as_json=options.json)
    from .listing import list_mirrors

    timeout = options.timeout if options.test else None
    return list_mirrors(catalogue.mirrors(), timeout=timeout, as_json=options.json)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="pipcuda mirrors", description=said(_DESCRIPTION), allow_abbrev=False)
    job = parser.add_mutually_exclusive_group()
    job.add_argument(
        "--test", action="store_true", help=translated("ask each mirror: reachability and speed")
    )
    job.add_argument(
        "--use",
        metavar="NAME",
        help=translated("have pip and conda use a mirror: diff, question, backup"),
    )
    job.add_argument(
        "--undo", action="store_true", help=translated("restore what the last --use changed")
    )
    parser.add_argument(
        "--timeout", type=_seconds, default=_TIMEOUT, metavar="S",
        help=translated("with --test: seconds for each answer (default {default:.0f})").format(
            default=_TIMEOUT
        ),
    )  # fmt: skip
    parser.add_argument("-y", "--yes", action="store_true", help=translated("do not ask"))
    parser.add_argument("--json", action="store_true", help=translated("print one JSON object"))
    return parser


def _seconds(text: str) -> float:
    """Read a time limit."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= _LONGEST:
        raise argparse.ArgumentTypeError(f"{text} is not a time up to {_LONGEST:.0f} seconds")
    return number
