"""conda's channels: those in use, and the packages that they list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    """

    channel: str
    packages: tuple[tuple[str, str, str], ...] = ()
    problem: str = ""
    detail: str = ""


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
