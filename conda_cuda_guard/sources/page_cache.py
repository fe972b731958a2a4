"""A cache of index pages in files: the wheels that they list, and when to ask again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import posixpath
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from conda_cuda_guard import __version__
from conda_cuda_guard.host.files import write_file
from conda_cuda_guard.model import Wheel
from conda_cuda_guard.model.shown_text import redact

from .wheel_filename import family_names, without_secrets


def wheel_rows(wheels: Iterable[Wheel], page: str) -> list[list[Any]]:
    """Return wheels as rows of JSON values, with addresses relative to their page."""
    return [
        [
            wheel.package, wheel.version, sorted(wheel.pythons), sorted(wheel.platforms),
            _relative(wheel.url, page), wheel.sha256, wheel.yanked, wheel.metadata,
            wheel.libc, wheel.variant,
        ]
        for wheel in wheels
    ]  # fmt: skip


def wheels_from(rows: list[list[Any]], page: str) -> tuple[Wheel, ...]:
    """Return the wheels of rows that were written for the same page."""
    return tuple(
        Wheel(
            package, version, frozenset(pythons), frozenset(platforms),
            _absolute(place, page), *rest,
        )
        for package, version, pythons, platforms, place, *rest in rows
    )  # fmt: skip


def _relative(url: str, page: str) -> str:
    """Write an address from the page's folder: a token in the path of both is not in the result."""
    folder, _, name = url.rpartition("/")
    return f"{_relative_folder(folder, page)}/{name}"


def _absolute(place: str, page: str) -> str:
    folder, _, name = place.rpartition("/")
    return _absolute_folder(folder, page) + name


# A page's files lie in few folders.
@lru_cache(maxsize=256)
def _absolute_folder(folder: str, page: str) -> str:
    return urljoin(page, f"{folder}/")


@lru_cache(maxsize=256)
def _relative_folder(folder: str, page: str) -> str:
    here, there = urlsplit(page), urlsplit(folder)
    if here[:2] != there[:2]:
        return folder
    return posixpath.relpath(there.path or "/", posixpath.dirname(here.path) or "/")


# A new release of torch is seen after so many seconds, whatever a server allows.
_LONGEST = 600
_LONGEST_HEADER = 512
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=([0-9]{1,9})\b", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,9}")
_ALWAYS_ASK = re.compile(r"no-cache|no-store", re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """A page read at a time (seconds since the epoch), and what its server said of asking again.

    It lists wheels, or it is a wheel's metadata and `requires` packages of the families.
    """

    wheels: tuple[Wheel, ...]
    etag: str
    modified: str
    read_at: float
    fresh_for: int
    requires: tuple[str, ...] = ()

    @property
    def is_fresh(self) -> bool:
        """Whether its server need not be asked; a clock that was put back makes nothing fresh."""
        return 0 <= time.time() - self.read_at < self.fresh_for

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask for the page only if it has changed."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in headers.items() if value}


def page_of(
    wheels: tuple[Wheel, ...], headers: Mapping[str, str], requires: tuple[str, ...] = ()
) -> Page:
    """Return the page that was read just now."""
    etag, modified = (_short(headers.get(name, "")) for name in ("etag", "last-modified"))
    return Page(wheels, etag, modified, time.time(), _fresh_for(headers), requires)


def renewed_page(page: Page, headers: Mapping[str, str]) -> Page:
    """Return a page that has not changed, renewed; the same where nothing new is to be kept."""
    seconds = _fresh_for(headers)
    return replace(page, read_at=time.time(), fresh_for=seconds) if seconds else page


def find_page(folder: Path, url: str, platform: str = "") -> Page | None:
    """Return a cached page, read for one platform or all; None for none, or a damaged one."""
    try:
        digest, _, text = _file(folder, url, platform).read_bytes().partition(b"\n")
        if hashlib.sha256(text).hexdigest().encode() != digest:
            return None
        return _from_plain(json.loads(text), without_secrets(url))
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return None


def keep_page(folder: Path, url: str, page: Page, platform: str = "") -> None:
    """Write a page to the cache, where that is of use and possible."""
    if not page.conditions and not page.fresh_for:
        return
    text = json.dumps(_as_plain(page, without_secrets(url)), separators=(",", ":")).encode()
    content = hashlib.sha256(text).hexdigest().encode() + b"\n" + text
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The digest in it shows a damaged one, so it need not last.
        write_file(_file(folder, url, platform), content, private=True, sync=False)


def default_cache() -> Path | None:
    """Return the folder of the user's pages; None for a user without a home."""
    import platformdirs

    folder = Path(platformdirs.user_cache_dir("conda-cuda-guard", appauthor=False))
    return folder / "pages" if folder.is_absolute() else None


def _file(folder: Path, url: str, platform: str) -> Path:
    # The version and the packages are in it because a newer one may read more from the same page.
    named = f"{__version__} {family_names()} {platform} {redact(url)}"
    return folder / hashlib.sha256(named.encode()).hexdigest()


def _fresh_for(headers: Mapping[str, str]) -> int:
    """Return the seconds that a server allows a page to be used without asking."""
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
    return [rows, page.etag, page.modified, page.read_at, page.fresh_for, list(page.requires)]


def _from_plain(plain: list[Any], url: str) -> Page:
    rows, etag, modified, read_at, fresh_for, requires = plain
    return Page(wheels_from(rows, url), etag, modified, read_at, fresh_for, tuple(requires))
