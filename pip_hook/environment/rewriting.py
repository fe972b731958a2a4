"""Rewrite an environment.yml: one plan for its conda part and its pip list."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import yaml

from conda_cuda_guard.model import Note, Phrase, UsageError
from conda_cuda_guard.rendering import headline, note_lines
from pip_hook.command_line import read
from pip_hook.deciding import circumstances
from pip_hook.files.changing import elsewhere

from .conda_part import conda_edits, names_torch, plan_conda, python_of
from .editing import Edit, ListEditor, apply
from .moving import as_spec, companions_to_move
from .pip_part import pip_edits, plan_pip_list, read_pip_list
from .reading import read_environment

if TYPE_CHECKING:
    from conda_cuda_guard.model import Plan
    from pip_hook.command_line import CommandLine
    from pip_hook.files.reading import RequirementLine

    from .reading import EnvironmentFile


def rewrite_environment(path: str, words: list[str], guard: list[tuple[str, str]]) -> bytes | None:
    """Give the file's new content, None where it is refused; tells what was decided on stderr.

    `words` are the options of pip that were typed, `guard` are ours. Raises a GuardError for a file
    that cannot be used, or that asks for torch twice.
    """
    file = read_environment(path)
    line = _line(file, words, guard)
    around = circumstances(line, installing=False)
    listed = read_pip_list(file)
    by_conda = names_torch(file)
    moved = companions_to_move(listed, around.hosts[0]) if by_conda else []
    plan = plan_conda(file, [as_spec(one) for one in moved], around)
    moved = moved if plan.status == "ok" else []
    plans, edits = [plan], [*conda_edits(file, plan), *_removed(file, moved)]
    more = _words_of(moved)
    if not by_conda:
        decision = plan_pip_list(listed, line, around)
        plans.append(decision.plan)
        edits += pip_edits(file, listed, decision)
        more = elsewhere(listed, decision)
    if edits:
        _refuse_anchors(file)
    _tell(plans, more)
    if any(one.status == "refused" for one in plans):
        return None
    return file.content.encoded(apply(file.content.text, edits))


def _line(file: EnvironmentFile, words: list[str], guard: list[tuple[str, str]]) -> CommandLine:
    """Give the command line of the pip list: for the Python of the file, unless one was typed."""
    line = read(["install", *words])
    if not line.count("--python-version") and not line.count("--python"):
        # A bare 3 leaves the minor version open.
        line = read(["install", *words, "--python-version", python_of(file) or "3"])
    line.guard = guard
    return line


def _removed(file: EnvironmentFile, moved: list[RequirementLine]) -> list[Edit]:
    """Take the moved items out of the pip list, and the list where it would be empty."""
    if not moved or file.pip is None:
        return []
    items = [file.listed[one.line.first] for one in moved]
    if len(items) == len(file.listed):
        editor = ListEditor(file.content.text, file.dependencies)
        editor.remove(file.pip, items)
        return editor.edits
    editor = ListEditor(file.content.text, file.pip_list)
    for item in items:
        editor.remove(item)
    return editor.edits


def _words_of(moved: list[RequirementLine]) -> list[str]:
    return note_lines(
        Note("pip-conda-mix", "warning", "moved", {"package": str(one.requirement)})
        for one in moved
    )


def _tell(plans: list[Plan], more: list[str]) -> None:
    """Say what was decided of the part that has torch, every note, and what else there is."""
    told = [one for one in plans if one.status == "refused"] or plans
    main = next((one for one in told if one.packages), told[0])
    notes = note_lines(note for one in told for note in one.notes)
    for text in (f"pipcuda: {headline(main)}", *notes, *more):
        print(text, file=sys.stderr)


def _refuse_anchors(file: EnvironmentFile) -> None:
    """Refuse to change a file in which one text may stand in several places."""
    for event in yaml.parse(file.content.text):
        if getattr(event, "anchor", None) is not None:
            raise UsageError(
                Phrase(
                    "{path} has anchors (line {value}); nothing was written",
                    path=file.path,
                    value=event.start_mark.line + 1,
                ),
                why="what stands behind an anchor (&) is used in several places (*)",
                hint="write the file without & and *, then rewrite it",
            )
