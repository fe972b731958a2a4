"""The mirror that an address belongs to, its other services, and warnings about addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Note, WheelIndex
from conda_cuda_guard.model.addresses import is_below, is_open, path_below, place, secure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.model import Mirror, Request

_CLOSED_CHANNEL = re.compile(r"(.*/pkgs/|pkgs/)free(?=/|$)")


def mirror_of(url: str, mirrors: Iterable[Mirror]) -> Mirror | None:
    """Return the service that an address is of: the one with the longest base above it."""
    where = place(url)
    found = [
        (len(above), mirror)
        for mirror in mirrors
        for above in map(place, _addresses(mirror))
        if is_below(where, above)
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _addresses(mirror: Mirror) -> Iterator[str]:
    """Yield every address that a service's own addresses begin with."""
    yield mirror.base
    yield from mirror.also
    yield from (url.rpartition("/")[0] for url in mirror.defaults)


def services(name: str, kind: str, mirrors: Iterable[Mirror]) -> tuple[Mirror, ...]:
    """Return the services of a kind that a mirror runs and has not retired."""
    return tuple(
        one for one in mirrors if (one.name, one.kind) == (name, kind) and one.status != "retired"
    )


def wheel_index_beside(url: str, mirrors: Iterable[Mirror]) -> WheelIndex | None:
    """Return the `+cuXXX` wheel index of the mirror that an address is of, if a living one.

    A doubtful one is left out as well: it was not asked for, and PyTorch's own is always there.
    """
    known = tuple(mirrors)
    main = mirror_of(url, known)
    for beside in services(main.name, "wheels", known) if main else ():
        if beside.status == "alive":
            return WheelIndex(beside.base, beside.flat, beside.variants, beside.name)
    return None


def channel_on(mirror: Mirror, channel: str, subdir: str) -> str | None:
    """Return the address of a channel on a mirror that is known to have it for a subdir."""
    if channel not in mirror.carries or lacks(mirror, channel, subdir):
        return None
    return f"{mirror.base}/{channel}"


def lacks(mirror: Mirror, channel: str, subdir: str) -> bool:
    """Return whether a mirror is known not to have a channel, or not for a subdir."""
    subdirs = mirror.carries.get(channel)
    return channel in mirror.lacks or (bool(subdirs) and subdir not in (subdirs or ()))


def concerns(url: str, mirrors: Iterable[Mirror]) -> tuple[Note, ...]:
    """Return the warnings about an address of an index, a page or a channel."""
    known = tuple(mirrors)
    old = _retired(url, known) or _closed_channel(url)
    # One line to change answers both: there is no use in the https form of what is gone.
    better = old.facts["instead"] if old else secure(url)
    open_to_all = _unencrypted(url, better, known) if is_open(url) else None
    return tuple(note for note in (old, open_to_all) if note)


def _retired(url: str, mirrors: tuple[Mirror, ...]) -> Note | None:
    """Return a note about a service that was retired, never existed, or may be gone."""
    mirror = mirror_of(url, mirrors)
    if mirror is None or mirror.status == "alive":
        return None
    # A retired wheel index that is known to have no variants never was one.
    case = "invented" if mirror.variants == frozenset() else mirror.status
    instead = _living(url, mirror, mirrors)
    facts = {"url": url, "mirror": mirror.name, "detail": mirror.note, "instead": instead}
    return Note("mirror-retired", "warning", case, facts)


def _living(url: str, mirror: Mirror, mirrors: tuple[Mirror, ...]) -> str:
    """Return the address in a living service of the same kind, the same mirror's own first."""
    alive = [one for one in mirrors if (one.kind, one.status) == (mirror.kind, "alive")]
    if not alive:
        return ""
    best = min(alive, key=lambda one: (one.name != mirror.name, one.flat))
    # A variant's folder means the same in another wheel index of the same layout.
    variant = path_below(url, _addresses(mirror))[:1] if best.kind == "wheels" else ()
    return "/".join((best.base, *(() if best.flat else variant)))


def _closed_channel(url: str) -> Note | None:
    """Return a note about the channel that Anaconda has closed."""
    found = _CLOSED_CHANNEL.match(url)
    if found is None:
        return None
    living = f"{found[1]}main"
    instead = secure(living) if is_open(living) else living
    return Note("mirror-retired", "warning", "free", {"url": url, "instead": instead})


def _unencrypted(url: str, instead: str, mirrors: tuple[Mirror, ...]) -> Note:
    """Return a note about an address that is read without encryption over public networks."""
    case = "mirror" if mirror_of(url, mirrors) else ""
    return Note("insecure-index", "warning", case, {"url": url, "instead": instead})


def about_addresses(request: Request) -> tuple[Note, ...]:
    """Return warnings of retired mirrors and unencrypted addresses of a request."""
    sources = request.sources
    urls = (*sources.index_urls, *sources.find_links, *sources.addresses)
    places = dict.fromkeys(url for url in urls if "://" in url or "pkgs/free" in url)
    if not places:
        return ()
    mirrors = catalogue.mirrors()
    return tuple(note for url in places for note in concerns(url, mirrors))
