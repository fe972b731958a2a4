"""The names that families claim: no two of them may have one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model import Phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from .json_form import Fault, Steps


@dataclass
class Claims:
    """What the families so far have claimed, and in which file."""

    families: dict[str, Path] = field(default_factory=dict)
    names: dict[str, Path] = field(default_factory=dict)
    on_conda: dict[str, Path] = field(default_factory=dict)
    leads: list[str] = field(default_factory=list)

    def add(self, path: Path, row: Mapping[str, Any]) -> None:
        """Note what the file of a family claims."""
        self.families[row["family"]] = path
        self.names.update(dict.fromkeys(names_of(row), path))
        self.on_conda.update(dict.fromkeys(_conda_names_of(row) | _names_of_parts(row), path))
        if "lead" in row and "follows" not in row:
            self.leads.append(row["family"])

    def clashes(self, row: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield why a family cannot stand beside these."""
        from .json_form import Fault  # late: what we wrote does not need it

        if "follows" in row and row["follows"] not in self.leads:
            names = ", ".join(self.leads)
            told = Phrase("no family of that name leads; there are {names}", names=names)
            yield Fault(("follows",), told)
        claimed: tuple[tuple[Steps, set[str], dict[str, Path]], ...] = (
            (("family",), {row["family"]}, self.families),
            (("stems",) if "stems" in row else ("lead", "pip"), names_of(row), self.names),
            (("lead", "conda"), _conda_names_of(row), self.on_conda),
            (("on_conda",), _names_of_parts(row), self.on_conda),
        )
        for steps, names_claimed, taken in claimed:
            both = sorted(names_claimed & taken.keys())
            if both:
                facts = {"names": ", ".join(both), "other": taken[both[0]]}
                yield Fault(steps, Phrase("{names} is in {other} already, which is used", **facts))
                return


def names_of(row: Mapping[str, Any]) -> set[str]:
    """Return the names on pip that a family's file claims."""
    found = {one["pip"] for one in _members(row)}
    stems = row.get("stems", ())
    found.update(stems, row.get("packages", ()))
    found.update(
        build.get("name") or stem + build.get("suffix", "")
        for stem in stems
        for build in row.get("builds", ())
        if build.get("cuda") is not None or build.get("contains")
    )
    return found


def names_off_conda(rows: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the names on pip of families that were looked for on conda, and are not there."""
    gone = (row for row in rows if row.get("on_conda") == [])
    return frozenset(name for row in gone for name in names_of(row))


def _conda_names_of(row: Mapping[str, Any]) -> set[str]:
    """Return the names on conda that a family's file claims."""
    words = row.get("conda", {})
    lists = ("metapackages", "selectors", "feature_packages")
    named = (name for key in lists for name in words.get(key, ()))
    members = (one["conda"] for one in _members(row) if one["conda"])
    return {*members, *words.get("other_names", ()), *named}


def _names_of_parts(row: Mapping[str, Any]) -> set[str]:
    """Return the names that a family's file claims for the packages that it has on conda."""
    found = row.get("on_conda", [])
    keys = ("packages", "needs", "cuda_names", "cpu_names")
    parts = found if isinstance(found, list) else [found]
    return {name for part in parts for key in keys for name in part.get(key, ())}


def _members(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    lead = row.get("lead")
    return [*row.get("members", ()), *([lead] if lead else [])]
