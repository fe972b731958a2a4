"""Sharded repodata: a small index, and a small file for each package (conda's CEP 16).

Where a channel has it, it is the way to a few packages of a large one. Its MessagePack is not
decoded but searched: what is looked for are strings of known form, before values of known kinds.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conda_cuda_guard.sources.fetching import FetchError

from .repodata_cache import file_names, package

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .repodata_cache import FileName
    from .repodata_fetch import Read

INDEX = "repodata_shards.msgpack.zst"
_MOST = 1 << 26
_CHUNK = 1 << 18
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
        if len(data) > _MOST:
            raise FetchError("too-large", f"more than {_MOST >> 20} MB")
    return bytes(data)


def shards(index: bytes, names: Iterable[str]) -> list[str]:
    """Give the addresses, against that of the index, of the shards of these packages."""
    if b"shards" not in index:
        raise FetchError("not-an-index", "no shards")
    base = _base(index)
    found = []
    for name in names:
        at = index.find(_string(name.encode()) + b"\xc4\x20")
        if at >= 0:
            digest = _HASH.match(index, at + len(_string(name.encode())))
            found += [f"{base}{digest[1].hex()}.msgpack.zst"] if digest else []
    return found


def packages_of(shard: bytes, names: Iterable[str], *, use_only_tar_bz2: bool) -> set[FileName]:
    """Give the packages of a shard: its files that have a record (those removed have none)."""
    pattern = re.compile(file_names(names, use_only_tar_bz2=use_only_tar_bz2))
    return {
        package(match)
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
