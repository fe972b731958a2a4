"""Files that people name, read and written: anything but a plain file ends in an OSError."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from conda_cuda_guard.model import Phrase
from conda_cuda_guard.model.time_limit import time_limit

# More than this is no file that anyone wrote: 100,000 lines with hashes have 10 MB.
LARGEST = 64 * 2**20
_WAIT = time_limit(2.0)
_PAUSE = 0.02


class NotAFileError(OSError):
    """What a name leads to cannot be read as a file: `strerror` says why."""

    strerror: str

    def __init__(self, reason: str) -> None:
        super().__init__(errno.EINVAL, reason)


def is_stream(path: str | Path) -> bool:
    """Return whether a name leads to what can be read only once: a pipe or a device."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - a path may be a text
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def read_file(path: str | Path, limit: int = LARGEST) -> bytes:
    """Return the bytes of a file or pipe; raise OSError, or NotAFileError for what is neither.

    A pipe is read to its end, which its writer decides; one that nobody writes into is given up
    after two seconds.
    """
    with opened(path) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise NotAFileError(Phrase("it has more than {most} MB", most=limit >> 20))
    return data


@contextmanager
def opened(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file or pipe for reading, as `read_file` does, to be read piece by piece."""
    # A pipe without a writer would not be opened before there is one.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags | getattr(os, "O_NOCTTY", 0))
    try:
        first = _made_ready(descriptor, path)
    except BaseException:
        os.close(descriptor)
        raise
    with io.BufferedReader(_After(first, descriptor)) as file:
        yield file


def _made_ready(descriptor: int, path: str | Path) -> bytes:
    """Return what was read to see that a pipe has a writer; raise OSError where it has none."""
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)) and not _is_harmless(descriptor):
        raise NotAFileError(Phrase("it is a device, and no file"))
    first = _first_byte(descriptor, path) if stat.S_ISFIFO(mode) else b""
    if hasattr(os, "O_NONBLOCK"):  # pragma: no branch - only Windows has none
        os.set_blocking(descriptor, True)
    return first


def _is_harmless(descriptor: int) -> bool:
    """Return whether a device is a terminal, or the one that is always empty."""
    if os.isatty(descriptor):
        return True
    if sys.platform == "win32":  # its nul is a terminal to isatty, and devices have no numbers
        return False
    else:  # noqa: RET505  (so mypy checks each system)
        return os.fstat(descriptor).st_rdev == os.stat(os.devnull).st_rdev  # noqa: PTH116


def _first_byte(descriptor: int, path: str | Path) -> bytes:
    # A pipe that a shell made (`<(…)`, `|`) has had its writer.
    is_named = not os.path.realpath(path).startswith(("/proc/", "/dev/fd/"))
    until = time.monotonic() + (_WAIT if is_named else 0)
    while True:
        try:
            found = os.read(descriptor, 1)
        except BlockingIOError:
            return b""  # there is a writer, which takes its time
        if found or not is_named:
            return found
        if time.monotonic() > until:
            raise NotAFileError(Phrase("it is a pipe that nothing writes into"))
        time.sleep(_PAUSE)


class _After(io.RawIOBase):
    """A descriptor of which some bytes were read already; it is closed with this."""

    def __init__(self, first: bytes, descriptor: int) -> None:
        super().__init__()
        self._first = first
        self._file = io.FileIO(descriptor)

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]
        """Read the next bytes into a buffer, and return how many."""
        if self._first:
            size = len(self._first)
            buffer[:size] = self._first
            self._first = b""
            return size
        return self._file.readinto(buffer)

    def close(self) -> None:
        """Close the descriptor."""
        self._file.close()
        super().close()


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
