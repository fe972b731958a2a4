"""Families from their data files, one each: the torch family, its followers, and spelt ones."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model.family import (
    AddressRules,
    CondaName,
    CondaNames,
    Conflict,
    Family,
    Member,
)

from .files import decoding, read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from conda_cuda_guard.model.spelling import SpeltBuild, SpeltFamily

# What a file has of its own kind: a lead with tables of builds, a lead to follow, spelt builds.
_LEADS, _FOLLOWS, _SPELT = "lead", "follows", "builds"


@cache
def family_rows(where: Path) -> dict[Path, dict[str, Any]]:
    """Return the content of every family's file in a folder of the catalogue."""
    return {path: read_table(path, "family") for path in sorted(where.glob("families/*.json"))}


@cache
def read_families(where: Path) -> tuple[Family, ...]:
    """Return the families whose lead decides, those that follow another among its members."""
    rows = family_rows(where)
    followers = [row for row in rows.values() if _FOLLOWS in row]
    found = []
    for path, row in rows.items():
        with decoding(path):
            if _LEADS in row and _FOLLOWS not in row:
                own = [one for one in followers if one[_FOLLOWS] == row["family"]]
                found.append(read_family(row, own))
    return tuple(found)


def followers(where: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the files of packages that follow the releases of another family's lead."""
    for path, row in family_rows(where).items():
        if _FOLLOWS in row:
            yield path, row


@cache
def spelt_names(where: Path) -> frozenset[str]:
    """Return every name on pip of the spelt families, without making objects of their builds."""
    names: set[str] = set()
    for path, row in family_rows(where).items():
        with decoding(path):
            if _SPELT in row:
                names.update(row["stems"])
                names.update(
                    one.get("name") or stem + one.get("suffix", "")
                    for stem in row["stems"]
                    for one in row[_SPELT]
                )
    return frozenset(names)


@cache
def read_spelt(where: Path) -> tuple[SpeltFamily, ...]:
    """Return the families whose builds are told apart by how a requirement is spelt."""
    found = []
    for path, row in family_rows(where).items():
        with decoding(path):
            if _SPELT in row:
                found.append(read_spelt_family(row))
    return tuple(found)


def read_family(row: dict[str, Any], followers: Iterable[dict[str, Any]] = ()) -> Family:
    """Return a family; followers have a file of their own and are members like the others."""
    names = row["conda"]
    other = {name: CondaName(**found) for name, found in names["other_names"].items()}
    lists = {key: value for key, value in names.items() if key != "other_names"}
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in lists.items()}
    conda = CondaNames(other, **fields)
    members = [*row["members"], *(one["lead"] for one in followers)]
    addresses = row["addresses"].items()
    rules: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in addresses}
    return Family(
        row["family"],
        Member(**row["lead"]),
        tuple(Member(**one) for one in members),
        conda,
        AddressRules(**rules),
        tuple(
            Conflict(one["releases"], one["package"], one["bound"])
            for one in row.get("conflicts", ())
        ),
    )


def read_spelt_family(row: dict[str, Any]) -> SpeltFamily:
    """Return a spelt family (docs/families.md explains the fields)."""
    from conda_cuda_guard.model.spelling import SpeltFamily  # late: it loads packaging

    return SpeltFamily(
        row["family"],
        tuple(row["stems"]),
        tuple(_spelt_build(one) for one in row[_SPELT]),
        dict(row.get("aliases", {})),
        tuple(row.get("shares", ())),
        tuple(row.get("one_of", ())),
        row.get("ended", ""),
    )


def _spelt_build(row: dict[str, Any]) -> SpeltBuild:
    from conda_cuda_guard.model.spelling import SpeltBuild
    from conda_cuda_guard.model.versions import Range, variant_of

    def bounds(key: str) -> Range:
        found = Range.of(row.get(key, ""))
        if found is None:
            raise ValueError(f"{key}: {row[key]!r} is no range of versions")
        return found

    texts = ("suffix", "name", "extra", "index", "page")
    return SpeltBuild(
        row.get("variant") or variant_of(row["cuda"]),
        row["cuda"],
        bounds("releases"),
        tuple(row.get("known", ())),
        pythons=bounds("python"),
        platforms=tuple(row.get("platforms", ())),
        libc=row.get("libc"),
        capabilities=bounds("capabilities"),
        **{key: row.get(key, "") for key in texts},
    )
