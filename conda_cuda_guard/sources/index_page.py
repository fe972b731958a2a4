"""Read a page of an index: PEP 691 JSON, PEP 503 HTML, and flat pages or listings of links."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from conda_cuda_guard.host.files import NotAFileError, opened
from conda_cuda_guard.model import Phrase
from conda_cuda_guard.model.host import platform_named

from .fetching import FetchError
from .wheel_filename import family_words, is_family, wheel_of, wheels_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conda_cuda_guard.model import Wheel

    from .html_links import Attributes, HtmlPage

ACCEPT = (
    "application/vnd.pypi.simple.v1+json,"
    " application/vnd.pypi.simple.v1+html;q=0.1, text/html;q=0.01"
)

_MARKUP = re.compile(r"<(?:!doctype|html|head|body|title|h1|pre|a|meta)[\s>]")
_FILES = (".whl", ".tar.gz", ".tar.bz2", ".zip", ".egg")
# What login pages have; a listing may have a search form too, but it lists files.
_SIGN_IN = ("<form", "<input", "<script", "<iframe", 'http-equiv="refresh"')
_SHA256 = re.compile(r"(?:^|&)sha256=([0-9a-f]{64})(?:&|$)", re.IGNORECASE)
_SCHEMES = ("http://", "https://", "file://")


class NotAnIndexError(ValueError):
    """The page is something else: a login page, an error in JSON, garbage."""


def wheels_on(body: bytes, kind: str, url: str, platform: str = "") -> tuple[Wheel, ...]:
    """Return the families' wheels on a page that was found at an address.

    `kind` is the page's media type; an index without these packages has none of them. Files for
    other platforms than the one that is named are passed over, as far as a glance can tell.
    """
    words = platform_named(platform).file_words if platform else ("",)
    if "json" in kind.lower() or body.lstrip()[:1] == b"{":
        found = _from_json(body, url, words)
    else:
        # Names and addresses are ASCII whatever the page's encoding is.
        found = _from_html(body.decode("utf-8", "replace"), url, words)
    return tuple(dict.fromkeys(found))


def _from_json(body: bytes, url: str, words: tuple[str, ...]) -> Iterator[Wheel]:
    try:
        page = json.loads(body)
    except (ValueError, RecursionError):
        raise NotAnIndexError("no JSON") from None
    files = page.get("files") if isinstance(page, dict) else None
    if not isinstance(files, list):
        raise NotAnIndexError("JSON without files")
    return (wheel for one in files if (wheel := _from_entry(one, url, words)))


def _from_entry(entry: object, page: str, words: tuple[str, ...]) -> Wheel | None:
    if not isinstance(entry, dict):
        return None
    name, href, hashes = (entry.get(key) for key in ("filename", "url", "hashes"))
    if not isinstance(name, str) or not isinstance(href, str):
        return None
    if not any(word in name.lower() for word in words) or not is_family(name):
        return None
    digest = hashes.get("sha256") if isinstance(hashes, dict) else None
    sha256 = _sha256(f"sha256={digest}")
    # Where it is yanked the value is the reason, or true.
    yanked = entry.get("yanked") not in (None, False)
    found = entry.get("core-metadata", entry.get("dist-info-metadata"))
    return _wheel(page, href, sha256, yanked=yanked, metadata=_metadata(found), name=name)


def _from_html(text: str, url: str, words: tuple[str, ...]) -> Iterator[Wheel]:
    """Yield the wheels of links, in the order of the page."""
    from .html_links import read_html  # late: most indexes answer in JSON, or "not modified"

    page = read_html(text, url, must_hold=(family_words(), words))
    if not _is_index(page):
        raise NotAnIndexError("no list of files")
    found = (_from_attributes(attributes, page.base) for attributes in page.links)
    return (wheel for wheel in found if wheel)


def _from_attributes(attributes: Attributes, base: str) -> Wheel | None:
    href = (attributes.get("href") or "").strip()
    path, _, fragment = href.partition("#")
    name = unquote(_file(path))
    if not is_family(name):
        return None
    found = attributes.get("data-core-metadata", attributes.get("data-dist-info-metadata"))
    yanked = "data-yanked" in attributes
    return _wheel(base, path, _sha256(fragment), yanked=yanked, metadata=_metadata(found))


def _metadata(found: object) -> str:
    """Return what a page says of a file's metadata in the form of HTML: `true`, or a hash."""
    if isinstance(found, dict):
        digest = _sha256(f"sha256={found.get('sha256')}")
        return f"sha256={digest}" if digest else "true"
    if isinstance(found, str):
        digest = _sha256(found)
        return f"sha256={digest}" if digest else "true" if found == "true" else ""
    return "true" if found is True else ""


