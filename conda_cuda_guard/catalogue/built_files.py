"""Families that are built against a release of the lead, from their data files."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from .family_files import family_rows
from .files import decoding

if TYPE_CHECKING:
    from pathlib import Path

    from conda_cuda_guard.model.built import BuiltFamily, BuiltFiles

_BUILT = "built_against"


@cache
def built_names(where: Path) -> frozenset[str]:
    """Return the names on pip of these families, without making objects of their files."""
    names: set[str] = set()
    for path, row in family_rows(where).items():
        with decoding(path):
            if _BUILT in row:
                names.update(row["packages"])
    return frozenset(names)


@cache
def read_built(where: Path) -> tuple[BuiltFamily, ...]:
    """Return the families whose files are built against a release of the lead."""
    found = []
    for path, row in family_rows(where).items():
        with decoding(path):
            if _BUILT in row:
                found.append(read_built_family(row))
    return tuple(found)


def read_built_family(row: dict[str, Any]) -> BuiltFamily:
    """Return such a family; `model/built.py` has what its fields mean."""
    from conda_cuda_guard.model.built import BuiltFamily, SourceBuild

    source: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in row["source"].items()
    }
    return BuiltFamily(
        row["family"],
        tuple(row["packages"]),
        tuple(_files(one, row) for one in row["files"]),
        SourceBuild(**source),
        row.get("page", "") if row.get("open", False) else "",
        tuple(row.get("labels", ())),
        dict(row.get("newest", {})),
        row.get("capability", ""),
        dict(row.get("conda", {})),
        row.get("needs_lead", True),
        row.get("exact", False),
    )


def _files(row: dict[str, Any], family: dict[str, Any]) -> BuiltFiles:
    from conda_cuda_guard.model.built import BuiltFiles

    def listed(key: str) -> tuple[str, ...]:
        return tuple(row.get(key, family.get(key, ())))

    # The address of a row goes before that of the family.
    places = ("page", "index", "file")
    own = {key: row[key] for key in places if key in row}
    return BuiltFiles(
        tuple(row.get("lead", ())),
        tuple(row.get("variants", ())),
        {name: tuple(numbers) for name, numbers in row["versions"].items()},
        listed("pythons"),
        listed("platforms"),
        listed("abis"),
        listed("labels"),
        **(own or {key: family[key] for key in places if key in family}),
    )
