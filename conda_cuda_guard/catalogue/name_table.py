"""The names on pip that families have: a table of their files, quick to load.

Most command lines name no family, and nothing but this is loaded for them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from .files import decoding, read_table

if TYPE_CHECKING:
    from pathlib import Path


class Names(NamedTuple):
    """Names on pip, by the kind of family.

    `lead`: of the family whose lead decides, the lead first; `spelt`: of those whose builds are
    told apart by spelling, `ranged` those of them that are told apart by their version; `built`: of
    those that are built against the lead. `conflicts` are the packages that releases of the lead do
    not work with, each with the specifier of these releases.
    """

    lead: tuple[str, ...]
    spelt: frozenset[str]
    ranged: tuple[str, ...]
    built: frozenset[str]
    conflicts: tuple[tuple[str, str], ...] = ()


@cache
def shipped_names(where: Path) -> Names:
    """Return the names in the table of a folder that was made with one."""
    path = where / "names.json"
    with decoding(path):
        table = read_table(path, "names")
        return Names(
            tuple(table["lead"]),
            frozenset(table["spelt"]),
            tuple(table["ranged"]),
            frozenset(table["built"]),
            tuple((releases, package) for releases, package in table["conflicts"]),
        )
