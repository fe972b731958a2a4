"""`pipcuda mirrors`: its command line, and which of its jobs is asked for."""

from __future__ import annotations

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Phrase
from pip_hook.own_commands import Parser, escape_what_cannot_be_shown, seconds

_DESCRIPTION = Phrase("""\
List the mirrors that are known and the sources that pip and conda have in force. Test how the
mirrors do, or have pip and conda use one.""")
_TIMEOUT = 5.0
_LONGEST = 60.0


def run_mirrors(words: list[str]) -> int:
    """Run `pipcuda mirrors` with the words after it; returns the exit status."""
    escape_what_cannot_be_shown()
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


def _parser() -> Parser:
    parser = Parser("mirrors", _DESCRIPTION)
    job = parser.add_mutually_exclusive_group()
    job.add_argument("--test", action="store_true", help="ask each mirror: reachability and speed")
    job.add_argument(
        "--use",
        metavar="NAME",
        help="have pip and conda use a mirror: diff, question, backup",
    )
    job.add_argument("--undo", action="store_true", help="restore what the last --use changed")
    parser.add_argument(
        "--timeout", type=seconds(_LONGEST), default=_TIMEOUT, metavar="S",
        help="with --test: seconds for each answer (default %(default).0f)",
    )  # fmt: skip
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser
