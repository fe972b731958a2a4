"""Read a page of an index: PEP 691 JSON, PEP 503 HTML, and flat pages or listings of links."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin

from .listing import FAMILY, is_family, wheel_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conda_cuda_guard.model import Wheel

ACCEPT = (
    "application/vnd.pypi.simple.v1+json,"
    " application/vnd.pypi.simple.v1+html;q=0.1, text/html;q=0.01"
)

_OPENING = re.compile(r"<a(?=\s)", re.IGNORECASE)
_BASE = re.compile(r"<base\s", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:!doctype|html|head|body|title|h1|pre|a|meta)[\s>]", re.IGNORECASE)
_FILES = (".whl", ".tar.gz", ".tar.bz2", ".zip", ".egg")
# What people sign in by; a listing may have a search form too, but it has files.
_SIGN_IN = ("<form", "<input", "<script", "<iframe", 'http-equiv="refresh"')
_LONGEST_LINK = 4096
_SHA256 = re.compile(r"(?:^|&)sha256=([0-9a-f]{64})(?:&|$)", re.IGNORECASE)
_SCHEMES = ("http://", "https://", "file://")


class NotAnIndexError(ValueError):
    """The page is something else: a login page, an error in JSON, garbage."""


def wheels_on(body: bytes, kind: str, url: str) -> tuple[Wheel, ...]:
    """List torch's and its companions' wheels on a page that was found at an address.

    `kind` is the page's media type; an index without these packages has none of them.
    """
    if "json" in kind.lower() or body.lstrip()[:1] == b"{":
        found = _from_json(body, url)
    else:
        # Names and addresses are ASCII whatever the page's encoding is.
        found = _from_html(body.decode("utf-8", "replace"), url)
    return tuple(dict.fromkeys(found))


def _from_json(body: bytes, url: str) -> Iterator[Wheel]:
    try:
        page = json.loads(body)
    except (ValueError, RecursionError):
        raise NotAnIndexError("no JSON") from None
    files = page.get("files") if isinstance(page, dict) else None
    if not isinstance(files, list):
        raise NotAnIndexError("JSON without files")
    return (wheel for wheel in map(_from_entry, files, [url] * len(files)) if wheel)


def _from_entry(entry: Any, page: str) -> Wheel | None:
    if not isinstance(entry, dict):
        return None
    name, href, hashes = (entry.get(key) for key in ("filename", "url", "hashes"))
    if not isinstance(name, str) or not isinstance(href, str) or not is_family(name):
        return None
    digest = hashes.get("sha256") if isinstance(hashes, dict) else None
    sha256 = _sha256(f"sha256={digest}")
    # Where it is yanked the value is the reason, or true.
    return _wheel(name, page, href, sha256=sha256, yanked=entry.get("yanked") not in (None, False))


def _from_html(text: str, url: str) -> Iterator[Wheel]:
    """Read the links.

    The library's parser is written in Python and needs seconds for a page of all packages, so it is
    given only the openings of links that may be wanted, each by itself. Other parsers are either no
    faster or compiled, which a plugin should not bring into a conda's base environment.
    """
    text = _without_comments(text)
    before, *links = _OPENING.split(text)
    if not _is_index(text, any_link=bool(links)):
        raise NotAnIndexError("no list of files")
    return _from_links(links, _base(before, url))


def _from_links(links: list[str], base: str) -> Iterator[Wheel]:
    parser = _Attributes()
    for link in links:
        # Most of a page's text is small letters; anything else is looked at more closely later.
        start = link[:_LONGEST_LINK]
        if not any(name in start.lower() for name in FAMILY[:1]):
            continue
        attributes = parser.of(f"<a{start}")
        wheel = _from_attributes(attributes, base)
        if wheel is not None:
            yield wheel


def _from_attributes(attributes: Mapping[str, str | None], base: str) -> Wheel | None:
    href = (attributes.get("href") or "").strip()
    path, _, fragment = href.partition("#")
    name = unquote(path.partition("?")[0].rpartition("/")[2])
    if not is_family(name):
        return None
    return _wheel(name, base, path, sha256=_sha256(fragment), yanked="data-yanked" in attributes)


def _wheel(name: str, base: str, href: str, *, sha256: str, yanked: bool) -> Wheel | None:
    try:
        address = urljoin(base, href)
    except ValueError:
        return None
    if not address.startswith(_SCHEMES):
        return None
    return wheel_of(name, address, sha256=sha256, yanked=yanked)


def _is_index(text: str, *, any_link: bool) -> bool:
    """Tell a listing, perhaps an empty one, from a page that is for people to sign in."""
    lower = text.lower()
    if any_link and any(ending in lower for ending in _FILES):
        return True
    return _MARKUP.search(text) is not None and not any(part in lower for part in _SIGN_IN)


def _sha256(fragment: str) -> str:
    found = _SHA256.search(fragment)
    return found[1].lower() if found else ""


def _base(before: str, url: str) -> str:
    """Give what relative links start from: the page's address, or what its head says."""
    found = _BASE.search(before)
    if found is None:
        return url
    opening = before[found.start() : found.start() + _LONGEST_LINK]
    try:
        return urljoin(url, _Attributes().of(opening).get("href") or "")
    except ValueError:
        return url


def _without_comments(text: str) -> str:
    """Cut comments out, in one pass: a pattern would need many where none of them is closed."""
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        kept.append(text[at:start])
        end = text.find("-->", start + 4)
        if end < 0:
            return "".join(kept)
        at = end + 3
    return "".join([*kept, text[at:]])


class _Attributes(HTMLParser):
    """The attributes of the first tag of a piece of HTML."""

    def of(self, piece: str) -> Mapping[str, str | None]:
        """Read them; empty where the piece has no whole tag."""
        self.reset()
        self.found: dict[str, str | None] | None = None
        self.feed(piece)
        return self.found or {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the first tag's; of an attribute that is there twice the first counts."""
        if self.found is None:
            self.found = dict(reversed(attrs))
