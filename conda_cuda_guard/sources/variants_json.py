"""Reading `{name}-{version}-variants.json`, the description of a version's variant wheels."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model.sources import LABEL, WheelVariant
from conda_cuda_guard.model.versions import read_cuda, version

from .index_page import NotAnIndexError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NVIDIA = "nvidia"
_LOWER, _UPPER, _CODE = "cuda_version_lower_bound", "cuda_version_upper_bound", "sm_arch"
_CUDA = re.compile(r"\d{1,2}(\.\d{1,2})?", re.ASCII)
_FORM, _NEWEST_FORM = re.compile(r"/v(\d{1,3})\.\d+", re.ASCII), 1
_ARCH = re.compile(r"(\d{1,2})(\d)_(real|virtual)", re.ASCII)


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
