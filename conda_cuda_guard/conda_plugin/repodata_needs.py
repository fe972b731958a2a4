"""What a package needs of the lead, by its record in either form of repodata."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from functools import lru_cache

from conda_cuda_guard.catalogue import family

# A record is looked at to here: those of large packages have some thousand bytes.
MOST = 1 << 14
_DECODER = json.JSONDecoder()
_DEPENDS = b"depends"
_NAME = re.compile(r"[\s=<>!~\[]")
# MessagePack: lists up to 15 and up to 65535; strings up to 31 bytes, up to 255, up to 65535.
_LIST, _LIST_MOST, _LONG_LIST = 0x90, 15, 0xDC
_SHORT, _SHORT_MOST, _LONG, _LONGER = 0xA0, 31, 0xD9, 0xDA


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
    key = bytes([_SHORT | len(_DEPENDS)]) + _DEPENDS
    at = data.find(key, 0, MOST)
    if at < 0:
        return ()
    with suppress(IndexError, UnicodeDecodeError):
        return _of_lead(_strings(data, at + len(key)))
    return ()


def _strings(data: bytes, at: int) -> list[str]:
    """Return the strings of the list at a place; none where it is no list of short strings."""
    kind = data[at]
    if kind == _LONG_LIST:
        count, at = int.from_bytes(data[at + 1 : at + 3], "big"), at + 3
    elif _LIST <= kind <= _LIST | _LIST_MOST:
        count, at = kind - _LIST, at + 1
    else:
        return []
    found = []
    for _ in range(count):
        kind = data[at]
        if kind == _LONG:
            size, at = data[at + 1], at + 2
        elif kind == _LONGER:
            size, at = int.from_bytes(data[at + 1 : at + 3], "big"), at + 3
        elif _SHORT <= kind <= _SHORT | _SHORT_MOST:
            size, at = kind - _SHORT, at + 1
        else:
            return []
        found.append(data[at : at + size].decode())
        at += size
    return found


def _of_lead(specs: object) -> tuple[str, ...]:
    texts = specs if isinstance(specs, list) else []
    return tuple(one for one in map(str, texts) if _NAME.split(one, 1)[0] == _lead())


@lru_cache(maxsize=1)
def _lead() -> str:
    return family().lead.conda
