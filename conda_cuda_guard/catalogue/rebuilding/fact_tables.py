"""The facts tables, corrected, and the catalogue's words for theirs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from conda_cuda_guard.catalogue.files import SCHEMA
from conda_cuda_guard.model import PLATFORMS, versions

from .corrections import put_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# The facts have names of their own: `mac_arm64`.
PLATFORM_OF = {name.replace("macos", "mac").replace("-", "_"): name for name in PLATFORMS}
_TAG = re.compile(r"cp(\d)(\d+)(t?)")
_VARIANT = re.compile(r"cu\d{2,}|cpu")


class FactsError(Exception):
    """Facts that cannot be made into a catalogue."""


class Facts:
    """A folder of facts tables, each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tables: dict[str, dict[str, Any]] = {}

    def table(self, name: str) -> dict[str, Any]:
        """Return one table, corrected."""
        if name not in self._tables:
            table = self._read(name)
            if name != "corrections":
                self._correct(name, table)
            self._tables[name] = table
        return self._tables[name]

    def _correct(self, name: str, table: dict[str, Any]) -> None:
        try:
            put_in(name, table, self.corrections)
        except ValueError as error:
            raise FactsError(f"corrections: {error}") from error

    @property
    def corrections(self) -> list[dict[str, Any]]:
        """Return the rows that correct other tables."""
        return list(self.table("corrections")["rows"])

    def _read(self, name: str) -> dict[str, Any]:
        path = self._folder / f"{name}.json"
        try:
            content = json.loads(path.read_bytes())
        except OSError as error:
            raise FactsError(f"{path}: {error.strerror or error}") from error
        except ValueError as error:
            raise FactsError(f"{path}: not valid JSON: {error}") from error
        if not isinstance(content, dict) or content.get("table") != name:
            raise FactsError(f'{path}: not the table "{name}"')
        return content

    def sources(self, *names: str) -> list[str]:
        """Return what the named tables say of where they come from, one line each."""
        return [
            f"{name}: " + " ".join(str(part) for part in source.values())
            for name in (*names, "corrections")
            for source in self.table(name)["source"]
        ]


def python_version(tag: str) -> str:
    """Return the interpreter of a wheel tag: `cp313t` is `3.13t`."""
    match = _TAG.fullmatch(tag)
    if match is None:
        raise FactsError(f"not a CPython tag: {tag!r}")
    return f"{match[1]}.{match[2]}{match[3]}"


def sorted_pythons(versions: Iterable[str]) -> list[str]:
    """Return interpreters by age, a free-threaded one behind its plain sister."""
    return sorted(set(versions), key=lambda text: (*numbers(text.rstrip("t")), text.endswith("t")))


def is_variant(name: str) -> bool:
    """Return whether a variant is of CUDA or the CPU, and not of ROCm, XPU or another."""
    return _VARIANT.fullmatch(name) is not None


def cuda_of(variant: str) -> str | None:
    """Return the CUDA version of a variant: `cu102` is `10.2`, `cpu` has none."""
    if not is_variant(variant):
        raise FactsError(f"not a variant: {variant!r}")
    return versions.cuda_of(variant)


def variant_of(cuda: str | None) -> str:
    """Return the variant of a CUDA version, `cpu` for anything that is not one."""
    # The Windows rows of pypi_default_cuda hold "None\r", read from a file with DOS line ends.
    if cuda is None or re.fullmatch(r"\d+\.\d", cuda) is None:
        return "cpu"
    return versions.variant_of(cuda)


def numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a dotted version."""
    return tuple(int(part) for part in version.split("."))


DATE = "2026-11-26"
CONDA_COLUMNS = [
    "platform",
    "release",
    "variant",
    "selectors",
    "build_glob",
    "channels",
    "pythons",
    "pythons_are",
    "architectures",
    "libc",
    "board",
]


class SharedValues:
    """Values that many rows share, kept once each; rows name them by position."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[str, int] = {}

    def place(self, value: object) -> int:
        """Return the position of a value, adding it when it is new."""
        key = json.dumps(value)
        if key not in self._places:
            self._places[key] = len(self.values)
            self.values.append(value)
        return self._places[key]


def head(table: str, sources: list[str]) -> dict[str, Any]:
    """Return what every data file begins with."""
    return {"table": table, "schema": SCHEMA, "sources": sources, "date": DATE}


def sort_key(release: str, variant: str) -> tuple[Version, tuple[int, ...]]:
    """Return the key by which builds sort, to be reversed: release, then CUDA, CPU last."""
    return Version(release), numbers(cuda_of(variant) or "0")


def render(table: dict[str, Any]) -> str:
    """Write a table as JSON with one row a line, so that a change shows as a line."""
    parts = [f"{_compact(key)}: {_value(value)}" for key, value in table.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _value(value: object) -> str:
    """Write a list or an object one item a line, anything else on one line."""
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(map(_compact, value)) + "\n]"
    if isinstance(value, dict) and value:
        items = [f"{_compact(key)}: {_compact(item)}" for key, item in value.items()]
        return "{\n" + ",\n".join(items) + "\n}"
    return _compact(value)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
