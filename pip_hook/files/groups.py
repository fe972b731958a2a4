"""Dependency groups of a pyproject.toml (`--group`), as requirements of the line itself."""

from __future__ import annotations

from pip_hook import command_line
from pip_hook.pip_settings import dependency_groups

from .family import could_name_family

_OPTION = "--group"


def with_groups(line: command_line.CommandLine) -> command_line.CommandLine:
    """Put the requirements of groups into the line, where one of them could name the family.

    So they are one plan with the rest, and what pip gets is rewritten while the file stays. Groups
    that pip cannot read stay on the line: the message is to be pip's.
    """
    uses = [use for use in line.options if use.name == _OPTION]
    texts = dependency_groups(use.value or "" for use in uses) if uses else None
    if not texts or not any(map(could_name_family, texts)):
        return line
    words = list(line.words)
    for use in reversed(uses):
        del words[use.start : use.end]
    again = command_line.read([*words, *texts], as_command=None if line.command else "install")
    again.guard = line.guard
    return again
