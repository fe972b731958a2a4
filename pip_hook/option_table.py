"""The options of pip's commands, and which of them take a value.

The table is a data file made from many pip versions. An option that it does not know is looked up
in `pip COMMAND --help`, pip's documented word on itself.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .run_pip import ask_pip

COMMANDS = ("install", "download", "wheel")
DATA_FILE = Path(__file__).parent / "data" / "pip_options.json"
_HELP_LINE = r"(?mi)^ {2}(-{1,2}[a-z].*?)(?: {2,}|$)"


@dataclass(frozen=True)
class Option:
    """An option of pip: its first long name, and whether a value follows it."""

    name: str
    value: bool


@cache
def known_options(command: str) -> dict[str, Option]:
    """Return every spelling of the options of a command (empty: the options before it)."""
    tables = json.loads(DATA_FILE.read_text(encoding="utf-8"))["commands"]
    return {name: Option(**entry) for name, entry in tables[command].items()}


def find_option(command: str, typed: str) -> Option | None:
    """Return an option as typed: by its name, a unique abbreviation, or pip's help."""
    options = known_options(command)
    if typed in options:
        return options[typed]
    meant = _abbreviated(typed, options)
    if len(meant) != 1:
        # New in this pip, or several in the table of which this pip may have only one.
        meant = _abbreviated(typed, help_options(command))
    return meant.pop() if len(meant) == 1 else None


def _abbreviated(typed: str, options: dict[str, Option]) -> set[Option]:
    """Return the options that a spelling can mean; more than one is an error, which pip reports."""
    if typed in options:
        return {options[typed]}
    if not typed.startswith("--"):
        return set()
    return {option for name, option in options.items() if name.startswith(typed)}


@cache
def help_options(command: str) -> dict[str, Option]:
    """Return the options in pip's help text, for those newer than the table."""
    done = ask_pip(*filter(None, [command]), "--help")
    return {} if done is None else parse_help(done.stdout)


def parse_help(text: str) -> dict[str, Option]:
    """Return the options in lines like `  -r, --requirement <file>   Install from …`."""
    found = {}
    for entry in re.findall(_HELP_LINE, text):
        names = re.findall(r"--?[a-zA-Z][\w-]*", entry.split("<")[0])
        if names:
            option = Option(next((n for n in names if n.startswith("--")), names[0]), "<" in entry)
            found.update(dict.fromkeys(names, option))
    return found
