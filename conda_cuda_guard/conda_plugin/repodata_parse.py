"""Repodata as a stream of bytes: what is in it of a few packages, or why there is no answer.

Neither form is decoded whole: a large channel's repodata takes a second and a gigabyte that way.
JSON is searched for the names of files that have a record. Sharded repodata (conda's CEP 16) is a
small index and a small file for each package, in MessagePack: what is looked for there are strings
of known form before values of known kinds.
"""

from __future__ import annotations

import importlib
import json
import re
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Callable, cast

from conda_cuda_guard.catalogue import family
from conda_cuda_guard.model import Phrase
from conda_cuda_guard.sources.fetching import FetchError, problem_of_status

Read = Callable[[int], bytes]
# Name, version and build of a package, and what it needs of the lead as far as that was read.
Record = tuple[str, str, str, tuple[str, ...]]

# By the names of classes: those of requests and urllib3 in any version, of either zstd library.
_BY_ERROR = {
    "SSLError": "certificate",
    "Timeout": "timeout",
    "TimeoutError": "timeout",
    "ProtocolError": "truncated",
    "IncompleteRead": "truncated",
    "EOFError": "truncated",
    "DecodeError": "not-an-index",
    "ZstdError": "not-an-index",
    "RequestException": "unreachable",
    "HTTPError": "unreachable",
    "OSError": "unreachable",
}


def of_status(status: int) -> FetchError:
    """Return the error for an HTTP status."""
    return FetchError(problem_of_status(status), f"HTTP {status}")


def of_error(error: Exception) -> FetchError:
    """Return the error for an exception, without its message, which may quote an address."""
    if isinstance(error, FetchError):
        return error
    kinds = [kind.__name__ for kind in type(error).__mro__]
    if "ProxyError" in kinds and "407" in str(error):
        return of_status(407)
    problem = next((_BY_ERROR[kind] for kind in kinds if kind in _BY_ERROR), "not-asked")
    return FetchError(problem, kinds[0])


_PIECE = 1 << 16
# After this part of the time, a file of which not even half would come is given up.
_ENOUGH_TO_JUDGE = 0.25


class Clock:
    """The time that a question has: until `deadline`."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def left(self) -> float:
        """Return the seconds that are left, or raise when there are none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise FetchError("timeout")
        return left


class Watched:
    """A file to read from, in pieces, as long as there is time and hope."""

    def __init__(self, file: Any, clock: Clock, total: int = 0) -> None:  # noqa: ANN401
        self._file = file
        self._clock = clock
        self._total = total
        self._done = 0
        self._start = time.monotonic()

    def read(self, size: int = -1) -> bytes:
        """Read a piece."""
        if self._is_hopeless(self._clock.left()):
            raise FetchError(
                "timeout", Phrase("{size} MB in too little time", size=self._total >> 20)
            )
        piece: bytes = self._file.read(_PIECE if size < 0 else min(size, _PIECE))
        self._done += len(piece)
        return piece

    def _is_hopeless(self, left: float) -> bool:
        """Return whether, at this pace, not even half of it would arrive in time."""
        spent = time.monotonic() - self._start
        whole = spent + left
        judged = spent > whole * _ENOUGH_TO_JUDGE
        return judged and self._done / spent * whole < self._total / 2


def reader(file: Watched, name: str) -> Read:
    """Return a reader of a file, decompressing by its suffix with the library that conda has."""
    if not name.endswith(".zst"):
        return file.read
    for module in ("compression.zstd", "backports.zstd"):
        with suppress(ImportError):
            return cast("Read", importlib.import_module(module).ZstdFile(file, "rb").read)
    with suppress(ImportError):
        unzstd = importlib.import_module("zstandard").ZstdDecompressor()
        return cast("Read", unzstd.stream_reader(file).read)
    raise FetchError("not-an-index", Phrase("no zstd"))


