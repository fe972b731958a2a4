"""The form of a data file: its head, its rows in order, its lists of shared values."""

from __future__ import annotations

import json
from typing import Any

from packaging.version import Version

from conda_cuda_guard.catalogue.files import SCHEMA

from .facts import cuda_of, numbers

DATE = "2026-11-23"
CONDA_COLUMNS = [
    "platform",
    "release",
    "variant",
    "selectors",
    "build_glob",
    "channels",
    "pythons",
    "architectures",
]


class Shared:
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


def newest_first(release: str, variant: str) -> tuple[Version, tuple[int, ...]]:
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
