"""Releases and their builds, and the tables that decide where a build runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .addresses import Place
    from .built import BuiltFamily
    from .companions import Companion
    from .conda import ChannelAnswer, CondaFamily
    from .family import Family
    from .host import Host
    from .plan import Note
    from .sources import Answer, Wheel
    from .spelling import SpeltFamily


@dataclass(frozen=True)
class Architectures:
    """The GPU code inside a build: compute capabilities as `"8.6"`."""

    machine_code: tuple[str, ...]
    ptx: tuple[str, ...] = ()


@dataclass(frozen=True)
class Build:
    """One variant of one release of a family's lead, on one platform, in one source.

    `package` is the lead's name on pip.

    `variant` is `"cu121"` or `"cpu"`, `cuda` its CUDA version (`"12.1"`, None for CPU). `pythons`
    are the interpreters it was made for (`"3.11"`, `"3.13t"`; empty when not known), perhaps among
    others where `sampled`; `libc` is the oldest C library that its files run with (`"glibc 2.28"`;
    None when not known, or none). `architectures` is its GPU code; with `stand_in`, that of another
    build which is taken for it. `board` is the kind of board it was made for alone (`"jetson"`).

    `source` is one of the contract's `pytorch-index`, `user-index`, `pytorch-channel`,
    `conda-forge`.

    For pip, `label` is the local version label that the file names carry (`"+cu121"`, or empty),
    `index` the path of its index below the base of the wheel index (`"cu121"`), `page` the path of
    the flat page that lists it, for releases that no index lists (`"torch_stable.html"`); both are
    None for a build that the user's own index serves. `base` is the address of the wheel index that
    has it (None: the one in use), `flat` says that its folders are pages of links.

    `wheel_variant` is the label of a build that is there as variant wheels alone, whose `base` is
    the file that describes them; such a build runs with its own CUDA version and no older one.

    For conda, `selectors` are the MatchSpecs that choose the variant, `build_glob` is what its
    build strings look like, and `channels` are those it needs, in order.
    """

    release: str
    variant: str
    cuda: str | None
    platform: str
    source: str
    pythons: frozenset[str] = frozenset()
    architectures: Architectures | None = None
    label: str = ""
    index: str | None = None
    page: str | None = None
    selectors: tuple[str, ...] = ()
    build_glob: str | None = None
    channels: tuple[str, ...] = ()
    base: str | None = None
    flat: bool = False
    sampled: bool = False
    stand_in: bool = False
    libc: str | None = None
    board: str | None = None
    package: str = ""
    wheel_variant: str = ""

    def is_for(self, host: Host) -> bool:
        """Return whether it has a file for a machine's platform, Python and C library."""
        return host.takes((self.platform,), self.pythons, self.libc)


@dataclass(frozen=True)
class Release:
    """One torch release and what belongs to it, by manager: pip and conda differ in places."""

    version: str
    pip: Mapping[str, Companion]
    conda: Mapping[str, Companion]

    def on_pip(self, package: str, family: Family) -> Companion | None:
        """Return what of a companion or follower belongs to it on pip, on any platform."""
        follower = family.followers.get(package)
        found = self.pip.get(package)
        return found or (follower.companion(self.version) if follower is not None else None)


@dataclass(frozen=True)
class DriverRow:
    """The oldest driver of the general release of one CUDA minor version, per system."""

    cuda: str
    linux: str | None
    windows: str | None
    branch: str | None = None


@dataclass(frozen=True)
class Drivers:
    """NVIDIA's driver table, newest CUDA first, and the floors of minor-version compatibility.

    `floors` maps a CUDA major version to (Linux, Windows) driver versions.
    """

    rows: tuple[DriverRow, ...]
    floors: Mapping[int, tuple[str, str]]


