"""Versions and ranges of them, parsed and compared by packaging; CUDA versions by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version


@lru_cache(maxsize=4096)
def version(text: str) -> Version:
    """Return a version of a package, CUDA, a driver or a compute capability, parsed."""
    return Version(text)


@lru_cache(maxsize=256)
def minor_version(python: str) -> str:
    """Return the minor version of an interpreter: `3.11` of `3.11.4`."""
    found = re.match(r"(\d+\.\d+)[^t]*(t?)", python)
    return found[1] + found[2] if found else python


def listed_pythons(pythons: Iterable[str]) -> str:
    """Return Pythons in one line, the oldest first; `3.13t` is as old as 3.13."""
    return ", ".join(sorted(pythons, key=lambda one: (version(one.rstrip("t")), one)))


def minor_release(release: str) -> str:
    """Return the series that a release of a package is of: `2.10` of `2.10.0`."""
    return ".".join(release.split(".")[:2])


def exactly(number: str) -> str:
    """Return the specifier of one version; that of a plain one admits no label."""
    return f"=={number}" if "+" in number else f"==={number}"


def public_version(text: str) -> str:
    """Return a version without its local label."""
    return text.partition("+")[0]


def is_version(text: str) -> bool:
    """Return whether packaging can parse the text as a version."""
    try:
        version(text)
    except InvalidVersion:
        return False
    return True


_PATCHES = 40  # no Python has had as many patch releases


@dataclass(frozen=True)
class Range:
    """The versions that a request allows: any of the alternatives (conda's `|`), or all."""

    alternatives: tuple[str, ...] = ("",)

    def __contains__(self, text: object) -> bool:
        return any(_allows(one, str(text)) for one in self.alternatives)

    def __str__(self) -> str:
        return "|".join(self.alternatives)

    def allows_minor(self, python: str) -> bool:
        """Return whether a patch release of a Python is allowed: `==3.9.12` allows 3.9."""
        minor = python.rstrip("t")
        return minor in self or any(f"{minor}.{patch}" in self for patch in range(_PATCHES))

    @property
    def is_any(self) -> bool:
        """Whether nothing is excluded."""
        return self.alternatives == ("",)

    @property
    def is_exact(self) -> bool:
        """Whether it names one version and no other."""
        text = self.alternatives[0]
        single = len(self.alternatives) == 1 and text.startswith("==") and "," not in text
        return single and not text.endswith("*")

    @classmethod
    def of(cls, *alternatives: str) -> Range | None:
        """Return the range of these PEP 440 specifiers; None where one cannot be parsed."""
        try:
            for one in alternatives:
                _specifiers(one)
        except InvalidSpecifier:
            return None
        return cls(alternatives or ("",))


ANY = Range()


@lru_cache(maxsize=4096)
def _specifiers(text: str) -> SpecifierSet:
    return SpecifierSet(text)


@lru_cache(maxsize=65536)
def _allows(specifiers: str, text: str) -> bool:
    # Post releases and betas that the catalogue lists do exist, so none is held back.
    return not specifiers or _specifiers(specifiers).contains(text, prereleases=True)


class Cuda(NamedTuple):
    """A CUDA version as it is named somewhere, perhaps by its major number alone (`cuda12`)."""

    major: int
    minor: int | None = None

    def __str__(self) -> str:
        """Return `"12.1"`; of a major number alone the oldest version that it may mean."""
        return f"{self.major}.{self.minor or 0}"

    @property
    def range(self) -> Range:
        """The versions that it may mean."""
        return Range((f"=={self.major}.*" if self.minor is None else f"=={self}",))


_CUDA = re.compile(r"(?:cu(?:da)?-?)?(\d+)(?:\.(\d+)(?:\.\d+)*)?", re.ASCII | re.IGNORECASE)
# `cuda_129py311h…` is 12.9 too, where `…_cuda_200` ends with a build number.
_IN_BUILD = re.compile(
    r"(?<![a-z])cu(?:da(?:_(?=\d+py))?)?(\d+(?:\.\d+)?)", re.ASCII | re.IGNORECASE
)
# Of two digits, `cu92` is 9.2 and `cu12` a major number: 9.2 was the last of the first kind.
_FIRST_OF_TWO_PARTS = 50


@lru_cache(maxsize=1024)
def read_cuda(text: str) -> Cuda | None:
    """Return the CUDA version that a text names; None where it names none.

    `cu121`, `cuda121`, `cuda12.1`, `12.1`, `cuda12`, `cu92` and `cuda100` do.
    """
    found = _CUDA.fullmatch(text)
    if found is None:
        return None
    digits, minor = found.groups()
    if minor is not None:
        return Cuda(int(digits), int(minor))
    if len(digits) == 1 or (len(digits) == 2 and int(digits) < _FIRST_OF_TWO_PARTS):  # noqa: PLR2004
        return Cuda(int(digits))
    if len(digits) > len("1210"):
        return None
    at = 1 if len(digits) == 2 else 2  # noqa: PLR2004
    return Cuda(int(digits[:at]), int(digits[at:]))


def cuda_in_build(build: str) -> Cuda | None:
    """Return the CUDA version in a conda build string or a pattern; None without one.

    `py3.11_cuda12.1_cudnn8.9.2_0` of channel pytorch, `cuda129_mkl_py311_h…_301` of conda-forge.
    """
    found = _IN_BUILD.search(build)
    return read_cuda(found[1]) if found else None


def variant_of(cuda: str | None) -> str:
    """Return the variant's name of a CUDA version: `"12.1"` is `cu121`, None is `cpu`."""
    return "cpu" if cuda is None else "cu" + cuda.replace(".", "")


def cuda_major(cuda: str) -> int:
    """Return the major number of a CUDA version."""
    return version(cuda).major


def cuda_of(variant: str) -> str | None:
    """Return the CUDA version of a variant's name (`cu92` is 9.2), None where it names none."""
    found = read_cuda(variant) if variant.startswith("cu") and variant[2:].isdigit() else None
    return None if found is None or found.minor is None else str(found)
