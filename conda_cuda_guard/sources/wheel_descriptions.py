"""Files of an index that describe wheels: one's metadata, and the variants of a version.

Metadata lies beside its wheel (PEP 658); of the families' packages it tells what is asked for. The
variant wheels of a version are described by `{name}-{version}-variants.json`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from email.parser import HeaderParser
from typing import Any
from urllib.parse import unquote

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from conda_cuda_guard.model.sources import LABEL, WheelVariant
from conda_cuda_guard.model.versions import read_cuda, version

from .index_page import NotAnIndexError
from .wheel_filename import family_names

METADATA = ".metadata"
# What is longer, or holds what cannot be printed, is no requirement that a person wrote.
_LONGEST = 1000
# The name that a requirement begins with.
_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)", re.ASCII)
# The properties of a variant that are NVIDIA's.
_NVIDIA = "nvidia"
_LOWER, _UPPER, _CODE = "cuda_version_lower_bound", "cuda_version_upper_bound", "sm_arch"
_CUDA = re.compile(r"\d{1,2}(\.\d{1,2})?", re.ASCII)
_FORM, _NEWEST_FORM = re.compile(r"/v(\d{1,3})\.\d+", re.ASCII), 1
_ARCH = re.compile(r"(\d{1,2})(\d)_(real|virtual)", re.ASCII)


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
        name, number, _, _ = parse_wheel_filename(unquote(url.rpartition("/")[2])[: -len(METADATA)])
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


def read_variants(body: bytes) -> tuple[WheelVariant, ...]:
    """Return the variants that are told apart by NVIDIA's properties; raise for what is none.

    One with a property of another kind (AMD's, a level of x86-64) is left out: whether the machine
    has it is not known, and a variant needs all of them.
    """
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise NotAnIndexError("no JSON") from None
    variants = content.get("variants") if isinstance(content, dict) else None
    if not isinstance(variants, dict):
        raise NotAnIndexError("JSON without variants")
    form = _FORM.search(str(content.get("$schema")))
    if form and int(form[1]) > _NEWEST_FORM:  # what it means is not known
        raise NotAnIndexError("a later form of variants")
    return tuple(_variants(variants))


def _variants(variants: dict[str, Any]) -> Iterator[WheelVariant]:
    for label, namespaces in variants.items():
        if not LABEL.fullmatch(label) or not isinstance(namespaces, dict):
            continue
        features = namespaces.get(_NVIDIA, {})
        if not {_NVIDIA}.issuperset(namespaces) or not isinstance(features, dict):
            continue
        found = _variant(label, features)
        if found is not None:
            yield found


def _variant(label: str, features: dict[str, Any]) -> WheelVariant | None:
    """Return a variant by its features; None where one of them is not understood.

    Of the values of a feature one has to hold: the oldest lower bound, the newest upper one.
    """
    if not {_LOWER, _UPPER, _CODE}.issuperset(features):
        return None
    lower, upper = (_cuda_versions(features.get(name, [])) for name in (_LOWER, _UPPER))
    code = _texts(features.get(_CODE, []))
    if lower is None or upper is None or code is None:
        return None
    # As NVIDIA's provider has it, intermediate code serves its own major version alone.
    machine_code = [f"{f[1]}.{f[2]}" for f in map(_ARCH.fullmatch, code) if f]
    if (_CODE in features and not machine_code) or (upper and not lower):
        return None
    return WheelVariant(
        label,
        min(lower, key=version, default=None),
        max(upper, key=version, default=None),
        tuple(sorted(set(machine_code), key=version)),
    )


def _cuda_versions(value: object) -> list[str] | None:
    texts = _texts(value)
    if texts is None or not all(map(_CUDA.fullmatch, texts)):
        return None
    return [str(found) for found in map(read_cuda, texts) if found]


def _texts(value: object) -> list[str] | None:
    is_list = isinstance(value, list) and all(isinstance(one, str) for one in value)
    return value if is_list else None  # type: ignore[return-value]
