"""Lines that set environment variables, in the words of each shell."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from collections.abc import Mapping

# PowerShell takes typographic quotes for the plain one.
_POWERSHELL_QUOTES = re.compile("(['\u2018\u2019\u201a\u201b])")
_CMD_SPECIAL = re.compile(r'([&|<>^()"])')


def _sh(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}"


def _fish(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"set -gx {name} '{escaped}'"


def _powershell(name: str, value: str) -> str:
    doubled = _POWERSHELL_QUOTES.sub(r"\1\1", value)
    return f"$env:{name} = '{doubled}'"


def _cmd(name: str, value: str) -> str:
    value = value.replace("%", "%%")  # as a batch file has it
    if '"' in value:
        escaped = _CMD_SPECIAL.sub(r"^\1", value)
        return f"set {name}={escaped}"
    return f'set "{name}={value}"'


SHELLS: dict[str, Callable[[str, str], str]] = {
    "sh": _sh,
    "fish": _fish,
    "powershell": _powershell,
    "cmd": _cmd,
}


def usual_shell(system: str, environ: Mapping[str, str]) -> str:
    """Give the shell to write for by `os.name`; Windows has a sh where SHELL is set (Git's)."""
    return "powershell" if system == "nt" and not environ.get("SHELL") else "sh"


def lines(shell: str, variables: Mapping[str, str]) -> list[str]:
    """Give a line for each variable."""
    return [SHELLS[shell](name, value) for name, value in variables.items()]
