"""Whether an installed package may have hooks, without importlib.metadata, which loads much."""

from __future__ import annotations

import os
import sys

_FILE = "entry_points.txt"
_ENDINGS = (".dist-info", ".egg-info")


def may_have_hooks(group: str) -> bool:
    """Return False where no package on the path has entry points of a group."""
    header = f"[{group}]".encode()
    return any(_is_in(place or os.curdir, header) for place in sys.path)


def _is_in(place: str, header: bytes) -> bool:
    try:
        names = os.listdir(place)  # noqa: PTH208 - this is to be quick
    except FileNotFoundError:
        return False
    except OSError:
        return True  # an archive, or a folder that is locked: who knows how to read it will tell
    folders = [name for name in names if name.endswith(_ENDINGS)]
    if place.endswith(".egg"):
        folders.append("EGG-INFO")
    return any(_has(os.path.join(place, one, _FILE), header) for one in folders)  # noqa: PTH118


def _has(path: str, header: bytes) -> bool:
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return header in file.read()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
