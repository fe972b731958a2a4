"""Folders of this run alone, removed when it ends, or by the next run where it was killed.

They hold copies of requirements files and configuration, and so perhaps credentials.
"""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

if sys.platform == "win32":  # pragma: no cover - Windows alone has these locks
    import msvcrt
else:
    import fcntl


_LOCK = ".lock"
# The locks of this process, which the system opens when it ends, however it does.
_held: list[int] = []


@cache
def run_folder() -> Path:
    """Return a folder that only this user can read, made at the first call."""
    room = _room()
    if room is None:
        folder = Path(tempfile.mkdtemp(prefix="pipcuda-"))
    else:
        with _locked(room / _LOCK):
            folder = Path(tempfile.mkdtemp(dir=room))
            _held.append(_lock(folder / _LOCK))
    atexit.register(_remove, folder)
    return folder


def _remove(folder: Path) -> None:
    while _held:  # Windows removes no file that is open
        os.close(_held.pop())
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a folder in it that is removed at the end of the block, or of this run."""
    folder = tempfile.mkdtemp(dir=run_folder())
    try:
        yield Path(folder)
    finally:
        # On Windows a program that is being killed may still hold a file in it.
        shutil.rmtree(folder, ignore_errors=True)


def remove_left_behind() -> None:
    """Remove the folders of runs that were killed."""
    room = _place()
    if not _is_ours(room):
        return
    with suppress(OSError), _locked(room / _LOCK):
        for folder in room.iterdir():
            if folder.is_dir() and _is_free(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _place() -> Path:
    # On Windows the folder for temporary files is the user's own.
    name = "pipcuda" if sys.platform == "win32" else f"pipcuda-of-{os.getuid()}"
    return Path(tempfile.gettempdir(), name)


def _room() -> Path | None:
    """Return this user's folder for such folders; None where it cannot be trusted or locked."""
    room = _place()
    with suppress(OSError):
        room.mkdir(mode=0o700)
    return room if _is_ours(room) else None


def _is_ours(room: Path) -> bool:
    """Return whether a folder, in a place where anybody may make one, is this user's alone."""
    try:
        found = room.lstat()
    except OSError:
        return False
    is_private = sys.platform == "win32" or (
        found.st_uid == os.getuid() and not stat.S_IMODE(found.st_mode) & 0o077
    )
    return stat.S_ISDIR(found.st_mode) and is_private


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = _lock(path)
    try:
        yield
    finally:
        os.close(descriptor)


def _lock(path: Path) -> int:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    with suppress(OSError):  # a file system without locks: nothing is removed there
        if sys.platform == "win32":  # pragma: no cover - Windows alone has these locks
            msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def _is_free(folder: Path) -> bool:
    """Return whether the run that made a folder is no more."""
    try:
        descriptor = os.open(folder / _LOCK, os.O_RDWR)
    except FileNotFoundError:
        return True  # it was killed before it made one, under the lock of the room
    except OSError:
        return False
    try:
        if sys.platform == "win32":  # pragma: no cover - Windows alone has these locks
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
