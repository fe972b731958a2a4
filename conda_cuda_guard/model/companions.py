"""What belongs to a release of a lead: companions, and followers with releases of their own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .versions import Range


@dataclass(frozen=True)
class FilePlace:
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
    places: tuple[FilePlace, ...] = ()
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

    def place(self, number: str, variant: str) -> FilePlace | None:
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


@dataclass(frozen=True)
class FilePlaceRow:
    """Versions of a follower that have files for some variants alone, and where, as in its file.

    `versions` is a specifier of them, `variants` are those that they are for, `without` those that
    they are not for. `python`, `libc` and `capabilities` (specifiers, any of which will do) are
    what the files need; the rest is as in `FilePlace`.
    """

    versions: str
    variants: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    labelled: bool | None = None
    index: str = ""
    python: str = ""
    libc: str | None = None
    capabilities: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Follower:
    """A package with releases of its own, each for some releases of a lead.

    `versions` are its own, newest first, each with the specifier of the lead's releases that it
    belongs to. `pins_lead`: its metadata names them. `platforms` are those that it has files for
    (empty: all), `rows` the versions that have files for some variants alone.
    """

    package: str
    versions: tuple[tuple[str, str], ...]
    labelled: bool
    pins_lead: bool
    platforms: frozenset[str] = frozenset()
    rows: tuple[FilePlaceRow, ...] = ()
    _known: dict[str, Companion | None] = field(default_factory=dict, repr=False)

    def companion(self, release: str) -> Companion | None:
        """Return what of it belongs to a release of the lead; None where nothing does."""
        if release not in self._known:
            self._known[release] = self._companion(release)
        return self._known[release]

    def with_needs(self, needs: Mapping[str, str]) -> Follower:
        """Return it with versions whose metadata was read just now, which goes before data."""
        from .versions import version  # late: it loads packaging

        merged = sorted(
            {**dict(self.versions), **needs}.items(), key=lambda one: version(one[0]), reverse=True
        )
        return replace(self, versions=tuple(merged), _known={})

    def without_indexes(self) -> Follower:
        """Return it without what lies in an index of its own."""
        return replace(self, rows=tuple(one for one in self.rows if not one.index), _known={})

    def _companion(self, release: str) -> Companion | None:
        belong = [(one, need) for one, need in self.versions if admits(need, release)]
        if not belong:
            return None
        return Companion(
            self.package,
            tuple(number for number, _ in belong),
            self.labelled,
            self.pins_lead,
            frozenset(number for number, need in belong if not is_exact(need)),
            platforms=self.platforms,
            places=self.places,
            is_follower=True,
        )

    @cached_property
    def places(self) -> tuple[FilePlace, ...]:
        """Return the rows with their ranges read."""
        from .versions import Range

        return tuple(
            FilePlace(
                Range((row.versions,)),
                row.variants,
                row.without,
                self.labelled if row.labelled is None else row.labelled,
                row.index,
                Range((row.python,)),
                row.libc,
                Range(row.capabilities or ("",)),
            )
            for row in self.rows
        )


def admits(need: str, release: str) -> bool:
    """Return whether a specifier admits a release of the lead; most name one."""
    from .versions import Range

    return need[2:] == release if is_exact(need) else release in Range((need,))


def is_exact(need: str) -> bool:
    """Return whether a specifier names one release and no other."""
    return need.startswith("==") and "," not in need and not need.endswith("*")


def needs_of(requires: tuple[str, ...], lead: str) -> str | None:
    """Return the lead's releases that a file's metadata asks for; None where it names none."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    from .versions import Range

    found = []
    for text in requires:
        try:
            one = Requirement(text)
        except InvalidRequirement:
            continue
        if canonicalize_name(one.name) == lead and "extra" not in str(one.marker or ""):
            found.append(str(one.specifier))
    bound = ",".join(filter(None, found))
    return bound if bound and Range.of(bound) is not None else None
