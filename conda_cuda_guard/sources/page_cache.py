"""Pages that were read before, so that an index need only say that nothing has changed.

A file holds the wheels of one page, not the page, under a hash of its address. No credential is in
it: addresses are written without, and from the page's own folder, which may hold a token.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conda_cuda_guard import __version__
from conda_cuda_guard.rendering.redact import redact

from .listing import without_secrets
from .wheel_rows import wheel_rows, wheels_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.model import Wheel

# A new release of torch is seen after so many seconds, whatever a server allows.
_LONGEST = 600
_LONGEST_HEADER = 512
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=([0-9]{1,9})\b", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,9}")
_ALWAYS_ASK = re.compile(r"no-cache|no-store", re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """A page read at a time (seconds since the epoch), and what its server said of asking again."""

    wheels: tuple[Wheel, ...]
    etag: str
    modified: str
    read_at: float
    fresh_for: int

    @property
    def is_fresh(self) -> bool:
        """Whether its server need not be asked; a clock that was put back makes nothing fresh."""
        return 0 <= time.time() - self.read_at < self.fresh_for

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask for the page only if it has changed."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in headers.items() if value}


def page_of(wheels: tuple[Wheel, ...], headers: Mapping[str, str]) -> Page:
    """Make a page of what was read just now."""
    etag, modified = (_short(headers.get(name, "")) for name in ("etag", "last-modified"))
    return Page(wheels, etag, modified, time.time(), _fresh_for(headers))


def again(page: Page, headers: Mapping[str, str]) -> Page:
    """Make a page of one that has not changed; the same where nothing new has to be kept."""
    seconds = _fresh_for(headers)
    return replace(page, read_at=time.time(), fresh_for=seconds) if seconds else page


def find(folder: Path, url: str) -> Page | None:
    """Return a page that was kept; None where there is none, or a damaged one."""
    try:
        digest, _, text = _file(folder, url).read_bytes().partition(b"\n")
        if hashlib.sha256(text).hexdigest().encode() != digest:
            return None
        return _from_plain(json.loads(text), without_secrets(url))
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return None


def keep(folder: Path, url: str, page: Page) -> None:
    """Keep a page for the next time, where there is a use for it and it can be written."""
    if not page.conditions and not page.fresh_for:
        return
    text = json.dumps(_as_plain(page, without_secrets(url)), separators=(",", ":")).encode()
    content = hashlib.sha256(text).hexdigest().encode() + b"\n" + text
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(_file(folder, url), content)


def default_cache() -> Path | None:
    """Give the folder for the user's pages; None for a user without a home."""
    import platformdirs

    folder = Path(platformdirs.user_cache_dir("conda-cuda-guard", appauthor=False))
    return folder / "pages" if folder.is_absolute() else None


def _write(place: Path, content: bytes) -> None:
    # The file is made with mode 0600; renaming it shows nobody a part of it.
    handle, beside = tempfile.mkstemp(prefix=".page-", dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(beside).replace(place)
    except BaseException:
        Path(beside).unlink()
        raise


def _file(folder: Path, url: str) -> Path:
    # The version is in it because a newer one may read more from the same page.
    return folder / hashlib.sha256(f"{__version__} {redact(url)}".encode()).hexdigest()


def _fresh_for(headers: Mapping[str, str]) -> int:
    """Give the seconds that a server allows a page to be used without asking."""
    control, age = headers.get("cache-control", ""), headers.get("age", "0")
    allowed = _MAX_AGE.search(control)
    # With no-store too, names are kept, but asked about each time: they are not the page.
    if not allowed or _ALWAYS_ASK.search(control) or not _NUMBER.fullmatch(age):
        return 0
    return max(0, min(int(allowed[1]) - int(age), _LONGEST))


def _short(header: str) -> str:
    return header if len(header) <= _LONGEST_HEADER and header.isprintable() else ""


def _as_plain(page: Page, url: str) -> list[Any]:
    rows = wheel_rows(page.wheels, url)
    return [rows, page.etag, page.modified, page.read_at, page.fresh_for]


def _from_plain(plain: list[Any], url: str) -> Page:
    rows, *rest = plain
    return Page(wheels_from(rows, url), *rest)
