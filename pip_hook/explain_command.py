"""`pipcuda explain`: match an error text against the rules of known failures."""

from __future__ import annotations

import sys
from typing import NoReturn

from conda_cuda_guard.doctor import gather_rules, match
from conda_cuda_guard.model import Phrase, UsageError
from conda_cuda_guard.model.errors import DONE, FAILED
from conda_cuda_guard.rendering.doctor_text import matches_text, matches_to_json
from conda_cuda_guard.rendering.language import translated
from conda_cuda_guard.rendering.output import err, out_json
from conda_cuda_guard.rendering.wrapping import show

from .own_commands import Parser, escape_what_cannot_be_shown

_DESCRIPTION = Phrase("""\
Explain an error and what to type next. Exit status 0: it is a known failure; 1: it is not;
2: unusable arguments.""")
# Bytes kept of standard input: its end, which has the error.
_KEPT = 1_000_000


class _Parser(Parser):
    """A parser whose errors do not repeat the words."""

    def error(self, _message: str) -> NoReturn:
        # argparse repeats the words, and an error text may hold a password.
        raise UsageError(
            "these arguments cannot be used",
            why="it takes an error text (quoted, one word) or - for standard input, and --json",
            hint='pipcuda explain "ERROR TEXT", or COMMAND 2>&1 | pipcuda explain -',
        )


def run_explain(words: list[str]) -> int:
    """Run `pipcuda explain` and return the exit status."""
    escape_what_cannot_be_shown()
    options = _parser().parse_args(words)
    text = _standard_input() if options.text == ["-"] else " ".join(options.text)
    if not text.strip():
        raise UsageError(
            "there is no error text",
            hint='pipcuda explain "ERROR TEXT", or COMMAND 2>&1 | pipcuda explain -',
        )
    gathered = gather_rules()
    problems = list(gathered.problems)
    found = match(gathered.rules.values(), text)
    for one in problems:
        told = translated("warning: rules of another package: {problem}")
        err(told.format(problem=one))
    if options.json:
        out_json(matches_to_json(found, problems))
    else:
        show(matches_text(found))
    return DONE if found else FAILED


def _parser() -> Parser:
    parser = _Parser("explain", _DESCRIPTION, {})
    parser.add_argument("text", nargs="+", metavar="TEXT", help="The error text, or - for stdin.")
    return parser


def _standard_input() -> str:
    """Return the last part of standard input, whatever its bytes are."""
    kept = b""
    while block := sys.stdin.buffer.read(_KEPT):
        kept = (kept + block)[-_KEPT:]
    # Of the UTF-16 that PowerShell writes into files this leaves what is ASCII.
    return kept.replace(b"\0", b"").decode("utf-8", "replace")
