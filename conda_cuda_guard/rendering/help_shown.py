"""Help in the reader's language: argparse's, with the texts said when they are shown."""

from __future__ import annotations

import argparse
from copy import copy
from typing import TYPE_CHECKING

from .language import said, translated

if TYPE_CHECKING:
    from collections.abc import Iterable

USAGE = "usage: "
# What argparse says of its own; Python 3.9's heading of the options is another.
OF_ARGPARSE = (
    USAGE,
    "options",
    "optional arguments",
    "positional arguments",
    "show this help message and exit",
)


class Formatter(argparse.HelpFormatter):
    """Says every text by its translation; those without one, as conda's own, stay as they are."""

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
