"""Find packages in a repodata.json without reading it as JSON: a file's name says it all.

conda-forge's is tens of MB; parsed, it would take gigabytes, seconds, and the interpreter's lock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Package = tuple[str, str, str]

_CHUNK = 1 << 18
_MOST = 1 << 30
# A match that ends with a chunk is found in the next: this much of a chunk is looked at again.
_OVERLAP = 1 << 10
_INDENT = 64
_PARTS = ("name", "version", "build")
_IN_LIST = (b"[", b",")
_EMPTY = b"{}"


class UnansweredError(Exception):
    """A channel's folder gave no answer; `problem` and `detail` are those of a `ChannelAnswer`."""

    def __init__(self, problem: str, detail: str = "") -> None:
        super().__init__(problem, detail)
        self.problem = problem
        self.detail = detail


@dataclass
class _Findings:
    """What has been seen of a file: listed records, removed ones, and whether it is repodata."""

    pattern: re.Pattern[bytes]
    listed: dict[bytes, Package] = field(default_factory=dict)
    removed: set[bytes] = field(default_factory=set)
    is_repodata: bool = False

    def look_at(self, part: bytes) -> None:
        self.is_repodata = self.is_repodata or b'"packages' in part
        for match in self.pattern.finditer(part):
            if match["next"] == b":":
                parts = (match[key].decode("utf-8", "replace") for key in _PARTS)
                name, version, build = parts
                self.listed[match["file"]] = (name, version, build)
            elif part[max(0, match.start() - _INDENT) : match.start()].rstrip()[-1:] in _IN_LIST:
                # An element of the list `removed`; the value of a record's `fn` follows a colon.
                self.removed.add(match["file"])


def scan(
    read: Callable[[int], bytes], names: Iterable[str], *, use_only_tar_bz2: bool = False
) -> set[Package]:
    """Give the (name, version, build) of these packages; `read` is a file's."""
    findings = _Findings(_pattern(names, use_only_tar_bz2=use_only_tar_bz2))
    part = tail = b""
    size = 0
    while chunk := read(_CHUNK):
        if not size and not chunk.lstrip().startswith(b"{"):
            raise UnansweredError("not-an-index", "no JSON")
        size += len(chunk)
        if size > _MOST:
            raise UnansweredError("too-large", f"more than {_MOST >> 20} MB")
        part = tail + chunk
        findings.look_at(part)
        tail = part[-_OVERLAP:]
    if not tail.rstrip().endswith(b"}"):
        raise UnansweredError("truncated", "JSON without its end")
    if not findings.is_repodata:
        # conda keeps an empty object for a folder that is not there.
        empty = b"".join(part.split()) == _EMPTY
        raise UnansweredError(*(("absent",) if empty else ("not-an-index", "other JSON")))
    return {found for file, found in findings.listed.items() if file not in findings.removed}


def _pattern(names: Iterable[str], *, use_only_tar_bz2: bool) -> re.Pattern[bytes]:
    kinds = rb"tar\.bz2" if use_only_tar_bz2 else rb"(?:conda|tar\.bz2)"
    either = b"|".join(re.escape(name.encode()) for name in names)
    part = rb'[^"\s\\-]+'
    return re.compile(
        rb'"(?P<file>(?P<name>%b)-(?P<version>%b)-(?P<build>%b)\.%b)"\s*(?P<next>[:,\]])'
        % (either, part, part, kinds)
    )
