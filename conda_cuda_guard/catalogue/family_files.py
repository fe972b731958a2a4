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
    LeadAbi,
    Member,
)
from conda_cuda_guard.model.followers import Follower, PlaceRow

from .files import decoding, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conda_cuda_guard.model.spelling import SpeltBuild, SpeltFamily

# What a file has of its own kind: a lead with tables of builds, a lead to follow, spelt builds.
_LEADS, _FOLLOWS, _SPELT = "lead", "follows", "builds"


def _is_spelt(row: dict[str, Any]) -> bool:
    return _SPELT in row and _FOLLOWS not in row


@cache
def family_rows(where: Path) -> dict[Path, dict[str, Any]]:
    """Return the content of every family's file in a folder of the catalogue."""
    return {path: read_table(path, "family") for path in sorted(where.glob("families/*.json"))}


@cache
def read_families(where: Path) -> tuple[Family, ...]:
    """Return the families whose lead decides, those that follow another among its members."""
    rows = family_rows(where)
    followers = []
    for path, row in rows.items():
        with decoding(path):
            if _FOLLOWS in row:
                followers.append((row[_FOLLOWS], _follower(row), _following(row)))
    found = []
    for path, row in rows.items():
        with decoding(path):
            if _LEADS in row and _FOLLOWS not in row:
                own = {one: member for lead, one, member in followers if lead == row["family"]}
                found.append(read_family(row, own))
    return tuple(found)


@cache
def spelt_names(where: Path) -> frozenset[str]:
    """Return every name on pip of the spelt families, without making objects of their builds."""
    names: set[str] = set()
    for path, row in family_rows(where).items():
        with decoding(path):
            if _is_spelt(row):
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
            if _is_spelt(row):
                found.append(read_spelt_family(row))
    return tuple(found)


def read_family(row: dict[str, Any], followers: Mapping[Follower, Member] | None = None) -> Family:
    """Return a family; followers have a file of their own and are members like the others."""
    names = row["conda"]
    other = {name: CondaName(**found) for name, found in names["other_names"].items()}
    lists = {key: value for key, value in names.items() if key != "other_names"}
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in lists.items()}
    conda = CondaNames(other, **fields)
    members = (*(Member(**one) for one in row["members"]), *(followers or {}).values())
    addresses = row["addresses"].items()
    rules: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in addresses}
    return Family(
        row["family"],
        Member(**row["lead"]),
        members,
        conda,
        AddressRules(**rules),
        tuple(
            Conflict(one["releases"], one["package"], one["bound"])
            for one in row.get("conflicts", ())
        ),
        {one.package: one for one in followers or {}},
        tuple(LeadAbi(*one) for one in row.get("abis", ())),
    )


def _following(row: dict[str, Any]) -> Member:
    """Return a follower as a member of the family that it follows."""
    return Member(
        **row["lead"],
        brought=row.get("brought", False),
        plain=not row["labelled"],
        beside=tuple(row.get("beside", ())),
    )


def _follower(row: dict[str, Any]) -> Follower:
    """Return a follower (docs/families.md explains the fields)."""
    return Follower(
        row["lead"]["pip"],
        tuple((number, needs) for number, needs in row["versions"]),
        row["labelled"],
        row["pins_torch"],
        frozenset(row.get("platforms", ())),
        tuple(_place_row(one) for one in row.get("builds", ())),
    )


def _place_row(row: dict[str, Any]) -> PlaceRow:
    return PlaceRow(
        row["versions"],
        frozenset(row.get("variants", ())),
        frozenset(row.get("not", ())),
        row.get("labelled"),
        row.get("index", ""),
        row.get("python", ""),
        row.get("libc"),
        tuple(row.get("capabilities", ())),
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
