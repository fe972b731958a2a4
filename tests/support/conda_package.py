"""Tiny but real conda packages, made by hand: conda downloads, checks and links them."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Fixed, so that the same package has the same checksum in every session (conda caches by it).
_WHEN = 1_700_000_000


@dataclass(frozen=True)
class CondaPackage:
    """One package file of a channel.

    `subdir` is `"linux-64"` or `"noarch"`, `files` what it holds besides its metadata (without
    any: one small text file). `track_features` is what makes the classic solver avoid it.
    """

    name: str
    version: str
    build: str
    number: int = 0
    depends: tuple[str, ...] = ()
    constrains: tuple[str, ...] = ()
    track_features: str = ""
    subdir: str = "linux-64"
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def filename(self) -> str:
        """Its name in the channel."""
        return f"{self.name}-{self.version}-{self.build}.tar.bz2"

    def index(self) -> dict[str, Any]:
        """Its `info/index.json`, which is also its repodata record without checksums."""
        record: dict[str, Any] = {
            "name": self.name,
            "version": self.version,
            "build": self.build,
            "build_number": self.number,
            "depends": list(self.depends),
            "constrains": list(self.constrains),
            "subdir": self.subdir,
            "timestamp": _WHEN * 1000,
        }
        if self.track_features:
            record["track_features"] = self.track_features
        if self.subdir == "noarch":
            record["noarch"] = "generic"
        return record

    def write(self, channel: Path) -> dict[str, Any]:
        """Put the file into a channel's folder and return its repodata record."""
        data = self._archive()
        (channel / self.subdir / self.filename).write_bytes(data)
        sums = {name: hashlib.new(name, data).hexdigest() for name in ("md5", "sha256")}
        return {**self.index(), **sums, "size": len(data)}

    def _archive(self) -> bytes:
        content = {path: text.encode() for path, text in (self.files or self._some_file()).items()}
        info = {
            "info/index.json": json.dumps(self.index()).encode(),
            "info/files": "\n".join(content).encode(),
            "info/paths.json": json.dumps(_paths(content)).encode(),
        }
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:bz2", compresslevel=1) as archive:
            for path, data in {**info, **content}.items():
                member = tarfile.TarInfo(path)
                member.size = len(data)
                member.mtime = _WHEN
                member.mode = 0o755 if path.startswith("bin/") else 0o644
                archive.addfile(member, io.BytesIO(data))
        return buffer.getvalue()

    def _some_file(self) -> dict[str, str]:
        return {f"share/{self.name}/about.txt": f"{self.name} {self.version} {self.build}\n"}


def _paths(content: Mapping[str, bytes]) -> dict[str, Any]:
    paths = [
        {
            "_path": path,
            "path_type": "hardlink",
            "sha256": hashlib.sha256(data).hexdigest(),
            "size_in_bytes": len(data),
        }
        for path, data in content.items()
    ]
    return {"paths_version": 1, "paths": paths}
