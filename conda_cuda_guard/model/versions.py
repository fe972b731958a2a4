"""Versions and the ranges that a request allows; parsing and comparing are packaging's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version


@lru_cache(maxsize=4096)
def version(text: str) -> Version:
    """Parse a version of torch, CUDA, a driver or a compute capability."""
    return Version(text)


@lru_cache(maxsize=256)
def minor_version(python: str) -> str:
    """Cut an interpreter's version to what builds are made for: `3.11.4` is `3.11`."""
    found = re.match(r"(\d+\.\d+)[^t]*(t?)", python)
    return found[1] + found[2] if found else python


def is_version(text: str) -> bool:
    """Tell whether packaging understands the text as a version."""
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
        """Make a range of PEP 440 specifiers, or None where one of them cannot be read."""
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


def variant_of(cuda: str | None) -> str:
    """Give the variant's name of a CUDA version: `"12.1"` is `cu121`, None is `cpu`."""
    return "cpu" if cuda is None else "cu" + cuda.replace(".", "")


def cuda_of(variant: str) -> str | None:
    """Give the CUDA version of a variant's name (`cu92` is 9.2), None where it names none."""
    digits = variant[2:] if variant.startswith("cu") else ""
    return f"{digits[:-1]}.{digits[-1]}" if len(digits) > 1 and digits.isdigit() else None
