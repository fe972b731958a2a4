"""What pipcuda's own commands share: their parser, time limits, what they may print."""

from __future__ import annotations

import argparse
import io
import math
import sys
from typing import Callable, NoReturn

from conda_cuda_guard.model import UsageError
from conda_cuda_guard.rendering.help_text import NO_TIME, Formatter, error_of_argparse
from conda_cuda_guard.rendering.language import translated


class Parser(argparse.ArgumentParser):
    """A parser whose errors are messages like all others, and whose help is in both languages."""

    def __init__(self, name: str, description: str) -> None:
        """Make the parser of a command."""
        prog = f"pipcuda {name}"
        # Abbreviations would change their meaning with the options that come later.
        super().__init__(
            prog=prog, description=description, formatter_class=Formatter, allow_abbrev=False
        )

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        raise UsageError(
            "these arguments cannot be used",
            why=error_of_argparse(message),
            hint=f"{self.prog} --help",
        )


def seconds(longest: float) -> Callable[[str], float]:
    """Give the function that reads a time limit of up to so many seconds."""

    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not 0 < number <= longest:
            told = NO_TIME.format(text=text, longest=f"{longest:.0f}")
            raise argparse.ArgumentTypeError(told)
        return number

    return read


def escape_what_cannot_be_shown() -> None:
    """Have what a terminal cannot show, or a file should not hold, escaped: it is no error."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


_YES = ("y", "yes")


def agreed(otherwise: str) -> bool:
    """Ask whether to write; where nobody can be asked, name what to type `otherwise`."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "nothing was written", why="there is no terminal to ask at", hint=otherwise
        )
    try:
        answer = input(translated("Write this?") + " [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() in _YES:
        return True
    print(translated("Nothing was written."))
    return False
