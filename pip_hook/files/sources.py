"""The indexes and pages in force once pip has read the files."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .line_options import LineOption
    from .reading import OptionLine, RequirementFile, RequirementLine
    from .roots import Files


@dataclass
class InForce:
    """Sources as pip holds them: `main` is None for pip's default index."""

    main: str | None = None
    extra: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    no_index: bool = False


def add_files(sources: InForce, files: Files) -> None:
    """Apply the options of the files, in pip's order."""
    for root in files.roots:
        if root.file is not None:
            _add(sources, root.file)


def _add(sources: InForce, file: RequirementFile) -> None:
    for one in _option_lines(file.lines):
        if one.names is not None:
            _add(sources, one.names)
        else:
            _apply(sources, one.options, file)


def _apply(sources: InForce, options: list[LineOption], file: RequirementFile) -> None:
    names = [option.name for option in options]
    sources.no_index |= "--no-index" in names
    main = [option.value for option in options if option.name == "--index-url"]
    if main:  # a file's index replaces all that were named before
        sources.main, sources.extra = main[-1], []
    sources.extra += [o.value or "" for o in options if o.name == "--extra-index-url"]
    pages = [o.value or "" for o in options if o.name == "--find-links"]
    sources.pages += [page_of(page, file) for page in pages[:1]]  # pip takes one of a line


def page_of(page: str, file: RequirementFile) -> str:
    """Give a page or folder, which may be beside the file that names it."""
    here = os.path.join(os.path.dirname(os.path.abspath(file.path)), page)  # noqa: PTH100, PTH118, PTH120
    return here if os.path.exists(here) else page  # noqa: PTH110


def resets_index(files: Files) -> bool:
    """Tell whether a file puts an index in the place of those that the line named."""
    return any(
        option.name == "--index-url"
        for root in files.roots
        if root.file is not None
        for one in _option_lines(root.file.in_order())
        for option in one.options
    )


def _option_lines(lines: Iterable[RequirementLine | OptionLine]) -> list[OptionLine]:
    from .reading import OptionLine  # late: most lines name no file

    return [one for one in lines if isinstance(one, OptionLine)]