def _wheel(  # noqa: PLR0913
    base: str, href: str, sha256: str, *, yanked: bool, metadata: str, name: str = ""
) -> Wheel | None:
    """Return the wheel that a link leads to, by its last part where no name is given."""
    path = href.partition("?")[0]
    file = _file(path)
    folder = _folder(base, path[: len(path) - len(file)])
    if not folder.startswith(_SCHEMES):
        return None
    return wheel_of(
        name or unquote(file), folder + file, sha256=sha256, yanked=yanked, metadata=metadata
    )


def _file(path: str) -> str:
    return path.partition("?")[0].rpartition("/")[2]


@lru_cache(maxsize=256)  # a page's files lie in few folders
def _folder(base: str, relative: str) -> str:
    """Return the folder that a link leads to; empty where it is not an address."""
    try:
        return urljoin(base, relative or "./")
    except ValueError:
        return ""


def _is_index(page: HtmlPage) -> bool:
    """Return whether a page is a listing, perhaps an empty one, and no page to sign in at."""
    lower = page.text.lower()
    if page.has_links and any(ending in lower for ending in _FILES):
        return True
    return _MARKUP.search(lower) is not None and not any(part in lower for part in _SIGN_IN)


def _sha256(fragment: str) -> str:
    found = _SHA256.search(fragment)
    return found[1].lower() if found else ""


def local_path(url: str) -> Path | None:
    """Return the path of a path or file:// URL; None for other addresses."""
    if url.lower().startswith("file:"):
        from urllib.request import url2pathname  # loads much, and is needed for few

        parts = urlsplit(url)
        host = "" if parts.netloc in ("", "localhost") else f"//{parts.netloc}"
        return Path(url2pathname(host + parts.path))
    return None if "://" in url else Path(url).expanduser()


def wheels_at(path: Path, limit: int, *, flat: bool) -> tuple[Wheel, ...]:
    """Return the wheels of a folder, of a page in a file, or the file; raise FetchError."""
    try:
        if path.is_dir():
            # pip lists the files only of a --find-links folder; in an index it reads the page.
            return wheels_in(path) if flat else _page(path / "index.html", limit)
        if path.suffix == ".whl" and path.is_file():
            wheel = wheel_of(path.name, path.absolute().as_uri())
            return (wheel,) if wheel else ()
        return _page(path, limit)
    except OSError as error:
        raise _unreadable(error) from None


def file_at(path: Path, limit: int) -> bytes:
    """Return the content of a file; raise FetchError."""
    try:
        with opened(path) as file:
            body = file.read(limit + 1)
    except OSError as error:
        raise _unreadable(error) from None
    if len(body) > limit:
        raise FetchError("too-large")
    return body


def _unreadable(error: OSError) -> FetchError:
    if isinstance(error, FileNotFoundError):
        return FetchError("absent", Phrase("no such file"))
    if isinstance(error, NotAFileError):
        return FetchError("unreachable", error.strerror)
    return FetchError("unreachable", type(error).__name__)


def _page(path: Path, limit: int) -> tuple[Wheel, ...]:
    return wheels_on(file_at(path, limit), "", path.absolute().as_uri())
