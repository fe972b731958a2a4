"""Sources of packages: wheel indexes, mirrors, and what an index answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .host import Host
    from .plan import Note

# In the place of a label, of the file that describes all variants of a version.
DESCRIPTION = "*"
LABEL = re.compile(r"[0-9a-z_.]+", re.ASCII)


@dataclass(frozen=True)
class WheelVariant:
    """One label of a version, and what a machine must have for its files.

    `cuda` is the oldest CUDA version of a driver that runs them (None: they ask for no CUDA),
    `below` the first that does not. `machine_code` are the compute capabilities that they are made
    for, empty where they do not say.
    """

    label: str
    cuda: str | None = None
    below: str | None = None
    machine_code: tuple[str, ...] = ()


PYTORCH_WHEEL_INDEX = "https://download.pytorch.org/whl"
CONDA_CHANNEL_HOST = "https://conda.anaconda.org"  # conda's own default for a bare name


@dataclass(frozen=True)
class WheelIndex:
    """An index of the `+cuXXX` wheels: PyTorch's own, or a mirror's.

    `base` is the address above the variants' folders. A `flat` one has a page of links in each
    folder, for pip's `--find-links`; the others are simple indexes (PEP 503). `variants` are those
    that it is known to have (None: not known), `mirror` its name.
    """

    base: str = PYTORCH_WHEEL_INDEX
    flat: bool = False
    variants: frozenset[str] | None = None
    mirror: str = ""


@dataclass(frozen=True)
class ChannelSpelling:
    """How to write a channel in a command, and the note for when it is added."""

    text: str
    note: Note | None = None


@dataclass(frozen=True)
class Mirror:
    """One service of a mirror, as documented by those who run it.

    `kind` is `pypi`, `wheels` (PyTorch's `+cuXXX` wheels) or `channels`. `base` is the address of a
    simple index, the address above the variants' folders, or the address above the channels'
    names; `also` are other addresses of the same service. For wheels, `flat` and `variants` are as
    in `WheelIndex`. For channels, `defaults` are the full addresses of what `defaults` stands for,
    `carries` maps the channels that are known to be there to their subdirs (empty: all of them),
    `lacks` are those that are known not to be there; of any other nothing is known. `status` is
    `alive`, `doubtful` or `retired`; `note` says in words what is worth knowing.
    """

    name: str
    kind: str
    base: str
    also: tuple[str, ...] = ()
    flat: bool = False
    variants: frozenset[str] | None = None
    defaults: tuple[str, ...] = ()
    carries: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lacks: frozenset[str] = frozenset()
    status: str = "alive"
    note: str = ""


@dataclass(frozen=True)
class Question:
    """One page to ask for: the files of a package, at one of the sources in force.

    `source` is the index or page as it is configured (it may hold credentials), `url` the address
    to fetch. A `flat` page lists the files of every package and variant. With `metadata` (what the
    index says of it) the address is that of a wheel's metadata file; with `describes` it is that of
    the file that describes the variant wheels of a version. Where a `platform` is named, of a page
    with thousands of files those for others may be passed over.
    """

    source: str
    url: str
    package: str = ""
    flat: bool = False
    metadata: str = ""
    describes: bool = False
    platform: str = ""


@dataclass(frozen=True)
class Wheel:
    """A wheel that an index lists.

    `package` is the normalized name, `version` has the local version label (`"2.1.2+cu121"`),
    `pythons` are interpreters as `"3.11"` or `"3.13t"` (empty: any Python 3), `platforms` those of
    `PLATFORMS` that it is for, `libc` is the C library that its platform tag asks for. `url` is the
    file's address without credentials, `metadata` what the index says of its metadata file (PEP
    658: `true` or a hash; empty where there is none). `variant` is the label of a variant wheel,
    or `*` for the file that describes those of a version.
    """

    package: str
    version: str
    pythons: frozenset[str]
    platforms: frozenset[str]
    url: str
    sha256: str = ""
    yanked: bool = False
    metadata: str = ""
    libc: str | None = None
    variant: str = ""

    @property
    def address(self) -> str:
        """The file's address with the hash that it must have, where the index gives one."""
        return f"{self.url}#sha256={self.sha256}" if self.sha256 else self.url

    def is_for(self, host: Host) -> bool:
        """Return whether pip could install the file on a machine."""
        return host.takes(self.platforms, self.pythons, self.libc)


@dataclass(frozen=True)
class Answer:
    """The answer to a question: the wheels (perhaps none), or why there is no answer.

    `problem` is one of `timeout`, `unreachable`, `certificate`, `login-needed` (401, 403, 407),
    `absent` (404: the index is there and has no such package), `server-error`, `truncated`,
    `not-an-index` (a login page, garbage), `too-large`, `not-asked` (no way to ask); empty when it
    was answered. `detail` is a short technical reason without secrets (`"HTTP 503"`). `requires`
    are the requirements of a metadata file, where one was asked for. `variants` are the variant
    wheels and the files that describe them, `described` what such a file says.
    """

    question: Question
    wheels: tuple[Wheel, ...] = ()
    problem: str = ""
    detail: str = ""
    requires: tuple[str, ...] = ()
    variants: tuple[Wheel, ...] = ()
    described: tuple[WheelVariant, ...] = ()
