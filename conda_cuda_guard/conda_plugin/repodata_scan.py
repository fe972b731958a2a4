"""Find packages in a repodata.json without reading it as JSON: a file's name says it all.

conda-forge's is tens of MB; parsed, it would take gigabytes, seconds, and the interpreter's lock.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .repodata_problems import UnansweredError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .repodata_stream import Read

Package = tuple[str, str, str]

_CHUNK = 1 << 18
_MOST = 1 << 30
# A match that ends with a chunk is found in the next: this much of a chunk is looked at again.
_OVERLAP = 1 << 10


def scan(read: Read, names: Iterable[str], *, use_only_tar_bz2: bool = False) -> set[Package]:
    """Give the (name, version, build) of these packages; `read` is a file's."""
    # What is in quotes before a colon is a record; the list `removed` has names without one.
    pattern = re.compile(rb'"%b"\s*:' % file_names(names, use_only_tar_bz2=use_only_tar_bz2))
    found: set[Package] = set()
    part = tail = b""
    size = 0
    is_repodata = False
    while chunk := read(_CHUNK):
        if not size and not chunk.lstrip().startswith(b"{"):
            raise UnansweredError("not-an-index", "no JSON")
        size += len(chunk)
        if size > _MOST:
            raise UnansweredError("too-large", f"more than {_MOST >> 20} MB")
        part = tail + chunk
        found.update(map(package, pattern.finditer(part)))
        is_repodata = is_repodata or b'"packages' in part
        tail = part[-_OVERLAP:]
    if not tail.rstrip().endswith(b"}"):
        raise UnansweredError("truncated", "JSON without its end")
    if not is_repodata:
        # conda keeps an empty object for a folder that is not there.
        is_empty = b"".join(part.split()) == b"{}"
        raise UnansweredError("absent" if is_empty else "not-an-index", "JSON without packages")
    return found


def file_names(names: Iterable[str], *, use_only_tar_bz2: bool) -> bytes:
    """Give the regular expression of the files of these packages."""
    either = b"|".join(re.escape(name.encode()) for name in names)
    part = rb"[\w.+!~*]+"
    kinds = rb"tar\.bz2" if use_only_tar_bz2 else rb"(?:conda|tar\.bz2)"
    return rb"(?P<name>%b)-(?P<version>%b)-(?P<build>%b)\.%b" % (either, part, part, kinds)


def package(match: re.Match[bytes]) -> Package:
    """Give the package of a file name that was found."""
    return (match["name"].decode(), match["version"].decode(), match["build"].decode())
