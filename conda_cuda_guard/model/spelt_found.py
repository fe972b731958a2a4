"""Which builds of spelt families are installed, by the names and versions of packages alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .spelling import CUDA_MAJOR, CUDNN_MAJOR
from .versions import cuda_major, public_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .spelling import SpeltBuild, SpeltFamily


@dataclass(frozen=True, eq=False)
class FoundPackage:
    """An installed package of a family.

    `builds` are those that it may be: several where one file holds code for several CUDA versions,
    or where nothing tells them apart; none where nothing is known of its version.
    """

    family: SpeltFamily
    stem: str
    name: str
    version: str
    builds: tuple[SpeltBuild, ...]

    @property
    def title(self) -> str:
        """Its name and version."""
        return f"{self.name} {self.version}"

    @property
    def cuda(self) -> str | None:
        """The CUDA versions that it may be for, in one word; None where it is for none."""
        found = dict.fromkeys(one.cuda for one in self.builds if one.cuda)
        return ", ".join(filter(None, found)) or None

    @property
    def majors(self) -> frozenset[int]:
        """The CUDA major versions that it may be for, where others must share them."""
        if CUDA_MAJOR not in self.family.shares:
            return frozenset()
        return frozenset(cuda_major(one.cuda) for one in self.builds if one.cuda)

    @property
    def cudnns(self) -> frozenset[str]:
        """The major versions of cuDNN that it may load, where others must share them."""
        if CUDNN_MAJOR not in self.family.shares:
            return frozenset()
        return frozenset(one.cudnn for one in self.builds if one.cudnn)

    @property
    def is_cpu(self) -> bool:
        """Whether it is known to be for the CPU alone."""
        return bool(self.builds) and not any(one.cuda for one in self.builds)

    @property
    def is_other_name(self) -> bool:
        """Whether it is the CPU build under a name that no CUDA build has: it was meant."""
        return self.is_cpu and self.name not in self.family.pip_names


def found_in(family: SpeltFamily, versions: Mapping[str, str]) -> Iterator[FoundPackage]:
    """Yield the packages of a family among installed ones, given by normalized names."""
    for stem in family.stems:
        names = (stem, *(one.distribution(stem) for one in family.builds))
        for name in dict.fromkeys(names):
            if name in versions:
                yield _found(family, stem, name, versions)


def _found(family: SpeltFamily, stem: str, name: str, versions: Mapping[str, str]) -> FoundPackage:
    number = public_version(versions[name])
    labels = [one for one in family.labels if number.endswith(one)]
    label = labels[0] if labels else ""
    release = number[: -len(label)] if label else number
    builds = tuple(
        one
        for one in family.builds
        if one.distribution(stem) == name and one.label == label and release in one.releases
    )
    builds = tuple(_by_extra(family, builds, versions))
    return FoundPackage(family, stem, name, versions[name], builds)


def _by_extra(
    family: SpeltFamily, builds: Iterable[SpeltBuild], versions: Mapping[str, str]
) -> Iterable[SpeltBuild]:
    """Return the builds of the extras whose packages are there; all where these do not tell."""
    found = list(builds)
    extras = {one.extra for one in found if one.extra}
    if not extras or not extras <= family.brings.keys():
        return found
    there = {one for one in extras if any(name in versions for name in family.brings[one])}
    return [one for one in found if (one.extra in there if there else not one.extra)]


def not_together(found: Iterable[FoundPackage], names: Iterable[str]) -> tuple[str, ...]:
    """Return the installed packages of which an environment can have only one."""
    there = set(names)
    families = dict.fromkeys(one.family for one in found)
    for family in families:
        both = tuple(one for one in family.one_of if one in there)
        if len(both) > 1:
            return both
    return ()
