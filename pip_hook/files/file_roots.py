"""The requirement and constraint files that a command line or pip's settings name."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.host.files import is_stream, read_file
from conda_cuda_guard.host.private_folder import run_folder
from pip_hook.pip_settings import dependency_groups

from .family_names import could_name_family, is_another, is_built, is_spelt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pip_hook.command_line import CommandLine, OptionUse

    from .requirement_file import RequirementFile, RequirementLine


def keep_private(name: str, data: bytes) -> str:
    """Write a file into a private folder that is removed at exit, and return its path."""
    place = Path(tempfile.mkdtemp(dir=run_folder())) / name
    place.write_bytes(data)
    return str(place)


def constraints_option(lines: Iterable[str]) -> tuple[str, str]:
    """Return the option that names a file of these constraints, which is removed at exit."""
    text = "\n".join([*lines, ""])
    return ("--constraint", keep_private("what-runs-here.txt", text.encode()))


NAMES = ("--constraint", "--requirement")


@dataclass(frozen=True)
class Root:
    """A file that the command line (`use`) or pip's settings name."""

    name: str
    value: str
    file: RequirementFile | None
    use: OptionUse | None = None


@dataclass
class Files:
    """All files of a run, in the order in which pip reads them."""

    roots: list[Root] = field(default_factory=list)

    def requirement_lines(self, *, constraints: bool) -> list[RequirementLine]:
        """Return lines that may be the family's, of constraint files or of requirement files."""
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

    def reset_index(self) -> bool:
        """Return whether one has an --index-url, which replaces the command line's indexes."""
        if not self.roots:
            return False
        from .requirement_file import OptionLine

        return any(
            option.name == "--index-url"
            for root in self.roots
            if root.file is not None
            for one in root.file.in_order()
            if isinstance(one, OptionLine)
            for option in one.options
        )

    def texts(self) -> list[str]:
        """Return the requirements of requirement files that may be the family's."""
        return [one.requirement for one in self.requirement_lines(constraints=False)]


@dataclass(frozen=True)
class NamedFamilies:
    """Which families a line or a file of it could name, at a glance.

    `lead`: the one whose lead decides; `spelt`: those whose builds are told apart by spelling;
    `built`: those that are built against the lead.
    """

    lead: bool = False
    spelt: bool = False
    built: bool = False


def named_families(line: CommandLine) -> NamedFamilies:
    """Return quickly which families a line or a file of it could name.

    None where pip cannot read a file: pip reports that itself.
    """
    isolated = line.count("--isolated")
    named = "" if isolated else os.environ.get("PIP_REQUIREMENT", "")
    files = read_files(line, {"requirement": named})
    if files is None:
        return NamedFamilies()
    typed = [line.words[at] for at in line.requirements]
    texts = list(filter(could_name_family, [*typed, *files.texts()]))
    return NamedFamilies(
        not all(map(is_another, texts)), any(map(is_spelt, texts)), any(map(is_built, texts))
    )


def read_files(line: CommandLine, settings: Mapping[str, str] | None = None) -> Files | None:
    """Return the files of a line and of the settings; None where pip cannot read one."""
    named = list(_named(line, settings or {}))
    if not named:
        return Files()
    from .requirement_file import FileReader, UnreadableFileError  # late: most lines name no file

    reader = FileReader()
    try:
        return Files(
            [
                Root(name, value, reader.read(value, is_constraint=name == NAMES[0]), use)
                for name, value, use in named
            ]
        )
    except UnreadableFileError:
        return None


def _named(
    line: CommandLine, settings: Mapping[str, str]
) -> Iterator[tuple[str, str, OptionUse | None]]:
    """Yield the files in pip's order: constraints first, and those of the settings first."""
    for name in NAMES:
        for value in settings.get(name[2:], "").split():
            yield name, value, None
        for use in line.options:
            if use.name == name and use.value:
                yield name, use.value, use


def save_streams(line: CommandLine) -> None:
    """Replace pipes (`-r <(…)`, `-r /dev/stdin`), which can be read only once, by files.

    Raises UsageError for one that cannot be read: pip would wait for it, or never be done.
    """
    for at, use in enumerate(line.options):
        if use.name not in NAMES or not use.value or not is_stream(use.value):
            continue
        try:
            data = read_file(use.value)
        except OSError as error:
            from .requirement_file import unusable  # late: most lines name no file

            raise unusable(use.value, error.strerror or str(error)) from None
        line.options[at] = put_value(line, use, keep_private("requirements.txt", data))


def put_value(line: CommandLine, use: OptionUse, value: str) -> OptionUse:
    """Replace an option's value, however it was spelled (`-rFILE`, `--req=FILE`), and return it."""
    word = line.words[use.end - 1]
    line.words[use.end - 1] = word[: len(word) - len(use.value or "")] + value
    return replace(use, value=value)


def set_in_environment(name: str, values: list[str]) -> None:
    """Set pip's option for this process and its children, by pip's variable."""
    os.environ[f"PIP_{name[2:].upper()}"] = " ".join(values)


_OPTION = "--group"


def with_groups(line: CommandLine) -> CommandLine:
    """Return the line with groups replaced by their requirements, if one may be the family's.

    So they are planned with the rest and rewritten for pip, while the file stays as it is. Groups
    that pip cannot read stay on the line: pip reports that itself.
    """
    uses = [use for use in line.options if use.name == _OPTION]
    texts = dependency_groups(use.value or "" for use in uses) if uses else None
    if not texts or not any(map(could_name_family, texts)):
        return line
    words = list(line.words)
    for use in reversed(uses):
        del words[use.start : use.end]
    return line.reread([*words, *texts])
