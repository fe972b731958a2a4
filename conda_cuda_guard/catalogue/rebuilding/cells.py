"""The cells of the wheel table: one variant of one release on one platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .facts import PLATFORM_OF, is_variant, python_version, sorted_pythons

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .facts import Facts

# 1.8.2 (long-term support) was never on the default package index: its tags are those of 1.8.1.
TAGS_FROM = {"1.8.2": "1.8.1"}


@dataclass(frozen=True)
class Cell:
    """What the facts say of one wheel."""

    release: str
    variant: str
    platform: str
    system: str
    facts: dict[str, Any]

    @property
    def evidence(self) -> list[str]:
        """Where it was seen."""
        return list(self.facts["evidence"])

    @property
    def is_guess(self) -> bool:
        """Whether nothing better than a low-confidence guess speaks for it."""
        return bool(self.facts["confidence"] == "low")

    @property
    def is_plain_only(self) -> bool:
        """Whether it is known from the default package index alone, where no label can be."""
        return self.evidence == ["PyPI files"]


def cells(facts: Facts) -> Iterator[Cell]:
    """Give every CUDA and CPU cell of a contract platform."""
    for row in facts.table("wheel_variants")["rows"]:
        for variant, systems in row["variants"].items():
            for system, cell in systems.items():
                if is_variant(variant) and system in PLATFORM_OF:
                    yield Cell(row["torch"], variant, PLATFORM_OF[system], system, cell)


def pythons(facts: Facts, cell: Cell) -> list[str]:
    """Return the interpreters that a wheel was made for."""
    tags = cell.facts["python"] or _tags_of_release(facts, cell)
    seen = cell.facts.get("python_seen_in_lock", [])
    return sorted_pythons(python_version(tag) for tag in [*tags, *seen])


def _tags_of_release(facts: Facts, cell: Cell) -> list[str]:
    """Return the tags of the release's files for this system, else for Linux."""
    wanted = TAGS_FROM.get(cell.release, cell.release)
    for row in facts.table("torch_releases")["rows"]:
        if row["torch"] == wanted:
            tags = row["pypi_python_tags"]
            return list(tags.get(cell.system) or tags["linux_x86_64"])
    return []