@dataclass(frozen=True)
class Toolkits:
    """What a CUDA toolkit can build at all.

    `oldest` maps a CUDA major version to the oldest compute capability it still builds for;
    `first` maps a compute capability to the first CUDA version that builds for it. `boards` are the
    capabilities of NVIDIA's boards, which do not run the machine code of another capability.
    """

    oldest: Mapping[int, str]
    first: Mapping[str, str]
    boards: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class BuiltFamilies:
    """The families that are built against the lead by their names on pip.

    Each is made when it is first asked for.
    """

    makers: Mapping[str, Callable[[], BuiltFamily]] = field(default_factory=dict)

    def named(self, name: str) -> BuiltFamily | None:
        """Return the family that a normalized name belongs to; None for another's."""
        make = self.makers.get(name)
        return None if make is None else make()

    def __iter__(self) -> Iterator[BuiltFamily]:
        """Yield every family, once."""
        return iter({id(one): one for one in (make() for make in self.makers.values())}.values())


@dataclass(frozen=True, eq=False)
class SpeltFamilies:
    """The spelt families by their names on pip, each made when it is first asked for.

    `ranged` are the names that have builds of several CUDA versions, told apart by their version,
    `beside` those that are known and for the CPU. `stem_like` returns the bare name of a family
    for a name that is spelt like one of its builds and is none (`cupy-cuda14x`).
    """

    makers: Mapping[str, Callable[[], SpeltFamily]] = field(default_factory=dict)
    ranged: tuple[str, ...] = ()
    beside: frozenset[str] = frozenset()
    stem_like: Callable[[str], str | None] = lambda _name: None

    def named(self, name: str) -> SpeltFamily | None:
        """Return the family that a normalized name belongs to; None for another's."""
        make = self.makers.get(name)
        return None if make is None else make()

    def __iter__(self) -> Iterator[SpeltFamily]:
        """Yield every family, once."""
        return iter(dict.fromkeys(make() for make in self.makers.values()))


@dataclass(frozen=True)
class Catalogue:
    """What the planner needs to know for one manager on one platform.

    `family` is the one whose lead decides, `spelt` are those whose builds are told apart by how a
    requirement is spelt, `on_conda` those that have builds on conda, `off_conda` names on pip of
    those that are known to have none there, and `listed` what the channels in force have of them,
    in their order, where these were asked. `builds` are those of its
    sources, newest release first; `plain` maps a release to the variant that a default package
    index serves without a label; `elsewhere` returns the builds of the other source that a refused
    request could turn to (asked only then). Where the indexes were asked, `own` are the builds that
    the user's main index serves as plain wheels, `heard` what the indexes and pages in force have
    of the family, `files` what the wheel index in use has, `variant_files` the variant wheels of
    all, and `notes` what there is to tell of them. `unreachable` is the wheel index that cannot be
    had now: `builds` are then those of other sources. `foreign` are the addresses in force that
    name a variant and were heard to list nothing of the family. `built` are the families that
    are built against the lead; `heard_of_built` maps the addresses of theirs that were asked to
    the wheels that are there, `dead` the places of families that cannot be had now (a host, or a
    page of it) to an address that was asked and what it answered. `served` are packages that
    another project's index in force has, with its address.
    """

    releases: tuple[Release, ...]
    builds: tuple[Build, ...]
    drivers: Drivers
    toolkits: Toolkits
    plain: Mapping[str, str]
    family: Family
    elsewhere: Callable[[], tuple[Build, ...]]
    own: tuple[Build, ...] = ()
    heard: tuple[Answer, ...] = ()
    files: tuple[Wheel, ...] = ()
    variant_files: tuple[Wheel, ...] = ()
    notes: tuple[Note, ...] = ()
    unreachable: str = ""
    spelt: SpeltFamilies = field(default_factory=SpeltFamilies)
    foreign: frozenset[str] = frozenset()
    built: BuiltFamilies = field(default_factory=BuiltFamilies)
    heard_of_built: Mapping[str, tuple[Wheel, ...]] = field(default_factory=dict)
    dead: Mapping[Place, tuple[str, str]] = field(default_factory=dict)
    served: Mapping[str, str] = field(default_factory=dict)
    on_conda: tuple[CondaFamily, ...] = ()
    off_conda: frozenset[str] = frozenset()
    listed: tuple[ChannelAnswer, ...] = ()
