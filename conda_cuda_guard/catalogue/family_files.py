"""Families from their data files, one each: the torch family, its followers, and spelt ones."""

from __future__ import annotations

import re
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

from .family_claims import names_of
from .files import decoding, read_table
from .third_party import ThirdParty, read_third_party

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conda_cuda_guard.model.conda_family import CondaFamily
    from conda_cuda_guard.model.spelling import SpeltBuild, SpeltFamily

# What a file has of its own kind: a lead with tables of builds, a lead to follow, spelt names.
_LEADS, _FOLLOWS, _SPELT = "lead", "follows", "stems"
# Fields of a spelt build by which it is found where a bare name alone does not lead.
_OTHERWISE = frozenset(("suffix", "name", "extra", "label", "index", "page", "pinned", "legacy"))
# Fields of a spelt build that are texts.
_TEXTS = ("suffix", "name", "extra", "label", "index", "page")
_CONDA = "on_conda"


@cache
def family_rows(where: Path) -> dict[Path, dict[str, Any]]:
    """Return the content of the families' files in a folder of the catalogue, and of others'."""
    return {**_own_rows(where), **third_party(where).rows}


@cache
def third_party(where: Path) -> ThirdParty:
    """Return the families of others beside those of a folder, and what was left out of them."""
    return read_third_party(_own_rows(where))


@cache
def _own_rows(where: Path) -> dict[Path, dict[str, Any]]:
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
def spelt_names(where: Path) -> dict[str, Path]:
    """Return every name on pip of the spelt families, and the file that claims it.

    No objects are made of their builds: of most files nothing but the names is ever needed.
    """
    names: dict[str, Path] = {}
    for path, row in family_rows(where).items():
        with decoding(path):
            if _SPELT in row:
                names = {**dict.fromkeys(names_of(row), path), **names}
    return names


@cache
def ranged_names(where: Path) -> tuple[str, ...]:
    """Return the names on pip that have builds of several CUDA versions, told apart by version."""
    names = []
    for row in family_rows(where).values():
        if _SPELT not in row:
            continue
        plain = [one for one in row.get("builds", ()) if not _OTHERWISE.intersection(one)]
        made = {cuda for one in plain for cuda in one.get("contains") or [one["cuda"]]}
        if len(made - {None}) > 1:
            names += row[_SPELT]
    return tuple(names)


def names_beside(where: Path) -> frozenset[str]:
    """Return the names on pip that spelt families know of and do not plan: those for the CPU."""
    names: set[str] = set()
    for row in family_rows(where).values():
        if _SPELT in row:
            names.update(row.get("one_of", ()))
            names.update(one["name"] for one in row.get("builds", ()) if "name" in one)
    return frozenset(names)


def stem_like(where: Path, name: str) -> str | None:
    """Return the stem whose builds' names differ from a name by their number alone, if any do."""
    shape = _shape(name)
    if shape == name:
        return None
    for row in family_rows(where).values():
        for stem in row.get(_SPELT, ()):
            builds = row.get("builds", ())
            if any(_shape(stem + one["suffix"]) == shape for one in builds if "suffix" in one):
                return str(stem)
    return None


def _shape(name: str) -> str:
    """Return a name without the number of a CUDA version at its end."""
    return re.sub(r"[0-9]+x?$", "#", name)


@cache
def read_spelt(where: Path, path: Path) -> SpeltFamily:
    """Return the family of a file whose builds are told apart by how a requirement is spelt."""
    with decoding(path):
        return read_spelt_family(family_rows(where)[path])


@cache
def read_on_conda(where: Path) -> tuple[CondaFamily, ...]:
    """Return the families that have builds on conda, but for the one whose lead decides."""
    found = []
    for path, row in family_rows(where).items():
        with decoding(path):
            if _CONDA in row and _LEADS not in row:
                found.append(read_conda_family(row))
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
        dict(row.get("cudnn", {})),
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
        tuple(row[_SPELT]),
        tuple(build for one in row.get("builds", ()) for build in _spelt_builds(one)),
        dict(row.get("aliases", {})),
        tuple(row.get("shares", ())),
        tuple(row.get("one_of", ())),
        row.get("from_source", ""),
        row.get("ended", ""),
        {extra: tuple(names) for extra, names in row.get("brings", {}).items()},
        tuple(row.get("verify", ())),
        tuple(row.get("not_cuda", ())),
    )


def _spelt_builds(row: dict[str, Any]) -> Iterator[SpeltBuild]:
    """Yield a row's builds: one that `contains` several CUDA versions stands for one of each."""
    for cuda in row.get("contains") or [row["cuda"]]:
        yield _spelt_build({**row, "cuda": cuda})


def _spelt_build(row: dict[str, Any]) -> SpeltBuild:
    from conda_cuda_guard.model.spelling import SpeltBuild
    from conda_cuda_guard.model.versions import Range, variant_of

    def bounds(key: str) -> Range:
        found = Range.of(row.get(key, ""))
        if found is None:
            raise ValueError(f"{key}: {row[key]!r} is no range of versions")
        return found

    return SpeltBuild(
        row.get("variant") or variant_of(row["cuda"]),
        row["cuda"],
        bounds("releases"),
        tuple(row.get("known", ())),
        {stem: tuple(known) for stem, known in row.get("own", {}).items()},
        row.get("cudnn"),
        pythons=bounds("python"),
        platforms=tuple(row.get("platforms", ())),
        libc=row.get("libc"),
        capabilities=bounds("capabilities"),
        drivers=dict(row.get("drivers", {})),
        pinned=row.get("pinned", False),
        fallback=row.get("fallback", False),
        legacy=row.get("legacy", False),
        **{key: row.get(key, "") for key in _TEXTS},
    )


def read_conda_family(row: dict[str, Any]) -> CondaFamily:
    """Return a family's part for conda (docs/families.md explains the fields)."""
    from conda_cuda_guard.model.conda_family import CondaFamily  # late: it loads packaging
    from conda_cuda_guard.model.versions import Range

    def bounds(text: str) -> Range:
        found = Range.of(text)
        if found is None:
            raise ValueError(f"conda: {text!r} is no range of versions")
        return found

    own = row[_CONDA]
    selectors = own.get("selectors", [["", "cuda-version"]])
    lists = ("packages", "channels", "carriers", "cpu_names", "cpu_builds", "platforms")
    return CondaFamily(
        row["family"],
        known=tuple((release, tuple(cudas)) for release, cudas in own["known"]),
        needs=dict(own.get("needs", {})),
        cuda_names=dict(own.get("cuda_names", {})),
        build=own.get("build", ""),
        selectors=tuple((bounds(text), name) for text, name in selectors),
        capabilities={int(k): bounds(text) for k, text in own.get("capabilities", {}).items()},
        **{key: tuple(own.get(key, ())) for key in lists},
    )
