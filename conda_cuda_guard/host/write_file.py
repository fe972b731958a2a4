"""Writing a file in one step, so that a full disk or an error half way leaves the old one."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path


def write_file(path: Path, data: bytes, *, private: bool = False, sync: bool = True) -> None:
    """Write a file, which holds the old content or the new one at any time; raise OSError.

    A link stays, and the file that it leads to is replaced; its mode is kept, or is the owner's
    alone for a `private` one. What is no plain file (`/dev/stdout`, a pipe) is written to. Without
    `sync` the content may be lost with the machine's power, which is enough for a cache.
    """
    if path.exists() and not path.is_file():
        _write_through(path, data)
        return
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".{target.name[:100]}.{os.urandom(4).hex()}")
    kept = _mode(target)
    try:
        _write_new(beside, data, 0o600 if private or kept is not None else 0o666, sync=sync)
        if kept is not None and not private:
            beside.chmod(kept)
        beside.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _write_through(path: Path, data: bytes) -> None:
    """Write to a device or pipe; raise OSError for a pipe that nothing reads from."""
    # Without this a pipe would not be opened before there is a reader.
    descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
    if hasattr(os, "O_NONBLOCK"):  # pragma: no branch - only Windows has none
        os.set_blocking(descriptor, True)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def _mode(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return None


def _write_new(path: Path, data: bytes, mode: int, *, sync: bool) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, mode), "wb") as file:
        file.write(data)
        file.flush()
        if sync:
            os.fsync(file.fileno())
