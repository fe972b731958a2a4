"""Requirement files in a request: their requirements and sources, and the plan's pins for them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import TYPED, GuardError, Origin, Phrase
from conda_cuda_guard.planner.pip_parse import read_pip

from .family_names import is_built, is_library, is_spelt
from .requirement_file import OptionLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conda_cuda_guard.model import Host, Plan, Wheel

    from .file_lines import LineOption
    from .file_roots import Files
    from .requirement_file import RequirementFile, RequirementLine


_SPELT = "spelt"  # stands for every package whose builds are told apart by spelling
_BUILT = "built"  # stands for every package that is built against the lead


@dataclass(frozen=True)
class Asked:
    """The requirements of the command line and of files, constraints last.

    `texts` are all requirements with their `origins`; those of `lines` come after those typed.
    """

    typed: tuple[str, ...]
    lines: tuple[RequirementLine, ...]
    texts: tuple[str, ...]
    origins: tuple[Origin, ...]


def asked(typed: Sequence[str], files: Files, host: Host) -> Asked:
    """Return the requirements of the command line and of the files together.

    A constraint counts where its package is asked for; one on the lead counts with any companion.
    """
    family, target = catalogue.family(), (host.platform, host.python)

    def package(text: str) -> str:
        # A constraint on one build of a spelt family bounds what is asked of another.
        if is_built(text):
            return _BUILT
        return _SPELT if is_spelt(text) else read_pip(text, *target, family).package

    lines = files.requirement_lines(constraints=False)
    wanted = {package(text) for text in (*typed, *(one.requirement for one in lines))} - {""}
    if wanted - {_SPELT}:
        wanted.add(family.lead.pip)
    bounds = files.requirement_lines(constraints=True)
    lines += [
        one
        for one in bounds
        if package(one.requirement) in wanted
        or (family.lead.pip in wanted and is_library(one.requirement))
    ]
    texts = (*typed, *(one.requirement for one in lines))
    origins = (*(TYPED for _ in typed), *map(_origin, lines))
    return Asked(tuple(typed), tuple(lines), texts, origins)


def _origin(line: RequirementLine) -> Origin:
    kind = "constraint" if line.file.is_constraint else "file"
    return Origin(kind, line.file.path, line.line.first + 1)


def pins(asks: Asked, plan: Plan) -> list[tuple[RequirementLine, str]]:
    """Return the lines that the plan changes, with their new requirements."""
    if plan.status != "ok":
        return []
    start = len(asks.typed)
    rows = zip(asks.lines, asks.texts[start:], plan.pins[start:])
    return [(one, pin) for one, text, pin in rows if pin != text and not one.hashes]


def check_hashes(asks: Asked, plan: Plan, files: Iterable[Wheel]) -> None:
    """Raise GuardError where a plan takes a file whose hash its line does not have."""
    if plan.status != "ok":
        return
    known = {(one.package, one.version, f"sha256:{one.sha256}") for one in files if one.sha256}
    start = len(asks.typed)
    for one, text, pin in zip(asks.lines, asks.texts[start:], plan.pins[start:]):
        if one.hashes and pin != text and not _has_hash(one, pin, known):
            raise _other_file(one, pin)


def _has_hash(line: RequirementLine, pin: str, known: set[tuple[str, str, str]]) -> bool:
    """Return whether a line's hashes include that of the planned file."""
    try:
        requirement = Requirement(pin)
    except InvalidRequirement:
        return False
    version = next((one.version for one in requirement.specifier), "")
    return any((requirement.name.lower(), version, one) in known for one in line.hashes)


def _other_file(line: RequirementLine, pin: str) -> GuardError:
    return GuardError(
        Phrase(
            "{requirement} ({path}, line {line}) has hashes, but the plan takes {pin}; "
            "nothing was installed",
            requirement=line.requirement,
            path=line.file.path,
            line=line.line.first + 1,
            pin=pin,
        ),
        why="hashes are never changed, and none of these is known to be of that file",
        hint=Phrase(
            "write {pin} and its hash there (pipcuda plan --locked shows it), or --as-is to "
            "install what the file says",
            pin=pin,
        ),
    )


@dataclass
class IndexesInForce:
    """The sources that pip uses; `main` is None for pip's default index."""

    main: str | None = None
    extra: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    no_index: bool = False


def add_files(sources: IndexesInForce, files: Files) -> None:
    """Apply the options of the files, in pip's order."""
    for root in files.roots:
        if root.file is not None:
            _add(sources, root.file)


def _add(sources: IndexesInForce, file: RequirementFile) -> None:
    for one in _option_lines(file.lines):
        if one.names is not None:
            _add(sources, one.names)
        else:
            _apply(sources, one.options, file)


def _apply(sources: IndexesInForce, options: list[LineOption], file: RequirementFile) -> None:
    names = [option.name for option in options]
    sources.no_index |= "--no-index" in names
    main = [option.value for option in options if option.name == "--index-url"]
    if main:  # a file's index replaces all that were named before
        sources.main, sources.extra = main[-1], []
    sources.extra += [o.value or "" for o in options if o.name == "--extra-index-url"]
    pages = [o.value or "" for o in options if o.name == "--find-links"]
    sources.pages += [page_of(page, file) for page in pages[:1]]  # pip takes one of a line


def page_of(page: str, file: RequirementFile) -> str:
    """Return a page or folder; a path may be relative to the file that names it."""
    here = os.path.join(os.path.dirname(os.path.abspath(file.path)), page)  # noqa: PTH100, PTH118, PTH120
    return here if os.path.exists(here) else page  # noqa: PTH110


def _option_lines(lines: Iterable[RequirementLine | OptionLine]) -> list[OptionLine]:
    return [one for one in lines if isinstance(one, OptionLine)]
