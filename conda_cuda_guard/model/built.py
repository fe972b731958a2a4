"""Families whose files are built against a release of the lead (contract, section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from .versions import Range, minor_release

if TYPE_CHECKING:
    from .family import Family


@dataclass(frozen=True)
class Against:
    """The build of the lead that files must agree with.

    `release` is its version without a label, `variant` its variant (`cu121`, `cpu`), `abi` the C++
    ABI that it was compiled with, as the names of files spell it.
    """

    release: str
    variant: str
    abi: str = ""

    @property
    def minor(self) -> str:
        """Its release series: `2.5` of 2.5.1."""
        return minor_release(self.release)

    @property
    def version(self) -> str:
        """Its version with its label."""
        return f"{self.release}+{self.variant}"

    @property
    def major(self) -> str:
        """The variant of its CUDA major version alone: `cu12` of `cu121`; `cpu` of `cpu`."""
        return self.variant if self.variant == "cpu" else self.variant[:-1]

    def of(self, template: str) -> str:
        """Return a template filled in with it; what else stands in braces stays."""
        for name, text in (
            ("{minor}", self.minor),
            ("{minor_digits}", self.minor.replace(".", "")),
            ("{variant}", self.variant),
            ("{major}", self.major),
            ("{abi}", self.abi),
        ):
            template = template.replace(name, text)
        return template


def against(release: str, variant: str, family: Family) -> Against:
    """Return a build of the lead as files are to agree with it, with its C++ ABI."""
    abis = (
        one.abi
        for one in family.abis
        if release in Range((one.releases,)) and one.variant in ("", variant)
    )
    return Against(release, variant, next(abis, ""))


@dataclass(frozen=True)
class BuiltFiles:
    """Files that are there for some releases and variants of the lead.

    `minors` are release series of the lead (none: any), `variants` its variants, or `cu12` for any
    of a CUDA major version. `versions` maps a package to its versions, newest first. `pythons` and
    `platforms` are those that there are files for (none: any), `abis` the C++ ABIs, `labels` the
    local version labels of their names, as templates.

    They lie on a `page` for pip's find-links, in an `index`, or are a `file` of their own, all as
    templates for `Against.of`; a file's also has `{version}`, `{python}` and `{arch}`. Where none
    is given, pip's default index has them.
    """

    minors: tuple[str, ...]
    variants: tuple[str, ...]
    versions: Mapping[str, tuple[str, ...]]
    pythons: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    abis: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    page: str = ""
    index: str = ""
    file: str = ""

    def agrees(self, against: Against) -> bool:
        """Return whether they are built against a build of the lead."""
        if self.minors and against.minor not in self.minors:
            return False
        if self.variants and not {against.variant, against.major} & set(self.variants):
            return False
        return not self.abis or not against.abi or against.abi in self.abis


@dataclass(frozen=True)
class SourceBuild:
    """What it takes to build a family where it has no file.

    `needs` is `nvcc` (it is compiled by CUDA's compiler) or `jit` (compiled where it is first
    used). `flags` are pip's options, `variables` those of the environment; `memory` is the memory
    in GB that each job takes, `minutes` how long it takes on 64 cores, `hours` on one.
    `requirement` stands for the name where pip's default index has another project of that name,
    or none. `tools` are the packages that building needs beside the lead.
    """

    needs: str = "nvcc"
    flags: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    memory: str = ""
    minutes: str = ""
    hours: str = ""
    requirement: str = ""
    tools: tuple[str, ...] = ("setuptools", "wheel")


@dataclass(frozen=True, eq=False)
class BuiltFamily:
    """A family whose files are built against a release of the lead.

    `packages` are its names on pip. `page` is where files for a release lie that is not among
    `files`, if any. `labels` are the local version labels of its files, as templates. `newest` maps
    a package to its newest version anywhere, `capability` is the least compute capability that it
    has code for. `conda` maps a package to its name on conda-forge. Without `needs_lead` it can be
    built alone. Of an `exact` one the same page lists files for every build of the lead, so that
    the label is to be asked for.
    """

    name: str
    packages: tuple[str, ...]
    files: tuple[BuiltFiles, ...]
    source: SourceBuild
    page: str = ""
    labels: tuple[str, ...] = ()
    newest: Mapping[str, str] = field(default_factory=dict)
    capability: str = ""
    conda: Mapping[str, str] = field(default_factory=dict)
    needs_lead: bool = True
    exact: bool = False

    def has_files_of(self, package: str) -> bool:
        """Return whether there are files of a package at all, as far as is known."""
        return any(package in one.versions for one in self.files)

    @cached_property
    def starts(self) -> tuple[str, ...]:
        """Return what the addresses of its pages and indexes begin with."""
        places = (place for one in self.files for place in (one.page, one.index) if place)
        return tuple(dict.fromkeys(place.partition("{")[0] for place in places))

    @cached_property
    def on_cpu(self) -> bool:
        """Whether it has files for the CPU."""
        return any("cpu" in one.variants or not one.variants for one in self.files)
