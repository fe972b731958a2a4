"""The families as objects, each made from its data file when it is first asked for."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from . import family_fields as fields
from .family_rows import (
    FOLLOWS,
    LEADS,
    ON_CONDA,
    SPELT,
    family_rows,
    names_in,
    own_rows,
    path_of,
    row_of,
)
from .files import decoding

if TYPE_CHECKING:
    from pathlib import Path

    from conda_cuda_guard.model import BuiltFamily, CondaFamily, Family, SpeltFamily


@cache
def read_families(where: Path) -> tuple[Family, ...]:
    """Return the families whose lead decides, those that follow another among its members."""
    rows = {path_of(where, name): row_of(where, name) for name in names_in(where).leads}
    followers = []
    for path, row in rows.items():
        with decoding(path):
            if FOLLOWS in row:
                followers.append((row[FOLLOWS], fields.read_follower(row), fields.following(row)))
    found = []
    for path, row in rows.items():
        with decoding(path):
            if FOLLOWS not in row:
                own = {one: member for lead, one, member in followers if lead == row["family"]}
                found.append(fields.read_family(row, own))
    return tuple(found)


def own_conda_names(where: Path) -> frozenset[str]:
    """Return the names on conda, and the lead's on pip, of the families of a folder alone."""
    names: set[str] = set()
    for path, row in own_rows(where).items():
        with decoding(path):
            if LEADS in row and FOLLOWS not in row:
                lead = fields.read_family(row, {})
                names |= {lead.lead.pip, *lead.by_conda_name, *lead.conda.selectors}
            if ON_CONDA in row:
                names |= {one for part in fields.read_conda_families(row) for one in part.names}
    return frozenset(names)


def stem_like(where: Path, name: str) -> str | None:
    """Return the stem whose builds' names differ from a name by their number alone, if any do."""
    shape = _shape(name)
    if shape == name:
        return None
    for row in family_rows(where).values():
        for stem in row.get(SPELT, ()):
            builds = row.get("builds", ())
            if any(_shape(stem + one["suffix"]) == shape for one in builds if "suffix" in one):
                return str(stem)
    return None


def _shape(name: str) -> str:
    """Return a name without the number of a CUDA version at its end."""
    return re.sub(r"[0-9]+x?$", "#", name)


@cache
def read_spelt(where: Path, name: str) -> SpeltFamily:
    """Return the family of a file whose builds are told apart by how a requirement is spelt."""
    with decoding(path_of(where, name)):
        return fields.read_spelt_family(row_of(where, name))


@cache
def read_built(where: Path, name: str) -> BuiltFamily:
    """Return the family of a file that is built against a release of the lead."""
    with decoding(path_of(where, name)):
        return fields.read_built_family(row_of(where, name))


@cache
def read_on_conda(where: Path) -> tuple[CondaFamily, ...]:
    """Return the families that have builds on conda, but for the one whose lead decides."""
    found: list[CondaFamily] = []
    for path, row in family_rows(where).items():
        with decoding(path):
            if ON_CONDA in row:
                found += fields.read_conda_families(row)
    return tuple(found)
