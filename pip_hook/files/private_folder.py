"""A folder of this process alone, removed when it ends."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def _folder() -> Path:
    folder = tempfile.mkdtemp(prefix="pipcuda-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def keep(name: str, data: bytes) -> str:
    """Write a file under a name that is free, and give its path."""
    place = Path(tempfile.mkdtemp(dir=_folder())) / name
    place.write_bytes(data)
    return str(place)
