"""CUDA libraries that lie about: copies that hide torch's own, and the system's cuDNN."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What torch brings itself, and what other copies of break it.
_OWN = ("libcudnn", "libcublas", "libcublasLt", "libcusparse", "libnvJitLink")
_FILE = re.compile(rf"({'|'.join(_OWN)})\.so\.\d[\d.]*")
_CUDNN = re.compile(r"libcudnn\.so\.(\d+(?:\.\d+)*)")
_SYSTEM = (
    "usr/lib/x86_64-linux-gnu",
    "usr/lib/aarch64-linux-gnu",
    "usr/lib64",
    "usr/local/cuda/lib64",
)


def shadowing(environ: Mapping[str, str], environment: Path) -> tuple[str, ...]:
    """Name the copies in LD_LIBRARY_PATH that the loader finds before torch's own.

    Folders of the environment itself do not count: its copies belong to it.
    """
    found = []
    for folder in _library_path(environ):
        if environment.resolve() not in (folder.resolve(), *folder.resolve().parents):
            found += [str(folder / name) for name in _names(folder) if _FILE.fullmatch(name)]
    return tuple(found)


def system_cudnn(roots: Path) -> tuple[str, str] | None:
    """Find the system's cuDNN: its version as far as file names tell it, and where it is."""
    best: tuple[str, str] | None = None
    for place in _SYSTEM:
        for name in _names(roots / place):
            match = _CUDNN.fullmatch(name)
            if match and (best is None or len(match[1]) > len(best[0])):
                best = (match[1], f"/{place}/{name}")
    return best


def _library_path(environ: Mapping[str, str]) -> Iterator[Path]:
    for entry in environ.get("LD_LIBRARY_PATH", "").split(os.pathsep):
        if entry:
            yield Path(entry)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except OSError:
        return []
