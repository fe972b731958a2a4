"""A request, its sources, and what is installed where it is to be carried out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .sources import ChannelSpelling, WheelIndex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .addresses import Place
    from .host import Host


@dataclass(frozen=True)
class Dependent:
    """An installed package that depends on the lead beside it, by its metadata or its label.

    `needs` are specifiers of the lead, all of which hold for one that it works with; `cuda_major`
    is the CUDA major version that its label names.
    """

    name: str
    version: str
    needs: tuple[str, ...] = ()
    cuda_major: int | None = None


@dataclass(frozen=True)
class Installed:
    """A torch as found in an environment, without importing it.

    `version` has its local version label if there is one; `cuda` is None for a build without CUDA.
    `is_other` marks builds that are neither for CUDA nor for the CPU, `accelerator` says for what
    they are (`ROCm`, `XPU`; empty where that is not known), `by_conda` those that conda put there.
    `beside` are the companions and extensions that are installed with it.
    """

    version: str
    cuda: str | None = None
    is_other: bool = False
    by_conda: bool = False
    accelerator: str = ""
    beside: tuple[Dependent, ...] = field(default=(), compare=False)

    @property
    def release(self) -> str:
        """Return its version without the local label."""
        return self.version.partition("+")[0]  # `versions` loads packaging, which is not free


@dataclass(frozen=True)
class Origin:
    """Where a requirement came from, for messages that blame it.

    `kind` is `typed`, `file` (a requirement file), `constraint` (a constraint file: it bounds what
    others ask for and asks for nothing itself), `environment` (a variable), `pin` (conda's) or
    `page` (another project's page, whose files are built against it), `address` (a file named by
    its address, which belongs to it) or `package` (another package's metadata); `name` is the file,
    variable or package, `line` the number of the line, from 1.
    """

    kind: str = "typed"
    name: str = ""
    line: int | None = None

    @property
    def is_bound(self) -> bool:
        """Whether it only bounds what others ask for."""
        return self.kind in ("constraint", "pin", "page", "address")


TYPED = Origin()


@dataclass(frozen=True)
class Sources:
    """The sources of packages, as the user has configured them.

    For pip: `wheel_indexes` hold the `+cuXXX` wheels, the one to prefer first; `index_urls` are the
    main index (when it is not pip's default) and the extra ones; `extra_only` says that all of them
    are extra ones, beside pip's default, and `default_index` is that one's address, where it is in
    force and known. `find_links` are the pages and folders. `indexes_ahead` and `pages_ahead` count
    those that pip reads before one that is added to the line. `prefer_index` asks for the main
    index's own wheel where it is the planned build; with `no_index` nothing but the pages and
    folders counts; `locked` asks for addresses of files with their hashes in the place of versions.
    `dead` are places of families that cannot be had now, as in `Catalogue`.

    For conda: `channels`, by name or URL, in order; none is added to them when they are fixed
    (`--override-channels`). `addresses` are where they lie, names that stand for several expanded.
    `spelling` says how a channel's bare name is to be typed where that
    alone would not do, `forbidden` which an allowlist or denylist rules out, `pins` are the
    MatchSpecs that conda holds every solve to, `priority` is conda's channel priority.
    """

    wheel_indexes: tuple[WheelIndex, ...] = (WheelIndex(),)
    index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    prefer_index: bool = False
    locked: bool = False
    no_index: bool = False
    foreign: frozenset[str] = frozenset()
    dead: Mapping[Place, tuple[str, str]] = field(default_factory=dict)
    channels: tuple[str, ...] = ()
    channels_fixed: bool = False
    addresses: tuple[str, ...] = ()
    spelling: Mapping[str, ChannelSpelling] = field(default_factory=dict)
    forbidden: frozenset[str] = frozenset()
    pins: tuple[str, ...] = ()
    priority: str = "flexible"
    extra_only: bool = False
    default_index: str | None = None
    indexes_ahead: int = 0
    pages_ahead: int = 0

    @property
    def main_index(self) -> str | None:
        """Return the main index where it is not pip's default."""
        return None if self.extra_only else next(iter(self.index_urls), None)


@dataclass(frozen=True)
class Request:
    """One request: the requirements as typed, and the machines that the result must run on.

    `variant` is the build to take, `cu121` or `cpu`, as if its label had been typed.
    `origins` tell where each requirement came from, in the same order (one that is missing was
    typed). `installed` is the lead of the environment that is installed into, where that counts,
    and `present` are the versions of what is there that releases of it may not work with; with
    `upgrade` what was named is to become the newest, whether it runs as it is or not. Nothing may
    be added to what was typed where it is `closed` (pip's hash mode); with `no_deps` what packages
    depend on is not installed. With `cuda_major` only CUDA builds of this major version count, and
    releases of the lead `within` a specifier, which other families on the line need.
    `variants_by` says what takes variant wheels: `uv`, `pipcuda` (which gives pip the file under
    the usual name), or nothing where they may not be planned.
    """

    manager: str
    requirements: tuple[str, ...]
    hosts: tuple[Host, ...]
    policy: str = "auto"
    sources: Sources = field(default_factory=Sources)
    cpu: bool = False
    as_is: bool = False
    origins: tuple[Origin, ...] = ()
    installed: Installed | None = None
    upgrade: bool = False
    closed: bool = False
    no_deps: bool = False
    present: Mapping[str, str] = field(default_factory=dict)
    id: object = None
    variant: str | None = None
    cuda_major: int | None = None
    within: str = ""
    variants_by: str = ""