_CHUNK = 1 << 18
_MOST = 1 << 30
# A record is looked at to here: those of large packages have some thousand bytes.
LONGEST_RECORD = 1 << 14
# A record that ends with a chunk is found in the next: this much of a chunk is looked at again.
_OVERLAP = LONGEST_RECORD + (1 << 10)


def scan(read: Read, names: Iterable[str], *, use_only_tar_bz2: bool = False) -> set[Record]:
    """Return the records of these packages; `read` is a file's."""
    # What is in quotes before a colon is a record; the list `removed` has names without one.
    pattern = re.compile(rb'"%b"\s*:' % file_names(names, use_only_tar_bz2=use_only_tar_bz2))
    found: set[Record] = set()
    part = tail = b""
    size = 0
    is_repodata = False
    while chunk := read(_CHUNK):
        if not size and not chunk.lstrip().startswith(b"{"):
            raise FetchError("not-an-index", Phrase("no JSON"))
        size += len(chunk)
        if size > _MOST:
            raise FetchError("too-large", Phrase("more than {size} MB", size=_MOST >> 20))
        part = tail + chunk
        found.update(
            package(match, needs_in_json(part[match.end() : match.end() + _OVERLAP]))
            for match in pattern.finditer(part)
        )
        is_repodata = is_repodata or b'"packages' in part
        tail = part[-_OVERLAP:]
    if not tail.rstrip().endswith(b"}"):
        raise FetchError("truncated", Phrase("JSON without its end"))
    if not is_repodata:
        # conda keeps an empty object for a folder that is not there.
        is_empty = b"".join(part.split()) == b"{}"
        raise FetchError("absent" if is_empty else "not-an-index", Phrase("JSON without packages"))
    return found


def file_names(names: Iterable[str], *, use_only_tar_bz2: bool) -> bytes:
    """Return the regular expression of the files of these packages."""
    either = b"|".join(re.escape(name.encode()) for name in names)
    part = rb"[\w.+!~*]+"
    kinds = rb"tar\.bz2" if use_only_tar_bz2 else rb"(?:conda|tar\.bz2)"
    return rb"(?P<name>%b)-(?P<version>%b)-(?P<build>%b)\.%b" % (either, part, part, kinds)


def package(match: re.Match[bytes], needs: tuple[str, ...]) -> Record:
    """Return the package of a file name that was found, with what it needs of the lead."""
    return (match["name"].decode(), match["version"].decode(), match["build"].decode(), needs)


INDEX = "repodata_shards.msgpack.zst"
_MOST_SHARD = 1 << 26
# MessagePack: strings up to 31 bytes, up to 255, up to 65535; 32 bytes of binary; maps.
_SHORT, _LONG, _LONGER = 0xA0, 0xD9, 0xDA
_SHORT_MOST, _LONG_MOST = 31, 255
_HASH = re.compile(rb"\xc4\x20(.{32})", re.DOTALL)
_MAPS = frozenset((*range(0x80, 0x90), 0xDE, 0xDF))
_SHARDS_BASE = b"shards_base_url"


def read_whole(read: Read) -> bytes:
    """Read a file, if it is not too large."""
    data = bytearray()
    while chunk := read(_CHUNK):
        data += chunk
        if len(data) > _MOST_SHARD:
            raise FetchError("too-large", Phrase("more than {size} MB", size=_MOST_SHARD >> 20))
    return bytes(data)


def shards(index: bytes, names: Iterable[str]) -> list[str]:
    """Return the addresses of the shards of these packages, relative to that of the index."""
    if b"shards" not in index:
        raise FetchError("not-an-index", Phrase("no shards"))
    base = _base(index)
    found = []
    for name in names:
        at = index.find(_string(name.encode()) + b"\xc4\x20")
        if at >= 0:
            digest = _HASH.match(index, at + len(_string(name.encode())))
            found += [f"{base}{digest[1].hex()}.msgpack.zst"] if digest else []
    return found


