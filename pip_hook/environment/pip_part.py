"""The pip list of an environment file: a requirements file of one requirement an item."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase, UsageError
from conda_cuda_guard.planner import make_plan
from pip_hook.deciding import Decision, heard, request_for
from pip_hook.files.changing import changes
from pip_hook.files.planning import asked, check_hashes, pins
from pip_hook.files.reading import PipsBusinessError, Reader, RequirementFile
from pip_hook.files.roots import Files, Root
from pip_hook.files.text_file import TextFile

from .editing import Edit, ListEditor

if TYPE_CHECKING:
    from pip_hook.command_line import CommandLine
    from pip_hook.deciding import Circumstances

    from .reading import EnvironmentFile


class _ItemReader(Reader):
    """Reads a list of requirements; files that it names lie beside the environment file."""

    def read_items(self, path: str, items: list[str]) -> RequirementFile:
        found = RequirementFile(path, is_constraint=False, content=TextFile("\n".join(items)))
        self._take(found, (os.path.abspath(path),))  # noqa: PTH100 - as Reader.read names it
        return found


def read_pip_list(file: EnvironmentFile) -> RequirementFile:
    """Read the pip list; raises a UsageError where a file that it names cannot be read."""
    try:
        found = _ItemReader().read_items(file.path, [one.value for one in file.listed])
    except PipsBusinessError as error:
        raise UsageError(
            Phrase(
                "{path} names {error} in its pip list, which cannot be read",
                path=file.path,
                error=error,
            ),
            why="it is missing, names itself, or is no text",
            hint="put the file beside it, or take the line out",
        ) from None
    joined = next((one.line for one in found.lines if one.line.end > one.line.first + 1), None)
    if joined is not None:
        raise UsageError(
            Phrase("{path}: an item of pip goes on in the next one", path=file.path),
            why=Phrase("{raw} is written in several items", raw=joined.raw),
            hint="write it as one item, without the backslash",
        )
    return found


def plan_pip_list(listed: RequirementFile, line: CommandLine, around: Circumstances) -> Decision:
    """Plan the pip list, for the new environment that has nothing in it."""
    root = Root("--requirement", listed.path, listed)
    files = Files([*around.files.roots, root])
    asks = asked([], files, around.hosts[0])
    request = request_for(asks.texts, line, replace(around, files=files))
    catalogue = heard(request, line, around.overrides)
    plan = make_plan(request, catalogue)
    check_hashes(asks, plan, catalogue.files)
    return Decision(request, plan, files=files, pins=tuple(pins(asks, plan)))


def pip_edits(file: EnvironmentFile, listed: RequirementFile, decision: Decision) -> list[Edit]:
    """Give the edits of the pip list; none where the family is not in it."""
    change = changes(listed, decision)
    if file.pip is None or not file.listed:
        return []
    editor = ListEditor(file.content.text, file.pip_list)
    for line, text in change.edits.items():
        if text:
            editor.replace(file.listed[line.first], text)
        else:
            editor.remove(file.listed[line.first])
    if change.at < len(file.listed):
        editor.add_before(file.listed[change.at], change.options)
        editor.add_after(file.listed[-1], change.requirements)
    else:
        editor.add_after(file.listed[-1], [*change.options, *change.requirements])
    return editor.edits
