"""Whether constraints may be added to a line at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pip_hook.command_line import CommandLine
    from pip_hook.files.roots import Files

# With these no dependency comes in, or constraints are not for them.
_NOT_WITH = ("--no-deps", "--require-hashes")
_OFF = ("", "0", "false", "no", "off")
_LEGACY = "legacy-resolver"


def takes_constraints(line: CommandLine, settings: Mapping[str, str], files: Files) -> bool:
    """Tell it by the line, pip's configuration and the files: hash mode, no dependencies."""
    deprecated = (*line.values("--use-deprecated"), settings.get("use-deprecated", ""))
    if _LEGACY in deprecated:
        return False
    if any(one.hashes for one in files.requirement_lines(constraints=False)):
        return False
    return not any(
        line.count(name) or settings.get(name[2:], "").lower() not in _OFF for name in _NOT_WITH
    )
