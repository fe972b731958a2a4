"""A family: packages whose builds differ by CUDA and belong together (contract, section 8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .companions import Follower


@dataclass(frozen=True)
class Member:
    """One package of a family: its normalized name on pip, and its name on conda.

    `variants_since` is the first version that has a file for each variant on the flat pages, where
    file names carry no label; None for a package that has one file for all variants there.
    `brought`: the lead's own metadata asks for it, so that it comes and goes with the lead;
    `plain`: its files have no variant, and pip's default index has them. `beside` are packages of
    the family that its metadata asks for without saying which version.
    """

    pip: str
    conda: str
    variants_since: str | None = None
    brought: bool = False
    plain: bool = False
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class CondaName:
    """What another conda name of a family stands for.

    `package` is the member's name on pip; `variant` is `cuda`, `cpu` or empty (it names none).
    """

    package: str
    variant: str = ""


@dataclass(frozen=True)
class CondaNames:
    """A family in conda's words.

    `selectors` are packages that choose the variant (`pytorch-cuda=12.1`), `cpu_selector` and
    `cuda_selector` those of the family's own channel; `feature_packages` named one CUDA version
    each in the first releases. `metapackages` stay beside the build that they mean. `channel` is
    the family's own, `channels` those that a plan may add, `carriers` those that have packages of
    the lead's name: under strict priority the first of them hides the rest. `asked` are the
    packages that a channel is asked about.
    """

    other_names: Mapping[str, CondaName] = field(default_factory=dict)
    metapackages: tuple[str, ...] = ()
    selectors: tuple[str, ...] = ()
    cpu_selector: str = ""
    cuda_selector: str = ""
    feature_packages: tuple[str, ...] = ()
    channel: str = ""
    asked: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()


@dataclass(frozen=True)
class AddressRules:
    """Where a family's wheels are, and whose addresses look like it.

    `bases` are those of its own wheel index, whose last folder is `folder`; `trees` the folders of
    nightly and test builds right below it. `boards` have wheels for NVIDIA's boards, `accelerators`
    for other makers' GPUs, `projects` are other projects' indexes and pages.
    """

    bases: tuple[str, ...] = ()
    folder: str = ""
    trees: tuple[str, ...] = ()
    boards: tuple[str, ...] = ()
    accelerators: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conflict:
    """Releases of a lead that work with some versions of another package alone.

    `releases` is a specifier of the lead, `bound` the specifier of the versions of `package` (its
    normalized name) that these work with.
    """

    releases: str
    package: str
    bound: str


@dataclass(frozen=True)
class LeadAbi:
    """The C++ ABI that releases of a lead are compiled with, as names of files spell it.

    `releases` is a specifier of the lead; `variant` is empty where it is so for all variants.
    """

    releases: str
    variant: str
    abi: str


@dataclass(frozen=True, eq=False)
class Family:
    """One data file of the catalogue.

    `lead` is the package whose release the others belong to; `members` are the others, `followers`
    those of them that have a file of their own, by name. `conflicts` are what is known to break at
    run time though the metadata of the packages allows it. `cudnn` are the major versions of cuDNN
    that its builds load, with the releases that load each; of `abis` the first that fits a build of
    the lead counts. `libraries` are packages on pip that its builds ask for in exactly one version,
    which begins with their CUDA version (`nvidia-cuda-runtime-cu12==12.4.127`).
    """

    name: str
    lead: Member
    members: tuple[Member, ...]
    conda: CondaNames
    addresses: AddressRules = field(default_factory=AddressRules)
    conflicts: tuple[Conflict, ...] = ()
    followers: Mapping[str, Follower] = field(default_factory=dict)
    cudnn: Mapping[str, str] = field(default_factory=dict)
    abis: tuple[LeadAbi, ...] = ()
    libraries: tuple[str, ...] = ()

    @cached_property
    def pip_names(self) -> tuple[str, ...]:
        """Return the names on pip, the lead's first."""
        return tuple(one.pip for one in (self.lead, *self.members))

    @cached_property
    def companions(self) -> tuple[str, ...]:
        """Return the names on pip of all but the lead."""
        return self.pip_names[1:]

    @cached_property
    def own_names(self) -> tuple[str, ...]:
        """Return the names on pip of the lead and of those released with it: no followers."""
        return tuple(one for one in self.pip_names if one not in self.followers)

    @cached_property
    def moving(self) -> tuple[str, ...]:
        """Return the companions that nothing but this tool moves with an installed lead."""
        return tuple(one.pip for one in self.members if not one.brought)

    @cached_property
    def conda_names(self) -> tuple[str, ...]:
        """Return the names on conda of the members, the lead's first."""
        return tuple(one.conda for one in (self.lead, *self.members) if one.conda)

    @cached_property
    def by_conda_name(self) -> Mapping[str, CondaName]:
        """Return what every conda name of the family stands for."""
        own = {one.conda: CondaName(one.pip) for one in (self.lead, *self.members) if one.conda}
        return {**self.conda.other_names, **own}

    def member(self, pip_name: str) -> Member:
        """Return the member with a name on pip; raises KeyError for another's."""
        return {one.pip: one for one in (self.lead, *self.members)}[pip_name]

    def lead_name(self, manager: str) -> str:
        """Return the lead's name for `pip` or `conda`."""
        return self.lead.pip if manager == "pip" else self.lead.conda
