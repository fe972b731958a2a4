"""The families' data files, of each kind: the names that they have, and the families."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from .family_claims import names_of
from .family_fields import (
    following,
    read_built_family,
    read_conda_family,
    read_family,
    read_follower,
    read_spelt_family,
)
from .files import decoding, read_table
from .name_table import Names
from .third_party import ThirdParty, read_third_party

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conda_cuda_guard.model.built import BuiltFamily
    from conda_cuda_guard.model.conda_family import CondaFamily
    from conda_cuda_guard.model.family import Family
    from conda_cuda_guard.model.spelling import SpeltFamily

# What a file has of its own kind: a lead with tables of builds, a lead to follow, spelt names, a
# lead that it is built against.
_LEADS, _FOLLOWS, _SPELT, _BUILT = "lead", "follows", "stems", "built_against"
# Fields of a spelt build by which it is found where a bare name alone does not lead.
_BEYOND_NAME = frozenset(("suffix", "name", "extra", "label", "index", "page", "pinned", "legacy"))
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
                followers.append((row[_FOLLOWS], read_follower(row), following(row)))
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
def read_names(where: Path) -> Names:
    """Return the names of the families of a folder, and of others'."""
    return _names_in(family_rows(where))


def own_names(where: Path) -> Names:
    """Return the names of the families of a folder alone."""
    return _names_in(_own_rows(where))


def _names_in(rows: Mapping[Path, Mapping[str, Any]]) -> Names:
    lead: list[str] = []
    spelt: set[str] = set()
    ranged: list[str] = []
    built: set[str] = set()
    conflicts: list[tuple[str, str]] = []
    # Those that follow come after their lead, whatever their files are called.
    for path, row in sorted(rows.items(), key=lambda one: _FOLLOWS in one[1]):
        with decoding(path):
            if _LEADS in row:
                lead += [one["pip"] for one in (row["lead"], *row.get("members", ()))]
                found = row.get("conflicts", ())
                conflicts += [(one["releases"], one["package"]) for one in found]
            if _SPELT in row:
                spelt |= names_of(row)
                ranged += row[_SPELT] if _is_ranged(row) else ()
            if _BUILT in row:
                built.update(row["packages"])
    return Names(tuple(lead), frozenset(spelt), tuple(ranged), frozenset(built), tuple(conflicts))


def _is_ranged(row: Mapping[str, Any]) -> bool:
    """Return whether a spelt family has builds of several CUDA versions, told by version alone."""
    plain = [one for one in row.get("builds", ()) if not _BEYOND_NAME.intersection(one)]
    made = {cuda for one in plain for cuda in one.get("contains") or [one["cuda"]]}
    return len(made - {None}) > 1


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


@cache
def read_built(where: Path) -> tuple[BuiltFamily, ...]:
    """Return the families whose files are built against a release of the lead."""
    found = []
    for path, row in family_rows(where).items():
        with decoding(path):
            if _BUILT in row:
                found.append(read_built_family(row))
    return tuple(found)
