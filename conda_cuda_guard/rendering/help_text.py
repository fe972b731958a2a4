"""Help and error messages of argparse, in the user's language."""

from __future__ import annotations

import argparse
import re
from copy import copy
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase

from .language import said, translated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.guard_options import GuardOption

USAGE = "usage: "
# argparse's own texts; Python 3.9 has another heading for the options.
OF_ARGPARSE = (
    USAGE,
    "options",
    "optional arguments",
    "positional arguments",
    "show this help message and exit",
)
# The error of an option that is a time limit.
NO_TIME = "{text} is not a time up to {longest} seconds"
# argparse's error messages as templates; the first is a prefix of some of them.
ERRORS_OF_ARGPARSE = (
    "argument {name}: {error}",
    "unrecognized arguments: {words}",
    "the following arguments are required: {words}",
    "expected one argument",
    "expected at least one argument",
    "ignored explicit argument {word}",
    NO_TIME,
)


def error_of_argparse(message: str) -> str:
    """Return an error message of argparse as a phrase; unchanged where it is not known."""
    for template in ERRORS_OF_ARGPARSE:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(template))
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            facts = found.groupdict()
            inner = {"error": error_of_argparse(facts["error"])} if "error" in facts else {}
            return Phrase(template, **{**facts, **inner})
    return message


_WIDTH = 20  # of the column of the options


def options_text(options: Iterable[GuardOption]) -> str:
    """Return a line for each option: how it is spelled, and its help in the reader's language.

    The help of one that is longer than its column is on the next line.
    """
    return "\n".join(_option_text(one.spelling, translated(one.help)) for one in options)


def _option_text(spelling: str, help_text: str) -> str:
    if len(spelling) > _WIDTH:
        return f"  {spelling}\n  {'':<{_WIDTH}} {help_text}"
    return f"  {spelling:<{_WIDTH}} {help_text}"


class Formatter(argparse.HelpFormatter):
    """Formats help with every text translated; texts without a translation stay as they are."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        """Add the usage under its translated heading."""
        super().add_usage(usage, actions, groups, translated(USAGE) if prefix is None else prefix)

    def start_section(self, heading: str | None) -> None:
        """Start a section under its translated heading."""
        super().start_section(translated(heading) if heading else heading)

    def add_text(self, text: str | None) -> None:
        """Add a description."""
        super().add_text(said(text) if text else text)

    def add_argument(self, action: argparse.Action) -> None:
        """Add an option with its translated help."""
        if action.help and action.help != argparse.SUPPRESS:
            action = copy(action)
            action.help = translated(action.help or "")
        super().add_argument(action)
