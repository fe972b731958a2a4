"""Edits of requirement files by a plan: lines rewritten in place, copies for one run of pip."""

from __future__ import annotations

import codecs
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Callable, NamedTuple

from conda_cuda_guard.model import Phrase
from conda_cuda_guard.planner.pip_sources import missing_options
from conda_cuda_guard.rendering.language import said
from pip_hook.rewriting import is_replaced

from .file_lines import Line, parted, read_line_options
from .file_requests import page_of
from .file_roots import NAMES, keep_private, put_value, set_in_environment
from .requirement_file import OptionLine, RequirementFile, RequirementLine, naming

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conda_cuda_guard.model import Plan
    from pip_hook.command_line import CommandLine
    from pip_hook.deciding import LineDecision

    from .file_lines import LineOption
    from .file_roots import Files


def edited(text: str, edits: Mapping[Line, str]) -> str:
    """Return a text with each edit in the place of its line; line numbers do not change."""
    physical = text.splitlines(keepends=True)
    for line, new in edits.items():
        ends = [_end_of(one) for one in physical[line.first : line.end]]
        physical[line.first : line.end] = [new + ends[0], *ends[1:]]
    return "".join(physical)


def with_pin(text: str, line: Line, pin: str) -> str:
    """Return a line with a pin in the place of its requirement; options and comment stay."""
    physical = text.splitlines()[line.first : line.end]
    requirement, tail = parted(line.raw)
    start = physical[0].lstrip()
    if len(physical) == 1 and start.startswith(requirement):
        indent = physical[0][: len(physical[0]) - len(start)]
        return indent + pin + start[len(requirement) :]
    return " ".join(filter(None, [pin, tail])) + line.comment


def with_options(line: Line, options: Sequence[LineOption | None]) -> str:
    """Return a line with other options; None leaves one out, an unchanged one stays as typed."""
    typed = read_line_options(line.raw) or []
    read = read_line_options(line.text) or []
    if len(typed) != len(read):
        typed = read
    kept = [
        old if new == was else new for old, was, new in zip(typed, read, options) if new is not None
    ]
    return " ".join(one.spelled() for one in kept) + line.comment


def _end_of(line: str) -> str:
    return line[len(line.splitlines()[0]) :]


class Changes(NamedTuple):
    """New texts of lines (empty: removed), options to add at a line, requirements to append.

    The options go after every --index-url, because that replaces all indexes before it.
    """

    edits: Mapping[Line, str]
    options: tuple[str, ...] = ()
    at: int = 0
    requirements: tuple[str, ...] = ()


def changes(file: RequirementFile, decision: LineDecision) -> Changes:
    """Return the changes that a decision makes to one of its files."""
    plan = decision.plan
    edits = {
        one.line: with_pin(file.content.text, one.line, pin)
        for one, pin in decision.pins
        if one.file is file
    }
    if plan.status != "ok":
        return Changes(edits)
    edits.update(_dropped(file, plan))
    options = missing_options(plan.index_urls, plan.find_links, decision.request.sources)
    indexes = [
        one.line.end
        for one in file.lines
        if isinstance(one, OptionLine) and any(use.name == "--index-url" for use in one.options)
    ]
    return Changes(
        edits,
        tuple(" ".join(pair) for pair in zip(options[::2], options[1::2])),
        max([min((line.first for line in edits), default=0), *indexes]),
        _added(plan, len(decision.request.requirements)),
    )


def _added(plan: Plan, asked: int) -> tuple[str, ...]:
    """Return the planned requirements beside those asked for, of which bounds are none."""
    there, more = plan.pins[:asked], plan.pins[asked:]
    added = (one for one in more if one in plan.requirements and one not in there)
    return tuple(dict.fromkeys(added))


def elsewhere(file: RequirementFile, decision: LineDecision) -> list[str]:
    """Return a line for each other file that the plan changes, with the command to rewrite it."""
    paths = dict.fromkeys(one.file.path for one, _ in decision.pins if one.file is not file)
    return [
        said(Phrase("pipcuda: {path} must be rewritten too: pipcuda rewrite {path}", path=path))
        for path in paths
    ]


