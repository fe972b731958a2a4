"""Copies of the files for one run, in which nothing but the family's lines differs."""

from __future__ import annotations

import codecs
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard.planner.pip_sources import missing_options
from pip_hook.rewriting import is_replaced

from .editing import edited, with_options, with_pin
from .private_folder import keep
from .reading import OptionLine, RequirementFile, RequirementLine, naming
from .roots import NAMES, put_value, set_in_environment
from .sources import page_of, resets_index

if TYPE_CHECKING:
    from pip_hook.command_line import CommandLine
    from pip_hook.deciding import Decision

    from .line_options import LineOption
    from .lines import Line
    from .roots import Files


def hand_over(line: CommandLine, decision: Decision) -> None:
    """Let pip read copies of the files that a plan changes; they last as long as this process."""
    plan, files = decision.plan, decision.files
    if plan.status != "ok":
        return
    # A file's own --index-url takes the sources of the line out of force.
    sources = missing_options(plan.index_urls, plan.find_links, decision.request.sources)
    last = [" ".join(pair) for pair in zip(sources[::2], sources[1::2])]
    copier = Copier(
        list(decision.pins),
        lambda option: is_replaced(option, plan),
        last if resets_index(files) else [],
    )
    copier.hand_over(line, files)


@dataclass
class Copier:
    """Writes the copies that are needed: of files that change, and of those that name them.

    `pins` say what stands on which line; options for which `drops` holds are left out; `last` are
    lines to put at the end of all.
    """

    pins: list[tuple[RequirementLine, str]]
    drops: Callable[[LineOption], bool]
    last: list[str] = field(default_factory=list)
    _paths: dict[int, str] = field(default_factory=dict)
    _by_line: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_line = {id(one): pin for one, pin in self.pins}

    def hand_over(self, line: CommandLine, files: Files) -> None:
        """Put the copies in the place of the files, on the line and in pip's settings."""
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
        """Give the path of a file's copy, or its own where nothing in it changes."""
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
            path = keep(Path(file.path).name, codecs.BOM_UTF8 + text.encode())
        self._paths[id(file)] = path
        return path

    def _changes(self, one: RequirementLine | OptionLine) -> bool:
        """Tell whether a line will say something else, not only the same from another folder."""
        if isinstance(one, RequirementLine):
            return self._pin(one) is not None
        if one.names is not None:
            return self._copy(one.names, []) != one.names.path
        return any(self.drops(option) for option in one.options)

    def edits(self, file: RequirementFile) -> dict[Line, str]:
        """Give the lines of a copy that differ."""
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
        """Leave out what the plan replaces, and keep the meaning of paths from another folder."""
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
