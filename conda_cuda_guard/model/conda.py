"""The nouns of conda alone: channels, packages, and other families in conda's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property

from .versions import Range, cuda_in_build, version


@dataclass(frozen=True)
class ChannelInForce:
    """A channel that conda takes packages from.

    `name` is conda's (`pytorch`, `pkgs/main`), `url` its address, and `configured` what the user or
    conda's defaults wrote for it (`defaults`). Neither holds credentials.
    """

    name: str
    url: str
    configured: str


@dataclass(frozen=True)
class ChannelAddress:
    """The addresses that a channel's name stands for.

    `urls` are addresses without credentials: several where the user made one name stand for many,
    none where conda cannot tell. `origin` is `mapped` (the user's `custom_channels` or
    `custom_multichannels` has the name), `alias` (the user's `channel_alias`) or `default`.
    """

    urls: tuple[str, ...] = ()
    origin: str = "default"


@dataclass(frozen=True)
class ChannelsInForce:
    """The part of conda's configuration and command line that decides where packages come from.

    `channels` are in order, with a name that stands for several expanded. `addresses` are those of
    the names that a plan may add, `forbidden` those among them that an allowlist or denylist rules
    out. `priority` is `strict`, `flexible` or `disabled`. `pinned` are MatchSpecs.
    """

    channels: tuple[ChannelInForce, ...] = ()
    addresses: Mapping[str, ChannelAddress] = field(default_factory=dict)
    forbidden: frozenset[str] = frozenset()
    priority: str = "flexible"
    override_channels_enabled: bool = True
    pinned: tuple[str, ...] = ()
    use_only_tar_bz2: bool = False
    offline: bool = False


@dataclass(frozen=True)
class ChannelAnswer:
    """The packages that a channel lists of those it was asked for, or why that is not known.

    `channel` is its address without credentials, `packages` are (name, version, build), perhaps
    none. `problem` is one of the codes of `Answer.problem`, empty when it was answered; `absent`
    means that the channel is not there. `detail` is a short technical reason without secrets.
    `needs` maps packages, as `name-version-build`, to their dependencies on the lead, which are
    MatchSpecs; it lacks those that have none, and those whose record could not be read so far.
    """

    channel: str
    packages: tuple[tuple[str, str, str], ...] = ()
    problem: str = ""
    detail: str = ""
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Package:
    """The fields of a conda package record that are used here.

    `channel` is a name or URL, and `depends` its dependencies as MatchSpec strings.
    """

    name: str
    version: str
    build: str
    channel: str
    depends: tuple[str, ...] = ()

    @property
    def described(self) -> str:
        """The package with its version and build string, for a message."""
        return f"{self.name} {self.version} ({self.build})"


@dataclass(frozen=True, eq=False)
class CondaFamily:
    """A family whose packages on conda are built for CUDA versions, and perhaps for the CPU.

    `packages` are those that have the builds. `needs` maps packages that depend on them to the one
    that then has to be named (`jax` needs `jaxlib`). `cuda_names` maps names that mean the CUDA
    build to the package (`tensorflow-gpu`), `cpu_names` mean the CPU build. `build` is what the
    build strings of CUDA builds look like (empty: every build is for CUDA), `cpu_builds` those of
    their CPU twins.

    `channels` are what a plan adds where no channel in force has a CUDA build, `carriers` those
    that are known to have packages of these names. `selectors` are the packages that choose the
    CUDA version, by the releases that they go with. `known` are releases with the oldest CUDA
    versions that their builds run with, newest first; a release has several rows where its builds
    for some of the lead's series are for other CUDA versions. `series` are those of these rows
    that name the lead's, as `2.10`. `with_lead` says that it is nothing without the lead, which is
    then planned with it. `capabilities` are those of the GPUs that the builds have code for, by
    CUDA major version, `platforms` where there are CUDA builds (empty: everywhere).
    """

    name: str
    packages: tuple[str, ...]
    known: tuple[tuple[str, tuple[str, ...]], ...]
    channels: tuple[str, ...]
    carriers: tuple[str, ...]
    needs: Mapping[str, str] = field(default_factory=dict)
    cuda_names: Mapping[str, str] = field(default_factory=dict)
    cpu_names: tuple[str, ...] = ()
    build: str = ""
    cpu_builds: tuple[str, ...] = ()
    selectors: tuple[tuple[Range, str], ...] = ()
    capabilities: Mapping[int, Range] = field(default_factory=dict)
    platforms: tuple[str, ...] = ()
    with_lead: bool = False
    series: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = ()

    @cached_property
    def names(self) -> frozenset[str]:
        """Return every name that is about this family."""
        return frozenset((*self.packages, *self.needs, *self.cuda_names, *self.cpu_names))

    def package_of(self, name: str) -> str:
        """Return the package whose build counts where a name of the family is typed."""
        return self.needs.get(name) or self.cuda_names.get(name) or name

    def is_cpu_build(self, build: str) -> bool:
        """Return whether a build string is that of a CPU build."""
        return any(fnmatchcase(build, one) for one in self.cpu_builds)

    def is_cuda_build(self, build: str) -> bool:
        """Return whether a build string is that of a CUDA build."""
        return fnmatchcase(build, self.build or "*") and not self.is_cpu_build(build)

    def cudas_of(self, release: str, build: str = "") -> tuple[str, ...]:
        """Return the CUDA versions of a build, by its name, else those known of the release.

        Those of a release that is not known are those of the next older one.
        """
        named = cuda_in_build(build)
        if named is not None:
            return (str(named),)
        older = (one for one, _ in self.known if version(one) <= version(release))
        near = next(older, self.known[-1][0])
        return tuple(dict.fromkeys(cuda for one, row in self.known if one == near for cuda in row))

    def series_of(self, release: str, cuda: str | None) -> frozenset[str]:
        """Return the lead's series that a release has builds of a CUDA version for.

        Of any CUDA version where it is None; none where nothing is known of the release.
        """
        rows = (row for row in self.series if row[0] == release and (not cuda or cuda in row[1]))
        return frozenset(one for row in rows for one in row[2])

    def selector(self, release: str) -> str:
        """Return the package that chooses the CUDA version for a release."""
        return next(name for releases, name in self.selectors if release in releases)
