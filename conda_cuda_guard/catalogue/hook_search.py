"""Whether there may be families of others, without importlib.metadata, which loads much."""

from __future__ import annotations

import os
import sys

VARIABLE = "CUDA_GUARD_FAMILIES"
# Below the prefix of the environment that we run in; a wheel can put files there.
SHARE = ("share", "conda-cuda-guard", "families")
# The group of entry points, and the name of the project for pluggy.
GROUP = "conda_cuda_guard"
_FILE = "entry_points.txt"
_ENDINGS = (".dist-info", ".egg-info")


def shared_folder() -> str | None:
    """Return the folder of this environment that files of families are in, if it is there."""
    place = os.path.join(sys.prefix, *SHARE)  # noqa: PTH118 - as all here, to be quick
    return place if os.path.isdir(place) else None  # noqa: PTH112


def may_have_others() -> bool:
    """Return False where no family of others can be: no place is named, and none is there."""
    return bool(os.environ.get(VARIABLE) or shared_folder() or may_have_hooks(GROUP))


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
