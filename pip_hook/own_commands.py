"""What pipcuda's own commands share: parsers, help, time limits, output."""

from __future__ import annotations

import argparse
import io
import math
import re
import sys
from collections.abc import Collection
from typing import Any, Callable, NoReturn

from conda_cuda_guard.guard_options import GUARD_OPTIONS
from conda_cuda_guard.model import Phrase, UsageError
from conda_cuda_guard.rendering.help_text import NO_TIME, Formatter, error_of_argparse, options_text
from conda_cuda_guard.rendering.language import said, translated
from conda_cuda_guard.rendering.output import out

from .command_line import CommandLine, read_command_line
from .own_options import OWN_COMMANDS

_UNKNOWN_OPTION = re.compile(r"unrecognized arguments: (-[^\s=]+)")


class Parser(argparse.ArgumentParser):
    """The parser of a command that takes none of pip's options.

    Its errors are messages like all others, and its help is in both languages. `more` has what the
    table of options does not say, by their names: a default, a type. Of the options `one_of`, one
    at most may be given.
    """

    def __init__(
        self,
        name: str,
        description: str,
        more: dict[str, dict[str, Any]],
        one_of: Collection[str] = (),
    ) -> None:
        """Make the parser of a command."""
        prog = f"pipcuda {name}"
        # Abbreviations would change their meaning with the options that come later.
        super().__init__(
            prog=prog, description=description, formatter_class=Formatter, allow_abbrev=False,
            add_help=False,
        )  # fmt: skip
        self.add_argument("-h", "--help", action="help", help="Show this help.")
        # argparse cannot show an empty group.
        exclusive = self.add_mutually_exclusive_group() if one_of else self
        for option in OWN_COMMANDS[name].options.values():
            how: dict[str, Any] = (
                {"metavar": option.metavar} if option.metavar else {"action": "store_true"}
            )
            names = filter(None, (option.short, option.name))
            place = exclusive if option.name in one_of else self
            place.add_argument(*names, help=option.help, **how, **more.get(option.name, {}))

    def error(self, message: str) -> NoReturn:
        """Raise a UsageError for arguments that argparse refuses."""
        found = _UNKNOWN_OPTION.match(message)
        if found is not None:
            from .checking import closest  # late: it loads much

            options = OWN_COMMANDS[self.prog.split()[-1]].options
            meant = closest(found[1], list(options))
            raise UsageError(
                Phrase("there is no option {name}", name=found[1]),
                why=Phrase("{command} does not have it", command=self.prog),
                hint=options[meant].usage if meant is not None else f"{self.prog} --help",
            )
        raise UsageError(
            "these arguments cannot be used",
            why=error_of_argparse(message),
            hint=f"{self.prog} --help",
        )


def read_own(name: str, words: list[str]) -> CommandLine:
    """Return the line of a command of ours that takes the options of `pip install` too."""
    return read_command_line(words, as_command="install", own=OWN_COMMANDS[name].options)


_OF_GUARD = Phrase(
    "Options of pipcuda that say for which machine and how to plan (each except --verify can\n"
    "also be set by an environment variable, as CUDA_GUARD_CUDA and CUDA_GUARD_AS_IS):"
)


def guard_help(idle: Collection[str] = ()) -> str:
    """Return the part of a help text about the guard's options, but for those that are idle."""
    guard = [option for option in GUARD_OPTIONS.values() if option.name not in idle]
    return f"{said(_OF_GUARD)}\n{options_text(guard)}"


def print_help(name: str, text: str, *, after: str = "") -> None:
    """Print the help of a command that takes the options of `pip install` too."""
    parts = [
        said(text),
        f"{translated('Options:')}\n{options_text(OWN_COMMANDS[name].options.values())}",
        guard_help(OWN_COMMANDS[name].idle),
        said(after),
        translated("It takes the options of pip install as well: pip install --help"),
    ]
    out("\n\n".join(filter(None, parts)))


def seconds(longest: float) -> Callable[[str], float]:
    """Return a function that parses a time limit of up to so many seconds."""

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
    """Make the standard streams escape what they cannot encode, where Python would raise."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


_YES = ("y", "yes")


def agreed(otherwise: str) -> bool:
    """Return whether the user agrees to a write; raise without a terminal (hint: `otherwise`)."""
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
    out(translated("Nothing was written."))
    return False
