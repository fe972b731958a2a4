"""Metadata files that lie beside wheels (PEP 658): what a package asks for of the families."""

from __future__ import annotations

import hashlib
import re
from email.parser import HeaderParser
from urllib.parse import unquote

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from .wheel_filename import family_names

ENDING = ".metadata"
# What is longer, or holds what cannot be printed, is no requirement that a person wrote.
_LONGEST = 1000
# The name that a requirement begins with.
_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)", re.ASCII)


class NotMetadataError(ValueError):
    """The file is not the metadata of the wheel that it lies beside."""


def requires_of(body: bytes, url: str, said: str) -> tuple[str, ...]:
    """Return the requirements on packages of the families in a wheel's metadata file.

    `said` is what the index says of the file, a hash or `true`. Raise NotMetadataError for one that
    is another wheel's, or not the one with that hash.
    """
    kind, _, digest = said.partition("=")
    if kind == "sha256" and hashlib.sha256(body).hexdigest() != digest:
        raise NotMetadataError("another hash")
    try:
        name, number, _, _ = parse_wheel_filename(unquote(url.rpartition("/")[2])[: -len(ENDING)])
    except (InvalidWheelFilename, ValueError):
        raise NotMetadataError("not beside a wheel") from None
    head = HeaderParser().parsestr(body.decode("utf-8", "replace"))
    named = (canonicalize_name(head["Name"] or ""), head["Version"])
    if named != (name, str(number)) and named != (name, number.public):
        raise NotMetadataError("of another file")
    known = frozenset(family_names())
    asked = map(str, head.get_all("Requires-Dist", []))
    return tuple(text for text in asked if _is_sane(text) and _package(text) in known)


def _is_sane(text: str) -> bool:
    return len(text) <= _LONGEST and text.isprintable()


def _package(text: str) -> str:
    found = _NAME.match(text)
    return canonicalize_name(found[1]) if found else ""
