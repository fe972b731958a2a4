"""Local channels, modelled on the real ones, that conda can solve with and install from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .channel_conda_forge import conda_forge_channel, main_channel
from .channel_pytorch import nvidia_channel, pytorch_channel

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from .conda_package import CondaPackage

SUBDIRS = ("linux-64", "linux-aarch64", "win-64", "noarch")
DEFAULTS = "main"

_FILLED = {
    "pytorch": pytorch_channel,
    "nvidia": nvidia_channel,
    "conda-forge": conda_forge_channel,
    DEFAULTS: main_channel,
}


@dataclass(frozen=True)
class Channels:
    """Channels in the folder `root`, one folder each: pytorch, nvidia, conda-forge, main."""

    root: Path

    def path(self, name: str) -> Path:
        """Give the folder of a channel."""
        return self.root / name

    def url(self, name: str) -> str:
        """Give the address of a channel."""
        return self.path(name).as_uri()

    def condarc(self, channels: Sequence[str], **settings: Any) -> str:
        """Write a condarc: these channels, and whatever other settings are given.

        Bare names (`pytorch`, `defaults` …) lead here. JSON is YAML, and quotes itself.
        """
        known: dict[str, Any] = {
            "channels": list(channels),
            "channel_alias": self.root.as_uri(),
            "default_channels": [self.url(DEFAULTS)],
        }
        lines = {**known, **settings}.items()
        return "".join(f"{key}: {json.dumps(value)}\n" for key, value in lines)

    def add(self, name: str, packages: Iterable[CondaPackage] = ()) -> str:
        """Make a further channel and return its address."""
        write_channel(self.path(name), packages)
        return self.url(name)


def make_channels(root: Path) -> Channels:
    """Make all of the modelled channels below `root`."""
    # conda takes /t/<name>/ in an address for an access token.
    if "t" in root.parts:
        raise ValueError(f"a channel must not lie in a folder named t: {root}")
    for name, contents in _FILLED.items():
        write_channel(root / name, contents())
    return Channels(root)


def write_channel(folder: Path, packages: Iterable[CondaPackage]) -> None:
    """Make one channel: package files, and what conda reads of each system."""
    records: dict[str, dict[str, Any]] = {subdir: {} for subdir in SUBDIRS}
    for subdir in SUBDIRS:
        (folder / subdir).mkdir(parents=True, exist_ok=True)
    for package in packages:
        records[package.subdir][package.filename] = package.write(folder)
    for subdir, found in records.items():
        repodata = {
            "info": {"subdir": subdir},
            "packages": found,
            "packages.conda": {},
            "removed": [],
            "repodata_version": 1,
        }
        # conda asks for the shorter one first, and where there is none reads a local channel anew
        # for each package that it looks up.
        for name in ("repodata.json", "current_repodata.json"):
            (folder / subdir / name).write_text(json.dumps(repodata), "utf-8")
