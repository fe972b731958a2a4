"""Families whose builds are told apart by how a requirement is spelt (contract, section 8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from .versions import ANY, Range

# What builds must have in common with the rest of a request, as a family's `shares` names it:
# CUDA's major version, the very version of CUDA that the lead is built for, cuDNN's major version.
CUDA_MAJOR, CUDA_EXACT, CUDNN_MAJOR = "cuda.major", "cuda.minor", "cudnn.major"


@dataclass(frozen=True)
class SpeltBuild:
    """Releases of a family that are built alike, and how pip is asked for them.

    `releases` are the versions that are built so, `known` those that were seen, newest first;
    `own` are those of single stems whose versions are not the others'. `cuda` is the CUDA version
    that a driver must run (None: a build for the CPU), `variant` its name, `cudnn` the major
    version of cuDNN that it loads.

    `suffix` is what the distribution's name ends in (`-cuda12x`), `name` the whole name where it
    has another; `extra` is the extra that asks for it, `label` what its version ends in
    (`.post120`). `index` and `page` are the addresses that have it, where pip's default index does
    not. One that is `pinned` is asked for by its version, as pip's default index has newer files of
    the same name that are something else. A `fallback` is taken where nothing else runs, or where
    it was named; a `legacy` one, which needs CUDA's libraries from elsewhere, where nothing else is
    for what was asked.

    `pythons` are the interpreters that it has files for, `platforms` its platforms (empty: all),
    `libc` the oldest C library that they run with, `capabilities` the compute capabilities that it
    has code for, `drivers` the oldest drivers by operating system, where they are newer than those
    that its CUDA version asks for.
    """

    variant: str
    cuda: str | None
    releases: Range = ANY
    known: tuple[str, ...] = ()
    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cudnn: str | None = None
    suffix: str = ""
    name: str = ""
    extra: str = ""
    label: str = ""
    index: str = ""
    page: str = ""
    pinned: bool = False
    fallback: bool = False
    legacy: bool = False
    pythons: Range = ANY
    platforms: tuple[str, ...] = ()
    libc: str | None = None
    capabilities: Range = ANY
    drivers: Mapping[str, str] = field(default_factory=dict)

    def distribution(self, stem: str) -> str:
        """Return the name of the distribution that has it."""
        return self.name or stem + self.suffix

    def seen(self, stem: str) -> tuple[str, ...]:
        """Return the known versions of a stem's distribution, newest first."""
        return self.own.get(stem, self.known)

    def is_asked_as(self, other: SpeltBuild, stem: str) -> bool:
        """Return whether both are asked for by the same name, extra and address."""
        ours, theirs = (
            (one.distribution(stem), one.extra, one.index, one.page) for one in (self, other)
        )
        return ours == theirs

    def is_found_with(self, other: SpeltBuild, stem: str) -> bool:
        """Return whether pip finds its files where it looks for another build's."""
        places = ("", ""), (other.index, other.page)
        same = self.distribution(stem) == other.distribution(stem)
        return same and (self.index, self.page) in places

    def is_for(self, platform: str, python: str | None) -> bool:
        """Return whether it has files for a platform and an interpreter, as far as is known."""
        of_python = python is None or self.pythons.allows_minor(python)
        return of_python and (not self.platforms or platform in self.platforms)

    def floor_of(self, platform: str) -> str | None:
        """Return the oldest driver that it asks for by itself on a platform, if it does."""
        return self.drivers.get(platform.partition("-")[0])

    def admits(
        self, allows: Range, stem: str, is_there: Callable[[str], bool] | None = None
    ) -> str | None:
        """Return the newest release that a range allows; None where it allows none.

        A version that was typed whole may be newer than what was seen. Of what was seen, `is_there`
        tells what can be had.
        """
        if allows.is_exact:
            number = str(allows).lstrip("=")
            made = stem not in self.own or bool(self.own[stem])
            return number if made and number in self.releases else None
        seen = self.seen(stem)
        if not seen and allows.is_any and stem not in self.own:
            return ""
        found = (one for one in seen if one in self.releases and one in allows)
        return next((one for one in found if is_there is None or is_there(one)), None)


@dataclass(frozen=True, eq=False)
class SpeltFamily:
    """A family whose builds differ by name, extra, range of versions or index.

    `stems` are the names that its distributions' names begin with, the whole of them where it has
    no suffixes. `aliases` are other words for an extra (`cuda` is `cuda12`). `shares` names what
    must be the same for all families in one process. Of `one_of` only one can be in an environment.
    `not_cuda` are extras that ask for something else than CUDA (`tpu`).
    `from_source` is what builds it for CUDA where there is no file. `ended` names what to use in
    the place of a family that has no new releases. Without builds there is nothing to choose.
    `brings` maps an extra to packages that it alone brings, by which an installed build is told.
    `verify` are lines of Python that try it on the GPU (docs/families.md).
    """

    name: str
    stems: tuple[str, ...]
    builds: tuple[SpeltBuild, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    shares: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    from_source: str = ""
    ended: str = ""
    brings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    verify: tuple[str, ...] = ()
    not_cuda: tuple[str, ...] = ()

    @cached_property
    def cuda_builds(self) -> tuple[SpeltBuild, ...]:
        """Return the builds for CUDA."""
        return tuple(one for one in self.builds if one.cuda is not None)

    @cached_property
    def pip_names(self) -> tuple[str, ...]:
        """Return every name on pip that asks for CUDA or leaves it open, the stems first."""
        built = (one.distribution(stem) for stem in self.stems for one in self.cuda_builds)
        return tuple(dict.fromkeys((*self.stems, *built)))

    @cached_property
    def extras(self) -> tuple[str, ...]:
        """Return the extras that choose a build."""
        return tuple(dict.fromkeys(one.extra for one in self.builds if one.extra))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Return what versions of single builds end in."""
        return tuple(dict.fromkeys(one.label for one in self.builds if one.label))

    def stem_of(self, name: str) -> str | None:
        """Return the stem of a distribution's normalized name; None for another's."""
        if name in self.stems:
            return name
        found = (
            stem
            for stem in self.stems
            for one in self.cuda_builds
            if one.distribution(stem) == name
        )
        return next(found, None)