def _dropped(file: RequirementFile, plan: Plan) -> dict[Line, str]:
    """Return the option lines without the index of a variant that the plan does not take."""
    return {
        one.line: with_options(
            one.line, [None if is_replaced(use, plan) else use for use in one.options]
        )
        for one in file.lines
        if isinstance(one, OptionLine) and any(is_replaced(use, plan) for use in one.options)
    }


def use_copies(line: CommandLine, decision: LineDecision) -> None:
    """Make pip read copies of the files that a plan changes; they are removed with this process.

    So it is with those that name a source which cannot be had now.
    """
    plan, files = decision.plan, decision.files
    dead = decision.dead
    if plan.status != "ok":
        Copier([], dead.is_named_by).replace_files(line, files)
        return
    # A file's own --index-url overrides the sources of the line.
    sources = missing_options(plan.index_urls, plan.find_links, decision.request.sources)
    last = [" ".join(pair) for pair in zip(sources[::2], sources[1::2])]
    copier = Copier(
        list(decision.pins),
        lambda option: is_replaced(option, plan) or dead.is_named_by(option),
        last if files.reset_index() else [],
    )
    copier.replace_files(line, files)


@dataclass
class Copier:
    """Writes copies of the files that change, and of the files that name them.

    `pins` are the new texts of lines; options for which `drops` is true are left out; `last` are
    lines to append to the last file.
    """

    pins: list[tuple[RequirementLine, str]]
    drops: Callable[[LineOption], bool]
    last: list[str] = field(default_factory=list)
    _paths: dict[int, str] = field(default_factory=dict)
    _by_line: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_line = {id(one): pin for one, pin in self.pins}

    def replace_files(self, line: CommandLine, files: Files) -> None:
        """Replace the files by their copies, on the line and in pip's settings."""
        roots = [root for root in files.roots if root.file is not None]
        given: dict[str, list[str]] = {name: [] for name in NAMES}
        changed = set()
        for root in files.roots:
            at_end = self.last if roots and root is roots[-1] else []
            path = self._copy(root.file, at_end) if root.file else root.value
            if root.use is None:
                given[root.name].append(path)
                if path != root.value:
                    changed.add(root.name)
            elif path != root.value:
                put_value(line, root.use, path)
        for name in changed:
            set_in_environment(name, given[name])

    def _copy(self, file: RequirementFile, at_end: list[str]) -> str:
        """Return the path of a file's copy, or its own where nothing in it changes."""
        if id(file) in self._paths and not at_end:
            return self._paths[id(file)]
        edits = self.edits(file)
        path = file.path
        changes = any(self._changes(one) for one in file.lines)
        if changes or at_end:
            text = edited(file.content.text, edits)
            if at_end:
                text = "\n".join([text, *at_end, ""])
            # A byte order mark counts before a comment that names another encoding.
            path = keep_private(Path(file.path).name, codecs.BOM_UTF8 + text.encode())
        self._paths[id(file)] = path
        return path

    def _changes(self, one: RequirementLine | OptionLine) -> bool:
        """Return whether a line's meaning changes, not only the paths in it."""
        if isinstance(one, RequirementLine):
            return self._pin(one) is not None
        if one.names is not None:
            return self._copy(one.names, []) != one.names.path
        return any(self.drops(option) for option in one.options)

    def edits(self, file: RequirementFile) -> dict[Line, str]:
        """Return the lines of a copy that differ."""
        found = {}
        for one in file.lines:
            if isinstance(one, RequirementLine):
                pin = self._pin(one)
                if pin is not None:
                    found[one.line] = with_pin(file.content.text, one.line, pin)
            else:
                found[one.line] = with_options(one.line, self._options(one, file))
        return found

    def _pin(self, line: RequirementLine) -> str | None:
        return self._by_line.get(id(line))

    def _options(self, one: OptionLine, file: RequirementFile) -> list[LineOption | None]:
        """Return a line's options without those replaced; paths fit the folder of the copy."""
        names = naming(one.options)
        result: list[LineOption | None] = []
        for at, option in enumerate(one.options):
            if at == names and one.names is not None:
                path = os.path.abspath(self._copy(one.names, []))  # noqa: PTH100
                result.append(option._replace(value=path))
            elif option.name == "--find-links":
                page = page_of(option.value or "", file)
                result.append(None if self.drops(option) else option._replace(value=page))
            else:
                result.append(None if self.drops(option) else option)
        return result
