"""Addresses compared and changed as text: no network, no names resolved."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

# A host and the folders of a path; the scheme, credentials and default ports do not matter.
Place = tuple[str, ...]

_SCHEME = "http://"
_DEFAULT_PORTS = (None, 80, 443)
_CONDA_TOKEN = re.compile(r"/t/[^/]+(?=/|$)")
# Names that only private networks resolve (RFC 6762, RFC 8375, RFC 6761, ICANN).
_OWN_SUFFIXES = (".localhost", ".local", ".lan", ".internal", ".intranet", ".corp", ".home.arpa")


def place(url: str) -> Place:
    """Return what an address points to, in a form that compares equal however it is written."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ()
    if not host:
        return ()
    where = host if port in _DEFAULT_PORTS else f"{host}:{port}"
    path = _CONDA_TOKEN.sub("", parts.path)
    return (where, *(folder for folder in path.split("/") if folder))


def is_below(where: Place, above: Place) -> bool:
    """Return whether a place is another one or below it."""
    return bool(above) and where[: len(above)] == above


def heard_dead(url: str, dead: Mapping[Place, tuple[str, str]]) -> tuple[str, str] | None:
    """Return the problem of an address that does not answer, or of its host; None without one."""
    where = place(url) if dead else ()
    return dead.get(where[:1]) or dead.get(where)


def path_below(url: str, bases: Iterable[str]) -> tuple[str, ...]:
    """Return the folders of an address below the longest of the bases that it is in."""
    where = place(url)
    depths = [len(above) for above in map(place, bases) if is_below(where, above)]
    return where[max(depths, default=len(where)) :]


def is_open(url: str) -> bool:
    """Return whether an address is read without encryption over public networks."""
    if not url.strip().lower().startswith(_SCHEME):
        return False
    where = place(url)
    return bool(where) and not _is_own(urlsplit(url.strip()).hostname or "")


def _is_own(host: str) -> bool:
    """Return whether a host is this machine or in a private network, by its address or name."""
    try:
        return not ipaddress.ip_address(host.partition("%")[0]).is_global
    except ValueError:
        return "." not in host or host.rstrip(".").endswith(_OWN_SUFFIXES)


def secure(url: str) -> str:
    """Return the encrypted form of an `http://` address; "" where its port does not tell."""
    rest = url.strip()[len(_SCHEME) :]
    host, slash, path = rest.partition("/")
    host = host.removesuffix(":80")
    return "" if re.search(r":\d+$", host) else f"https://{host}{slash}{path}"
