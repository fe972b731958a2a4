"""The hooks of other packages: whether there may be any, which there are, and what one answers.

Whether there may be any is told without importlib.metadata, which loads much.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

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


def entry_points() -> tuple[EntryPoint, ...]:
    """Return the entry points by which other packages name what they hook into us with."""
    if not may_have_hooks(GROUP):
        return ()
    from importlib.metadata import entry_points as all_entry_points

    found: Any = all_entry_points()
    # Python 3.9 has a mapping of groups.
    return tuple(found.select(group=GROUP) if hasattr(found, "select") else found.get(GROUP, ()))


def ask(plugin: object, hook: str, name: str) -> list[Any]:
    """Return what a package answers to one of our hooks; nothing where it does not hook into it."""
    from pluggy import HookspecMarker, PluginManager  # late: few packages have hooks

    class Hooks:
        @HookspecMarker(GROUP)
        def cuda_guard_families(self) -> object:
            """Return the paths of data files, or of folders with such files."""
            raise NotImplementedError

        @HookspecMarker(GROUP)
        def cuda_guard_rules(self) -> object:
            """Return entries of the form that the doctor's data files have."""
            raise NotImplementedError

    manager = PluginManager(GROUP)
    manager.add_hookspecs(Hooks)
    manager.register(plugin, name)
    found: list[Any] = getattr(manager.hook, hook).get_hookimpls()
    return [one.function() for one in found]