def packages_of(shard: bytes, names: Iterable[str], *, use_only_tar_bz2: bool) -> set[Record]:
    """Return the packages of a shard: its files that have a record (removed ones have none)."""
    pattern = re.compile(file_names(names, use_only_tar_bz2=use_only_tar_bz2))
    return {
        package(match, needs_in_msgpack(shard[match.end() : match.end() + _OVERLAP]))
        for match in pattern.finditer(shard)
        if shard[: match.start()].endswith(_header(len(match[0])))
        and shard[match.end() : match.end() + 1]
        and shard[match.end()] in _MAPS
    }


def _base(index: bytes) -> str:
    at = index.find(_string(_SHARDS_BASE))
    if at < 0:
        return ""
    at += len(_string(_SHARDS_BASE))
    kind, size = index[at], index[at + 1]
    start = at + 2
    if _SHORT <= kind <= _SHORT | _SHORT_MOST:
        start, size = at + 1, kind - _SHORT
    elif kind == _LONGER:
        start, size = at + 3, int.from_bytes(index[at + 1 : at + 3], "big")
    base = index[start : start + size].decode("utf-8", "replace")
    return base if not base or base.endswith("/") else f"{base}/"


def _header(size: int) -> bytes:
    return bytes([_SHORT | size]) if size <= _SHORT_MOST else bytes([_LONG, size & _LONG_MOST])


def _string(value: bytes) -> bytes:
    return _header(len(value)) + value


_DECODER = json.JSONDecoder()
_DEPENDS = b"depends"
_NAME = re.compile(r"[\s=<>!~\[]")
# MessagePack: lists of up to 15 and strings of up to 31 bytes say their size in their kind, longer
# ones in so many bytes after it.
_LIST, _LONG_LISTS = range(0x90, 0xA0), {0xDC: 2}
_STRING, _LONG_STRINGS = range(0xA0, 0xC0), {0xD9: 1, 0xDA: 2}


def needs_in_json(text: bytes) -> tuple[str, ...]:
    """Return the dependencies on the lead in the record that a text begins with.

    None of them where the text ends before they do: the record is read whole with the next part.
    """
    record = text[:LONGEST_RECORD].partition(b"}")[0]
    start = record.find(b"[", record.find(b'"%b"' % _DEPENDS) + 1)
    if b'"%b"' % _DEPENDS not in record or start < 0:
        return ()
    with suppress(ValueError):
        return _of_lead(_DECODER.raw_decode(record[start:].decode("utf-8", "replace"))[0])
    return ()


def needs_in_msgpack(data: bytes) -> tuple[str, ...]:
    """Return the same of the record that is the first in a piece of MessagePack."""
    key = bytes([_STRING.start + len(_DEPENDS)]) + _DEPENDS
    at = data.find(key, 0, LONGEST_RECORD)
    if at < 0:
        return ()
    with suppress(IndexError, UnicodeDecodeError):
        return _of_lead(_strings(data, at + len(key)))
    return ()


def _strings(data: bytes, at: int) -> list[str]:
    """Return the strings of the list at a place; raise where it is no list of short strings."""
    count, at = _size(data, at, _LIST, _LONG_LISTS)
    found = []
    for _ in range(count):
        size, at = _size(data, at, _STRING, _LONG_STRINGS)
        found.append(data[at : at + size].decode())
        at += size
    return found


def _size(data: bytes, at: int, short: range, long: Mapping[int, int]) -> tuple[int, int]:
    """Return the size that a kind of MessagePack's says, and the place after it."""
    kind = data[at]
    if kind in short:
        return kind - short.start, at + 1
    if kind not in long:
        raise IndexError(at)
    end = at + 1 + long[kind]
    data[end - 1]  # raises where the text ends before
    return int.from_bytes(data[at + 1 : end], "big"), end


def _of_lead(specs: object) -> tuple[str, ...]:
    lead, texts = family().lead.conda, specs if isinstance(specs, list) else []
    return tuple(one for one in map(str, texts) if _NAME.split(one, 1)[0] == lead)
