"""Rewrite the pip list of an environment.yml, which is read as a requirements file."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from conda_cuda_guard.model import Note, Phrase, UsageError
from conda_cuda_guard.planner.pipeline import plan_problem
from conda_cuda_guard.rendering import headline, note_lines
from conda_cuda_guard.rendering.output import err
from pip_hook.command_line import read_command_line
from pip_hook.deciding import LineDecision, circumstances, heard, problem_of, request_for
from pip_hook.files.file_edits import changes, elsewhere
from pip_hook.files.file_lines import TextFile
from pip_hook.files.file_requests import asked, check_hashes, pins
from pip_hook.files.file_roots import Files, Root
from pip_hook.files.requirement_file import FileReader, RequirementFile, UnreadableFileError

from .conda_part import as_spec, companions_to_move, conda_edits, names_torch, plan_conda, python_of
from .editing import Edit, ListEditor, apply
from .reading import read_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conda_cuda_guard.model import Origin, Plan
    from pip_hook.command_line import CommandLine
    from pip_hook.deciding import Circumstances
    from pip_hook.files.file_requests import Asked
    from pip_hook.files.requirement_file import RequirementLine

    from .reading import EnvironmentFile


class _ItemReader(FileReader):
    """Reads a list of requirements; paths in it are relative to the environment file."""

    def read_items(self, path: str, items: list[str]) -> RequirementFile:
        found = RequirementFile(path, is_constraint=False, content=TextFile("\n".join(items)))
        self._take(found, (os.path.abspath(path),))  # noqa: PTH100 - as FileReader.read names it
        return found


def read_pip_list(file: EnvironmentFile) -> RequirementFile:
    """Return the pip list as a requirements file; raise for an unreadable file in it."""
    try:
        found = _ItemReader().read_items(file.path, [one.value for one in file.listed])
    except UnreadableFileError as error:
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


def plan_pip_list(
    file: EnvironmentFile, listed: RequirementFile, line: CommandLine, around: Circumstances
) -> LineDecision:
    """Return the decision for the pip list, in an environment that has nothing installed."""
    root = Root("--requirement", listed.path, listed)
    files = Files([*around.files.roots, root])
    asks = asked([], files, around.hosts[0])
    asks = replace(asks, origins=tuple(_origins(asks, file, listed)))
    request = request_for(asks.texts, line, replace(around, files=files), asks.origins)
    problem = problem_of(request)
    catalogue = heard(problem, line, around.overrides)
    plan = plan_problem(problem, catalogue)
    check_hashes(asks, plan, catalogue.files)
    return LineDecision(
        problem, catalogue, plan, around.settings, files=files, pins=tuple(pins(asks, plan))
    )


def _origins(asks: Asked, file: EnvironmentFile, listed: RequirementFile) -> Iterator[Origin]:
    """Yield where each requirement stands; of the list, its line in the environment file."""
    for one, origin in zip(asks.lines, asks.origins):
        if one.file is listed:
            node = file.listed[one.line.first]
            yield replace(origin, line=node.start_mark.line + 1)
        else:
            yield origin


def pip_edits(file: EnvironmentFile, listed: RequirementFile, decision: LineDecision) -> list[Edit]:
    """Return the edits of the pip list, none where the family is not in it."""
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


def rewrite_environment(path: str, words: list[str], guard: list[tuple[str, str]]) -> bytes | None:
    """Return the file's new content, None where it is refused; the decision goes to stderr.

    `words` are pip's options as typed, `guard` are ours. Raises GuardError for a file that cannot
    be used, or that asks for the lead both in its conda part and in its pip list.
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
        decision = plan_pip_list(file, listed, line, around)
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
    """Return the command line of the pip list, for the file's Python unless one was typed."""
    line = read_command_line(["install", *words])
    if not line.count("--python-version") and not line.count("--python"):
        # A bare 3 leaves the minor version open.
        line = read_command_line(["install", *words, "--python-version", python_of(file) or "3"])
    line.guard = guard
    return line


def _removed(file: EnvironmentFile, moved: list[RequirementLine]) -> list[Edit]:
    """Return edits that remove the moved items, and the list where it would be empty."""
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
    """Print to stderr the decision on the part that has torch, every note, and further lines."""
    told = [one for one in plans if one.status == "refused"] or plans
    main = next((one for one in told if one.packages), told[0])
    notes = note_lines(note for one in told for note in one.notes)
    for text in (f"pipcuda: {headline(main)}", *notes, *more):
        err(text)


def _refuse_anchors(file: EnvironmentFile) -> None:
    """Raise a UsageError for a file with anchors, where one text stands in several places."""
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
