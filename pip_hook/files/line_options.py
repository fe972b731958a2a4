"""The options that a line of a requirements file may have; pip reads them by optparse too."""

from __future__ import annotations

import optparse
import shlex
from functools import cache
from typing import NamedTuple, NoReturn

# Abbreviations that are unique in some pips stand among the names; where they are not, pip says so.
_WITH_VALUE = (
    ("--index-url", "-i", "--pypi-url", "--i", "--in"),
    ("--extra-index-url",),
    ("--constraint", "-c", "--c", "--co", "--con"),
    ("--requirement", "-r"),
    ("--editable", "-e"),
    ("--find-links", "-f"),
    ("--no-binary",),
    ("--only-binary",),
    ("--all-releases",),
    ("--only-final",),
    ("--trusted-host",),
    ("--use-feature",),
    ("--hash",),
    ("--global-option",),
    ("--install-option",),
    ("--config-settings", "--config-setting", "-C"),
)
_FLAGS = ("--no-index", "--prefer-binary", "--require-hashes", "--no-require-hashes", "--pre")


class LineOption(NamedTuple):
    """One use of an option in a file: its first long name, and its value."""

    name: str
    value: str | None

    def spelled(self) -> str:
        """Write it as a line of a file has it."""
        return self.name if self.value is None else f"{self.name} {shlex.quote(self.value)}"


class _Parser(optparse.OptionParser):
    def error(self, msg: str) -> NoReturn:
        raise ValueError(msg)


def read_options(text: str) -> list[LineOption] | None:
    """Read the options of a line, in order; None where they are for pip to complain about."""
    found: list[LineOption] = []
    try:
        _parser().parse_args(shlex.split(text), optparse.Values({"found": found}))
    except ValueError:
        return None
    return found


def _seen(
    option: optparse.Option, _: str, value: str | None, parser: optparse.OptionParser
) -> None:
    if parser.values is not None:
        parser.values.found.append(LineOption(option.get_opt_string(), value))


@cache
def _parser() -> _Parser:
    parser = _Parser(add_help_option=False)
    for names in _WITH_VALUE:
        parser.add_option(*names, action="callback", type="string", callback=_seen)
    for name in _FLAGS:
        parser.add_option(name, action="callback", callback=_seen)
    return parser
