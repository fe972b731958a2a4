"""The links of an HTML page, quickly where there are very many.

The library's parser is written in Python and needs seconds for a page of all packages, so it is
given only the openings of links that may be wanted, each by itself. Other parsers are either no
faster or compiled, which a plugin should not bring into conda's base environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Optional
from urllib.parse import urljoin

Attributes = Mapping[str, Optional[str]]

_OPENING = re.compile(r"<a(?=\s)", re.IGNORECASE)
_BASE = re.compile(r"<base\s", re.IGNORECASE)
# What a server may send is not always a page: no piece is looked at for longer than this.
_LONGEST = 4096


@dataclass(frozen=True)
class HtmlPage:
    """A page: its text without comments, what its links start from, and the links asked for."""

    text: str
    base: str
    has_links: bool
    links: Iterator[Attributes]


def read_html(text: str, url: str, *, must_hold: tuple[tuple[str, ...], ...]) -> HtmlPage:
    """Return a page that was found at an address, with the links whose tags hold a word of each."""
    text = _without_comments(text)
    before, *rest = _OPENING.split(text)
    parser = _FirstTag()
    openings = (piece[:_LONGEST].partition("</")[0] for piece in rest)
    wanted = (one for one in openings if _holds(one.lower(), must_hold))
    links = (parser.read(f"<a{piece}") for piece in wanted)
    return HtmlPage(text, _base(before, url), bool(rest), links)


def _holds(lower: str, of_each: tuple[tuple[str, ...], ...]) -> bool:
    return all(any(word in lower for word in words) for words in of_each)


def _base(before: str, url: str) -> str:
    """Return the base of relative links: the page's address, or its `<base>`."""
    found = _BASE.search(before)
    if found is None:
        return url
    opening = before[found.start() : found.start() + _LONGEST]
    try:
        return urljoin(url, _FirstTag().read(opening).get("href") or "")
    except ValueError:
        return url


def _without_comments(text: str) -> str:
    """Return text without comments, in one pass; a pattern is slow where none is closed."""
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        kept.append(text[at:start])
        end = text.find("-->", start + 4)
        if end < 0:
            return "".join(kept)
        at = end + 3
    return "".join([*kept, text[at:]])


class _FirstTag(HTMLParser):
    """The attributes of the first tag of a piece of HTML."""

    def read(self, piece: str) -> Attributes:
        """Return them; empty where the piece has no whole tag."""
        self.reset()
        self.found: Attributes | None = None
        self.feed(piece)
        return self.found or {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 (the base's name)
        """Keep the first tag's; of an attribute that is there twice the first counts."""
        if self.found is None:
            self.found = dict(reversed(attrs))
