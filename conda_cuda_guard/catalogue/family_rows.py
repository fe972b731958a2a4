"""The families' data files as they are written, and the names on pip that are in them.

The names have a table of their own, made from the files: most command lines name no family, and no
more is loaded for them. Of those that do, most need the files of one or two.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from .files import decoding, is_shipped, read_table
from .hooks import may_have_others

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .third_party import ThirdParty

# What a file has of its own kind: a lead with tables of builds, a lead to follow, spelt names, a
# lead that it is built against; any of these may be on conda too.
LEADS, FOLLOWS, SPELT, BUILT = "lead", "follows", "stems", "built_against"
ON_CONDA = "on_conda"
_FOLDER = "families"
# Fields of a spelt build by which it is found where a bare name alone does not lead.
_BEYOND_NAME = frozenset(("suffix", "name", "extra", "label", "index", "page", "pinned", "legacy"))


class Names(NamedTuple):
    """Names on pip, by the kind of family, and the files that they are in.

    `lead`: of the family whose lead decides, the lead first, from the files `leads`; `spelt`: of
    those whose builds are told apart by spelling, `ranged` those of them that are told apart by
    their version, `beside` those that they know of and do not plan, for the CPU; `built`: of those
    that are built against the lead. `conflicts` are the packages that releases of the lead do not
    work with, each with the specifier of these releases; `libraries` those whose versions say the
    CUDA version of its builds.
    """

    lead: tuple[str, ...]
    leads: tuple[str, ...]
    spelt: Mapping[str, str]
    ranged: tuple[str, ...]
    beside: frozenset[str]
    built: Mapping[str, str]
    conflicts: tuple[tuple[str, str], ...] = ()
    libraries: frozenset[str] = frozenset()


def row_of(where: Path, name: str) -> dict[str, Any]:
    """Return the content of a family's file, by its name in a folder or another's whole path."""
    path = path_of(where, name)
    return _read(path) if path.parent == where / _FOLDER else family_rows(where)[path]


def path_of(where: Path, name: str) -> Path:
    """Return the path of a family's file, which is another's where the name is a path."""
    return where / _FOLDER / name


@cache
def _read(path: Path) -> dict[str, Any]:
    return read_table(path, "family")


@cache
def family_rows(where: Path) -> dict[Path, dict[str, Any]]:
    """Return the content of the families' files in a folder of the catalogue, and of others'."""
    rows = own_rows(where)
    return {**rows, **third_party(where).rows} if may_have_others() else rows


@cache
def third_party(where: Path) -> ThirdParty:
    """Return the families of others beside those of a folder, and what was left out of them."""
    from .third_party import read_third_party  # late: most have none

    return read_third_party(own_rows(where))


def own_rows(where: Path) -> dict[Path, dict[str, Any]]:
    """Return the content of the families' files in a folder of the catalogue alone."""
    return {path: _read(path) for path in sorted(where.glob(f"{_FOLDER}/*.json"))}


@cache
def names_in(where: Path) -> Names:
    """Return the names of the families of a folder, and of others'."""
    if not is_shipped(where) or may_have_others():
        return _names_of(family_rows(where), where)
    path = where / "names.json"
    with decoding(path):
        table = read_table(path, "names")
        return Names(
            tuple(table["lead"]),
            tuple(table["leads"]),
            table["spelt"],
            tuple(table["ranged"]),
            frozenset(table["beside"]),
            table["built"],
            tuple((releases, package) for releases, package in table["conflicts"]),
            frozenset(table["libraries"]),
        )


def own_names(where: Path) -> Names:
    """Return the names of the families of a folder alone, read from their files."""
    return _names_of(own_rows(where), where)


def _names_of(rows: Mapping[Path, Mapping[str, Any]], where: Path) -> Names:
    from .family_claims import names_of  # late: the table has them

    lead: list[str] = []
    leads: list[str] = []
    spelt: dict[str, str] = {}
    ranged: list[str] = []
    beside: set[str] = set()
    built: dict[str, str] = {}
    conflicts: list[tuple[str, str]] = []
    libraries: set[str] = set()
    # Those that follow come after their lead, whatever their files are called.
    for path, row in sorted(rows.items(), key=lambda one: FOLLOWS in one[1]):
        name = path.name if path.parent == where / _FOLDER else str(path)
        with decoding(path):
            if LEADS in row:
                leads.append(name)
                lead += [one["pip"] for one in (row["lead"], *row.get("members", ()))]
                found = row.get("conflicts", ())
                conflicts += [(one["releases"], one["package"]) for one in found]
                libraries.update(row.get("libraries", ()))
            if SPELT in row:
                spelt = {**dict.fromkeys(sorted(names_of(row)), name), **spelt}
                ranged += row[SPELT] if _is_ranged(row) else ()
                beside.update(row.get("one_of", ()))
                beside.update(one["name"] for one in row.get("builds", ()) if "name" in one)
            if BUILT in row:
                built.update(dict.fromkeys(row["packages"], name))
    return Names(
        tuple(lead),
        tuple(leads),
        spelt,
        tuple(ranged),
        frozenset(beside),
        built,
        tuple(conflicts),
        frozenset(libraries),
    )


def _is_ranged(row: Mapping[str, Any]) -> bool:
    """Return whether a spelt family has builds of several CUDA versions, told by version alone."""
    plain = [one for one in row.get("builds", ()) if not _BEYOND_NAME.intersection(one)]
    made = {cuda for one in plain for cuda in one.get("contains") or [one["cuda"]]}
    return len(made - {None}) > 1
