"""What there is to say about the addresses in force themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue

from .mirrors import concerns

if TYPE_CHECKING:
    from conda_cuda_guard.model import Note, Request


def about_addresses(request: Request) -> tuple[Note, ...]:
    """Warn of retired mirrors and unencrypted addresses among the sources of a request."""
    sources = request.sources
    urls = (*sources.index_urls, *sources.find_links, *sources.addresses)
    places = dict.fromkeys(url for url in urls if "://" in url or "pkgs/free" in url)
    if not places:
        return ()
    mirrors = catalogue.mirrors()
    return tuple(note for url in places for note in concerns(url, mirrors))
