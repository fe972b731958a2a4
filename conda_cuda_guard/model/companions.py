"""Companions: what of the other packages of a family belongs to a release of its lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .versions import Range


@dataclass(frozen=True)
class Place:
    """Versions of a follower that have files for some variants alone, and where these are.

    `variants` are those that they are for (empty: all but `without`). `labelled`: they carry the
    variant's label; `index` is the address that has them, with `{version}` and `{variant}` to fill
    in, empty for that of the lead or pip's default one. `pythons`, `libc` and `capabilities` (of
    GPUs) are what they need.
    """

    versions: Range
    variants: frozenset[str]
    without: frozenset[str]
    labelled: bool
    index: str
    pythons: Range
    libc: str | None
    capabilities: Range

    def has(self, number: str, variant: str) -> bool:
        """Return whether it has files of a version for a variant."""
        return (
            number in self.versions
            and variant not in self.without
            and (not self.variants or variant in self.variants)
        )

    def covers(self, capability: str | None, variant: str) -> bool:
        """Return whether a variant's files have code for a GPU; those for the CPU need none."""
        return variant == "cpu" or capability is None or capability in self.capabilities


@dataclass(frozen=True)
class Companion:
    """The versions of a companion package that belong to a torch release, the best one first.

    `labelled` says whether its files carry the local version label of the torch they belong to;
    `pins_torch` whether the metadata of the first asks for exactly this torch. `ranged` are the
    versions that ask for this torch or an older one and anything newer, `lacking` the versions with
    a variant that they have no file for. `platforms` are those that it has files for (empty: all);
    of the versions in `places` there are files for the variants named there alone. `is_follower`:
    it has releases of its own, whose numbers say nothing of the release that they belong to.
    """

    package: str
    versions: tuple[str, ...]
    labelled: bool = True
    pins_torch: bool = True
    ranged: frozenset[str] = frozenset()
    lacking: frozenset[tuple[str, str]] = frozenset()
    platforms: frozenset[str] = frozenset()
    places: tuple[Place, ...] = ()
    is_follower: bool = False

    @property
    def is_partial(self) -> bool:
        """Whether versions of it lack variants."""
        return bool(self.lacking or self.places)

    def pins(self, number: str) -> bool:
        """Return whether the metadata of a version asks for exactly this torch."""
        return self.pins_torch and number not in self.ranged

    def of(self, variant: str | None) -> tuple[str, ...]:
        """Return the versions that have files for a variant; all of them for None."""
        return tuple(
            one
            for one in self.versions
            if (one, variant) not in self.lacking and (variant is None or self._has(one, variant))
        )

    def place(self, number: str, variant: str) -> Place | None:
        """Return where a version's files for a variant are; None where the lead's are."""
        return next((one for one in self.places if one.has(number, variant)), None)

    def label(self, number: str, variant: str, label: str) -> str:
        """Return the label of a version's files beside a build of the lead with its label."""
        place = self.place(number, variant)
        if place is not None and place.index:
            return f"+{variant}" if place.labelled else ""
        return label if (self.labelled if place is None else place.labelled) else ""

    def _has(self, number: str, variant: str) -> bool:
        known = [one for one in self.places if number in one.versions]
        return not known or any(one.has(number, variant) for one in known)
