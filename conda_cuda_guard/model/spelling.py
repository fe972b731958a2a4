"""Families whose builds are told apart by how a requirement is spelt (contract, section 8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from .versions import ANY, Range

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class SpeltBuild:
    """Releases of a family that are built alike, and how pip is asked for them.

    `releases` are the versions that are built so, `known` those that were seen, newest first.
    `cuda` is the CUDA version that a driver must run (None: a build for the CPU), `variant` its
    name. `suffix` is what the distribution's name ends in (`-cuda12x`), `name` the whole name where
    it has another; `extra` is the extra that asks for it. `index` and `page` are the addresses that
    have it, where pip's default index does not.

    `pythons` are the interpreters that it has files for, `platforms` its platforms (empty: all),
    `libc` the oldest C library that they run with, `capabilities` the compute capabilities that it
    has code for.
    """

    variant: str
    cuda: str | None
    releases: Range = ANY
    known: tuple[str, ...] = ()
    suffix: str = ""
    name: str = ""
    extra: str = ""
    index: str = ""
    page: str = ""
    pythons: Range = ANY
    platforms: tuple[str, ...] = ()
    libc: str | None = None
    capabilities: Range = ANY

    def distribution(self, stem: str) -> str:
        """Return the name of the distribution that has it."""
        return self.name or stem + self.suffix

    def admits(self, allows: Range) -> str | None:
        """Return the newest release that a range allows; None where it allows none.

        A version that was typed whole may be newer than what was seen.
        """
        if allows.is_exact:
            number = str(allows).removeprefix("==")
            return number if number in self.releases else None
        if not self.known and allows.is_any:
            return ""
        return next((one for one in self.known if one in self.releases and one in allows), None)


@dataclass(frozen=True, eq=False)
class SpeltFamily:
    """A family whose builds differ by name, extra, range of versions or index.

    `stems` are the names that its distributions' names begin with, the whole of them where it has
    no suffixes. `aliases` are other words for an extra (`cuda` is `cuda12`). `shares` names what
    must be the same for all families in one process (`cuda.major`, `cudnn.major`). Of `one_of` only
    one can be in an environment. `ended` names what replaces a family that has no new releases.
    """

    name: str
    stems: tuple[str, ...]
    builds: tuple[SpeltBuild, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)
    shares: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    ended: str = ""

    @cached_property
    def pip_names(self) -> tuple[str, ...]:
        """Return every name on pip, the stems first."""
        built = (one.distribution(stem) for stem in self.stems for one in self.builds)
        return tuple(dict.fromkeys((*self.stems, *built)))

    @cached_property
    def extras(self) -> tuple[str, ...]:
        """Return the extras that choose a build."""
        return tuple(dict.fromkeys(one.extra for one in self.builds if one.extra))

    def stem_of(self, name: str) -> str | None:
        """Return the stem of a distribution's normalized name; None for another's."""
        if name in self.stems:
            return name
        found = (
            stem for stem in self.stems for one in self.builds if one.distribution(stem) == name
        )
        return next(found, None)
