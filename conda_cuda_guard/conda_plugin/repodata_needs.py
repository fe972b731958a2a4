"""What a package needs of the lead, by its record in either form of repodata."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress

from conda_cuda_guard.catalogue import family

# A record is looked at to here: those of large packages have some thousand bytes.
MOST = 1 << 14
_DECODER = json.JSONDecoder()
_DEPENDS = b"depends"
_NAME = re.compile(r"[\s=<>!~\[]")
# MessagePack: lists of up to 15 and strings of up to 31 bytes say their size in their kind, longer
# ones in so many bytes after it.
_LIST, _LONG_LISTS = range(0x90, 0xA0), {0xDC: 2}
_STRING, _LONG_STRINGS = range(0xA0, 0xC0), {0xD9: 1, 0xDA: 2}


def of_json(text: bytes) -> tuple[str, ...]:
    """Return the dependencies on the lead in the record that a text begins with.

    None of them where the text ends before they do: the record is read whole with the next part.
    """
    record = text[:MOST].partition(b"}")[0]
    start = record.find(b"[", record.find(b'"%b"' % _DEPENDS) + 1)
    if b'"%b"' % _DEPENDS not in record or start < 0:
        return ()
    with suppress(ValueError):
        return _of_lead(_DECODER.raw_decode(record[start:].decode("utf-8", "replace"))[0])
    return ()


def of_msgpack(data: bytes) -> tuple[str, ...]:
    """Return the same of the record that is the first in a piece of MessagePack."""
    key = bytes([_STRING.start + len(_DEPENDS)]) + _DEPENDS
    at = data.find(key, 0, MOST)
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
