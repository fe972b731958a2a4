"""Requirement files: decoded and parsed as pip does it, with the files that they name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from conda_cuda_guard.host.files import NotAFileError, is_stream
from conda_cuda_guard.model import Phrase, UsageError

from .family_names import could_name_family
from .file_lines import (
    Line,
    LineOption,
    TextFile,
    logical_lines,
    parted,
    read_line_options,
    read_text,
)

_MOST_READINGS = 10_000
MOST_DIGITS = 1000
_LONG_NUMBER = re.compile(rf"[0-9]{{{MOST_DIGITS}}}")
_ADDRESS = re.compile(r"^(http|https|file):", re.IGNORECASE)


class UnreadableFileError(Exception):
    """A file that cannot be read, or that names such a file; pip reports it."""


@dataclass
class RequirementLine:
    """A line whose requirement may be of the family."""

    file: RequirementFile
    line: Line
    requirement: str
    hashes: tuple[str, ...] = ()


@dataclass
class OptionLine:
    """A line of options, with the file that it names; one at a URL is not read."""

    line: Line
    options: list[LineOption]
    names: RequirementFile | None = None


@dataclass
class RequirementFile:
    """A parsed file; of its lines only those are kept that concern a plan.

    `readings` counts how often pip reads a file for it: those that it names are read each time.
    """

    path: str
    is_constraint: bool
    content: TextFile
    lines: list[RequirementLine | OptionLine] = field(default_factory=list)
    has_others: bool = False
    readings: int = 1

    def asks_for_others(self) -> bool:
        """Return whether it, or a file that it names, asks for packages beside the family."""
        named = (one.names for one in self.lines if isinstance(one, OptionLine))
        return self.has_others or any(one.asks_for_others() for one in named if one is not None)

    def in_order(self) -> Iterator[RequirementLine | OptionLine]:
        """Yield its lines and those of the files that it names, in pip's order."""
        for one in self.lines:
            if isinstance(one, OptionLine) and one.names is not None:
                yield from one.names.in_order()
            else:
                yield one


class FileReader:
    """Reads files, each once as a requirement file and once as a constraint file."""

    def __init__(self) -> None:
        self._done: dict[tuple[str, bool], RequirementFile] = {}

    def read(
        self, path: str, *, is_constraint: bool, above: tuple[str, ...] = ()
    ) -> RequirementFile | None:
        """Return a file, parsed; None for a URL, which pip alone reads.

        Raises UnreadableFileError for one that cannot be read, which pip reports; UsageError for
        one that names itself, or that pip would hang or choke on.
        """
        if _ADDRESS.match(path):
            return None
        place = os.path.abspath(path)  # noqa: PTH100 - as pip does, links are not followed
        if place in above:
            raise _circle(above, place)
        if above and is_stream(place):
            raise unusable(path, Phrase("{above} names it, and it is no file", above=above[-1]))
        key = place, is_constraint
        if key not in self._done:
            try:
                found = RequirementFile(path, is_constraint, read_text(place))
            except NotAFileError as error:
                raise unusable(path, error.strerror) from None
            except (OSError, ValueError, LookupError) as error:
                raise UnreadableFileError(path) from error
            self._take(found, (*above, place))
            self._done[key] = found
        return self._done[key]

    def _take(self, file: RequirementFile, above: tuple[str, ...]) -> None:
        for line in logical_lines(file.content.text):
            require_countable(line.text, file.path, line)
            if line.text.startswith("-"):
                self._options(file, line, above)
            elif could_name_family(line.text):
                requirement, tail = parted(line.text)
                hashes = [
                    o.value or "" for o in read_line_options(tail) or () if o.name == "--hash"
                ]
                file.lines.append(RequirementLine(file, line, requirement, tuple(hashes)))
            else:
                file.has_others = True

    def _options(self, file: RequirementFile, line: Line, above: tuple[str, ...]) -> None:
        options = read_line_options(line.text)
        if not options or any(option.name == "--editable" for option in options):
            file.has_others = True
            return
        found = OptionLine(line, options)
        named = naming(options)
        if named is not None:
            path = path_beside(file.path, options[named].value or "")
            is_constraint = options[named].name == "--constraint"
            found.names = self.read(path, is_constraint=is_constraint, above=above)
            file.readings += found.names.readings if found.names is not None else 0
            if file.readings > _MOST_READINGS:
                raise _too_often(file.path, line)
        file.lines.append(found)


def require_countable(text: str, path: str, line: Line) -> None:
    """Raise UsageError for a line with a number that is too long to be reckoned with."""
    if has_long_number(text):
        raise UsageError(
            Phrase(
                "{path}, line {line}: a number has {most} digits or more",
                path=path,
                line=line.first + 1,
                most=MOST_DIGITS,
            ),
            hint="write a version like 2.5.1",
        )


def has_long_number(text: str) -> bool:
    """Return whether a text holds a number that is no version: Python counts with 4300 digits."""
    return len(text) >= MOST_DIGITS and _LONG_NUMBER.search(text) is not None


def unusable(path: str, why: str) -> UsageError:
    """Return the error for what is no requirements file."""
    return UsageError(
        Phrase("{path} cannot be read", path=path),
        why=why,
        hint="name a requirements file that exists",
    )


def _too_often(path: str, line: Line) -> UsageError:
    return UsageError(
        Phrase(
            "{path}, line {line}: more than {most} files are read by now",
            path=path,
            line=line.first + 1,
            most=_MOST_READINGS,
        ),
        why="files that name the same files are read again each time, also by pip",
        hint="name each file once",
    )


def _circle(above: tuple[str, ...], place: str) -> UsageError:
    circle = [*above[above.index(place) :], place]
    return UsageError(
        Phrase("{place} names itself", place=place),
        why=" -> ".join(os.path.basename(one) for one in circle),  # noqa: PTH119
        hint=Phrase(
            "remove the line that names {value} from {circle}",
            value=os.path.basename(place),  # noqa: PTH119
            circle=circle[-2],
        ),
    )


def naming(options: list[LineOption]) -> int | None:
    """Return the position of the option that names a file: the first -r, else the first -c."""
    for name in ("--requirement", "--constraint"):
        for at, option in enumerate(options):
            if option.name == name:
                return at
    return None


def path_beside(path: str, named: str) -> str:
    """Return a path that a file names, relative to that file's own folder."""
    if _ADDRESS.match(named):
        return named
    return os.path.abspath(os.path.join(os.path.dirname(path), named))  # noqa: PTH100, PTH118, PTH120
