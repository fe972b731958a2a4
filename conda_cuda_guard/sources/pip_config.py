"""pip's settings, as `pip config list` prints them: which indexes and pages are in force."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from typing import Callable

_ADDRESSES = ("index-url", "extra-index-url", "find-links")
# The words of pip's `strtobool`, which it takes in either case and without spaces around them.
SWITCH = {
    **dict.fromkeys(("y", "yes", "t", "true", "on", "1"), True),
    **dict.fromkeys(("n", "no", "f", "false", "off", "0"), False),
}
_DEFAULT_INDEX = re.compile(r"Base URL.*?\(default\s+(\S+?)\)", re.DOTALL)
# Ours in pip's configuration files, which pip itself leaves alone: `cuda-guard.wheel-index`.
OWN_SECTION = "cuda-guard."


def parse_config_list(lines: Iterable[str]) -> dict[str, str]:
    """Return the `section.key='value'` lines of `pip config list` as a dictionary."""
    found = {}
    for line in lines:
        key, equals, value = line.partition("=")
        if equals:
            try:
                found[key] = str(ast.literal_eval(value))
            except (ValueError, SyntaxError):
                continue
    return found


def effective(
    found: Mapping[str, str], command: str, long_name: Callable[[str], str] = str
) -> dict[str, str]:
    """Return `section.key` settings merged in pip's order: [global], [COMMAND], environment.

    As in pip, an empty value sets nothing; `long_name` gives the first long name of an option that
    goes by several.
    """
    values = {key: value for key, value in found.items() if key.startswith(OWN_SECTION)}
    for section in ("global", command, ":env:"):
        prefix = section + "."
        for key, value in found.items():
            if value and key.startswith(prefix):
                values[long_name(key[len(prefix) :].replace("_", "-"))] = value
    return values


def default_index(help_text: str) -> str | None:
    """Return the index that pip takes where none is set, which its help for `--index-url` names."""
    named = _DEFAULT_INDEX.search(help_text)
    return named[1] if named else None


def addresses(found: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return every address that settings name, each with its option's name."""
    return [(name, url) for name in _ADDRESSES for url in found.get(name, "").split()]
