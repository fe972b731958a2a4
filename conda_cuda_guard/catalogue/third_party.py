"""Families of others: data files in known places, and those that packages name by a hook.

A file that cannot be used is told of and left out: it never stops a line, as damage of our own
files does.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model import Phrase

from . import hooks
from .family_claims import Claims
from .files import decoding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.metadata import EntryPoint

LARGEST = 2**20
_ADDRESS = re.compile(
    r"(?:^|[:;])(?:https?|ftp|file|s3|ssh|git(?:\+\w+)?):/|//[^/:@]+:[^@]*@", re.IGNORECASE
)
# Of one file no more faults are told.
_MOST_FAULTS = 3


@dataclass(frozen=True)
class Unusable:
    """A file that is left out, or a hook that failed, and why.

    `line` is 0 and `field` empty where the whole is meant.
    """

    place: str
    reason: str
    line: int = 0
    field: str = ""


@dataclass(frozen=True)
class ThirdParty:
    """The content of the files that can be used, and what was left out."""

    rows: Mapping[Path, dict[str, Any]]
    unusable: tuple[Unusable, ...] = ()


def read_third_party(own: Mapping[Path, Mapping[str, Any]]) -> ThirdParty:
    """Return the families of others beside our own, which win where both claim a name."""
    paths, unusable = _places()
    if not paths:
        return ThirdParty({}, unusable)
    claims = Claims()
    for path, row in own.items():
        with decoding(path):
            claims.add(path, row)
    rows: dict[Path, dict[str, Any]] = {}
    for path in paths:
        read, told = _read(path, claims)
        unusable += told
        if read is not None:
            rows[path] = read
            claims.add(path, read)
    return ThirdParty(rows, unusable)


def _places() -> tuple[tuple[Path, ...], tuple[Unusable, ...]]:
    """Return the files of the variable, of the prefix and of hooks, in the order that decides."""
    value = os.environ.get(hooks.VARIABLE, "")
    # Parted as paths are, an address would be told of in pieces, and its credentials with them.
    is_address = _ADDRESS.search(value) is not None
    named = [] if is_address else [Path(one) for one in value.split(os.pathsep) if one]
    shared = hooks.shared_folder()
    found = list(_files([*named, *([Path(shared)] if shared else [])]))
    unusable = []
    if is_address:
        unusable.append(
            Unusable(hooks.VARIABLE, Phrase("it names files and folders, no addresses"))
        )
    for one in _of_hooks():
        if isinstance(one, Unusable):
            unusable.append(one)
        else:
            found.append(one)
    places = {os.path.realpath(path): path for path in reversed(found)}
    return tuple(reversed(places.values())), tuple(unusable)


def _files(named: Iterable[Path]) -> Iterator[Path]:
    """Yield files, and those of folders; what cannot be read is yielded too, and told of later."""
    for path in named:
        yield from _listed(path)


def _listed(path: Path) -> list[Path]:
    try:
        names = sorted(os.listdir(path))  # noqa: PTH208 - what is no folder, or locked, is told of
    except OSError:
        return [path]
    return [path / name for name in names if name.endswith(".json")]


def _of_hooks() -> Iterator[Path | Unusable]:
    """Yield the files that packages name, and which package's hook failed."""
    try:
        points = hooks.entry_points()
    except Exception as error:  # noqa: BLE001 - one package's damaged metadata fails it all
        told = Phrase("its entry points cannot be read: {error}", error=error)
        yield Unusable(sys.prefix, told)
        return
    for point in points:
        yield from _of_hook(point)


def _of_hook(point: EntryPoint) -> Iterator[Path | Unusable]:
    try:
        # What else the package hooks into, as rules of the doctor, is not looked at here.
        answers = hooks.ask(point.load(), "cuda_guard_families", point.name)
        paths = [Path(os.path.realpath(os.fspath(one))) for one in _paths(answers)]
    except (Exception, SystemExit) as error:  # noqa: BLE001 - another's code
        told = Phrase("its hook fails: {error}", error=f"{type(error).__name__}: {error}")
        yield Unusable(f"{point.name} = {point.value}", told)
    else:
        yield from _files(paths)


def _paths(answers: Iterable[Any]) -> Iterator[str | os.PathLike[str]]:
    for answer in answers:
        yield from [answer] if isinstance(answer, (str, os.PathLike)) else answer or ()


def _read(path: Path, claims: Claims) -> tuple[dict[str, Any] | None, tuple[Unusable, ...]]:
    """Return the content of a file that can be used, or what is wrong with it."""
    from .family_schema import faults_of
    from .json_form import line_of

    place = str(path)
    try:
        if _is_special(path):  # a pipe is waited for, and a device has no end
            return None, (Unusable(place, Phrase("it is no file")),)
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            told = Phrase("it is larger than {largest} bytes", largest=LARGEST)
            return None, (Unusable(place, told),)
        text = data.decode("utf-8-sig")
        row = json.loads(text, parse_constant=_no_constant)
    except OSError as error:
        told = Phrase("it cannot be read: {strerror}", strerror=error.strerror or error)
        return None, (Unusable(place, told),)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return None, (Unusable(place, Phrase("it is not UTF-8"), line),)
    except json.JSONDecodeError as error:
        told = Phrase("it is not valid JSON: {error}", error=error.msg)
        return None, (Unusable(place, told, error.lineno),)
    except (ValueError, RecursionError) as error:
        return None, (Unusable(place, Phrase("it is not valid JSON: {error}", error=error)),)
    faults = list(islice(faults_of(row), _MOST_FAULTS)) or list(claims.clashes(row))
    if not faults:
        return row, ()
    return None, tuple(
        Unusable(place, one.reason, line_of(text, one.steps), one.field) for one in faults
    )


def _is_special(path: Path) -> bool:
    mode = path.stat().st_mode
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
