"""The files of a line, and the copies of them that pip gets for one run."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.host.private_folder import run_folder
from pip_hook import command_line
from pip_hook.pip_settings import dependency_groups

from .requirement_file import could_name_family

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pip_hook.command_line import CommandLine, OptionUse

    from .requirement_file import RequirementFile, RequirementLine


def keep_private(name: str, data: bytes) -> str:
    """Write a file under a name that is free, and give its path."""
    place = Path(tempfile.mkdtemp(dir=run_folder())) / name
    place.write_bytes(data)
    return str(place)


NAMES = ("--constraint", "--requirement")


@dataclass(frozen=True)
class Root:
    """A file that is named on the line (`use`), or by pip's settings."""

    name: str
    value: str
    file: RequirementFile | None
    use: OptionUse | None = None


@dataclass
class Files:
    """All files of a run, in the order in which pip reads them; none where `roots` is empty."""

    roots: list[Root] = field(default_factory=list)

    def requirement_lines(self, *, constraints: bool) -> list[RequirementLine]:
        """Give the lines that may be the family's: of constraint files, or of the others."""
        if not self.roots:
            return []
        from .requirement_file import RequirementLine

        found = {
            (one.file.path, one.line.first): one
            for root in self.roots
            if root.file is not None
            for one in root.file.in_order()
            if isinstance(one, RequirementLine) and one.file.is_constraint is constraints
        }
        return list(found.values())

    def have_others(self) -> bool:
        """Return whether a requirement file asks for more than the family."""
        return any(
            root.file is None or root.file.asks_for_others()
            for root in self.roots
            if root.name == "--requirement"
        )

    def texts(self) -> list[str]:
        """Give what the requirement files ask for."""
        return [one.requirement for one in self.requirement_lines(constraints=False)]


def names_family(line: CommandLine) -> bool:
    """Tell quickly whether a line or a file of it could name torch or a companion.

    Where pip will not be able to read a file, nothing does: the message is to be pip's.
    """
    isolated = line.count("--isolated")
    named = "" if isolated else os.environ.get("PIP_REQUIREMENT", "")
    files = read_files(line, {"requirement": named})
    typed = [line.words[at] for at in line.requirements]
    if files is None:
        return False
    return not all(map(_is_another, filter(could_name_family, [*typed, *files.texts()])))


def _is_another(text: str) -> bool:
    """Tell a package whose name only holds `torch`, as torchmetrics."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    from conda_cuda_guard import catalogue

    try:
        name = canonicalize_name(Requirement(text).name)
    except InvalidRequirement:
        return False
    return not text.endswith(".whl") and name not in catalogue.family().pip_names


def read_files(line: CommandLine, settings: Mapping[str, str] | None = None) -> Files | None:
    """Read the files of a line and of the settings; None where pip will not be able to."""
    named = list(_named(line, settings or {}))
    if not named:
        return Files()
    from .requirement_file import FileReader, PipsBusinessError  # late: most lines name no file

    reader = FileReader()
    try:
        return Files(
            [
                Root(name, value, reader.read(value, is_constraint=name == NAMES[0]), use)
                for name, value, use in named
            ]
        )
    except PipsBusinessError:
        return None


def _named(
    line: CommandLine, settings: Mapping[str, str]
) -> Iterator[tuple[str, str, OptionUse | None]]:
    """Give the files as pip comes to them: constraints first, those of the settings first."""
    for name in NAMES:
        for value in settings.get(name[2:], "").split():
            yield name, value, None
        for use in line.options:
            if use.name == name and use.value:
                yield name, use.value, use


def save_streams(line: CommandLine) -> None:
    """Put files in the place of pipes (`-r <(…)`, `-r /dev/stdin`), which can be read only once."""
    for at, use in enumerate(line.options):
        path = Path(use.value or "")
        if use.name in NAMES and (path.is_fifo() or path.is_char_device()):
            with suppress(OSError):
                line.options[at] = put_value(
                    line, use, keep_private("requirements.txt", path.read_bytes())
                )


def put_value(line: CommandLine, use: OptionUse, value: str) -> OptionUse:
    """Give an option another value, however it was spelled (`-r FILE`, `-rFILE`, `--req=FILE`)."""
    word = line.words[use.end - 1]
    line.words[use.end - 1] = word[: len(word) - len(use.value or "")] + value
    return replace(use, value=value)


def set_in_environment(name: str, values: list[str]) -> None:
    """Give a setting for this process, in pip's own way."""
    os.environ[f"PIP_{name[2:].upper()}"] = " ".join(values)


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
    again = command_line.read_command_line(
        [*words, *texts], as_command=None if line.command else "install"
    )
    again.guard = line.guard
    return again
