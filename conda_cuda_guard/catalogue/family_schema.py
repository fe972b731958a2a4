"""The form of a family's data file (docs/families.md), and each place where a file differs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from conda_cuda_guard.model import PLATFORMS, Phrase, Range, is_version, version
from conda_cuda_guard.model.spelling import CUDA_EXACT, CUDA_MAJOR, CUDNN_MAJOR

from .files import SCHEMA
from .json_form import (
    Check,
    Fault,
    Steps,
    boolean,
    list_of,
    map_of,
    matches,
    object_of,
    or_null,
    pair_of,
    shown,
    text_that,
)


def _schema(value: object, steps: Steps) -> Iterator[Fault]:
    if type(value) is not int or value != SCHEMA:
        told = Phrase("it is {found}; this version reads {schema}", found=shown(value), schema=1)
        yield Fault(steps, told)


def _newest_first(value: object, steps: Steps) -> Iterator[Fault]:
    """Yield faults of a list of versions, newest first."""
    found = list(list_of(_VERSION)(value, steps))
    yield from found
    if found or not isinstance(value, list):
        return
    for at, (one, other) in enumerate(zip(value, value[1:])):
        if version(one) <= version(other):
            told = Phrase("the newest comes first: {other} is after {one}", other=other, one=one)
            yield Fault((*steps, at + 1), told)


def _pairs(value: object, steps: Steps) -> Iterator[Fault]:
    """Yield faults of a list of `[version, specifier of the lead]`, newest first."""
    found = list(list_of(_PAIR, least=1)(value, steps))
    yield from found
    if not found and isinstance(value, list):
        for fault in _newest_first([one[0] for one in value], steps):
            yield Fault((*fault.steps, 0), fault.reason)


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None and canonicalize_name(text) == text


_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?", re.ASCII)
_WORDS = "[a-z0-9][a-z0-9._-]{0,98}"
_ADDRESS = re.compile(r"(?:https?|file)://[!-~]+", re.ASCII)


def _template(*names: str) -> Check:
    """Return the check of an address in which these names in braces may stand."""
    fields = [f"{{{name}}}" for name in names]

    def fits(text: str) -> bool:
        for field in fields:
            text = text.replace(field, "1")
        return _ADDRESS.fullmatch(text) is not None and not {"{", "}"}.intersection(text)

    return text_that(fits, Phrase("an address, perhaps with {names}", names=", ".join(fields)))


_NAMED = text_that(_is_name, Phrase("a normalized name (lower case, single dashes)"))
_ANY_TEXT = text_that(lambda _: True, Phrase("a text"))
_WORD = text_that(matches(_WORDS), Phrase("a word of small letters and digits"))
_WORD_OR_NONE = text_that(matches(f"({_WORDS})?"), Phrase("a word of small letters and digits"))
_VARIANT = text_that(matches(r"cpu|cu\d{2,3}"), Phrase("a variant, as cu126 or cpu"))
_SUFFIX = text_that(
    lambda text: not text or _is_name(f"a{text}"), Phrase("the end of a normalized name")
)
_VERSION = text_that(is_version, Phrase("a version"))
_RANGE = text_that(lambda text: Range.of(text) is not None, Phrase("a range of versions"))
_CUDA = text_that(matches(r"[1-9]\d?(\.\d{1,2})?"), Phrase("a CUDA version, as 12 or 12.4"))
_PLATFORM = text_that(PLATFORMS.__contains__, Phrase("one of {names}", names=", ".join(PLATFORMS)))
_PAIR = pair_of(_VERSION, _RANGE, Phrase("a version and a range of versions"))
_LIBC = text_that(matches(r"(glibc|musl) \d{1,3}\.\d{1,3}"), Phrase("a C library, as glibc 2.28"))
_URL = text_that(lambda text: _ADDRESS.fullmatch(text) is not None, Phrase("an address"))
_TEMPLATE = _template("version", "variant")
# What is filled in of the lead, and of a file.
_OF_LEAD = ("minor", "minor_digits", "variant", "major", "abi")
_OF_FILE = ("version", "python", "arch")
_SHARES = (CUDA_MAJOR, CUDA_EXACT, CUDNN_MAJOR)
_SHARED = text_that(_SHARES.__contains__, Phrase("one of {names}", names=", ".join(_SHARES)))
_SYSTEMS = ("linux", "windows")


def _own(value: object, steps: Steps) -> Iterator[Fault]:
    yield from map_of(_NAMED, _newest_first)(value, steps)


def _build(value: object, steps: Steps) -> Iterator[Fault]:
    """Yield faults of a build; one that contains several CUDA versions has no other."""
    yield from (_FAT if isinstance(value, dict) and value.get("contains") else _BUILD)(value, steps)


_BUILD_FIELDS: dict[str, Check] = {
    "variant": _WORD,
    "cudnn": text_that(matches(r"\d{1,2}"), Phrase("a major version")),
    "own": _own,
    "label": text_that(matches(r"[a-z0-9.+_-]{1,40}"), Phrase("the end of a version")),
    "pinned": boolean,
    "fallback": boolean,
    "legacy": boolean,
    "drivers": map_of(text_that(_SYSTEMS.__contains__, Phrase("linux or windows")), _VERSION),
    "releases": _RANGE,
    "known": _newest_first,
    "suffix": _SUFFIX,
    "name": _NAMED,
    "extra": _WORD,
    "index": _URL,
    "page": _URL,
    "python": _RANGE,
    "platforms": list_of(_PLATFORM),
    "libc": or_null(_LIBC),
    "capabilities": _RANGE,
    "note": _ANY_TEXT,
}
_BUILD = object_of({"cuda": or_null(_CUDA)}, {**_BUILD_FIELDS, "contains": list_of(_CUDA)})
_FAT = object_of({"contains": list_of(_CUDA, least=1)}, _BUILD_FIELDS)
_PLACE = object_of(
    {"versions": _RANGE},
    {
        "variants": list_of(_VARIANT),
        "not": list_of(_VARIANT),
        "labelled": boolean,
        "index": _TEMPLATE,
        "python": _RANGE,
        "libc": or_null(_LIBC),
        "capabilities": list_of(_RANGE),
        "note": _ANY_TEXT,
    },
)
_SERIES = text_that(matches(r"\d{1,3}\.\d{1,3}"), Phrase("a release series, as 2.5"))
_VARIANT_OR_MAJOR = text_that(matches(r"cpu|cu\d{2,3}"), Phrase("a variant, as cu126 or cu12"))
_LABELS = list_of(_ANY_TEXT)
# Where files that are built against a lead lie, and what they are for.
_BUILT_PLACES: dict[str, Check] = {
    "page": _template(*_OF_LEAD),
    "index": _template(*_OF_LEAD),
    "file": _template(*_OF_LEAD, *_OF_FILE),
    "pythons": list_of(text_that(matches(r"3\.\d{1,2}t?"), Phrase("a Python, as 3.11"))),
    "platforms": list_of(_PLATFORM),
    "abis": list_of(text_that(("TRUE", "FALSE").__contains__, Phrase("TRUE or FALSE"))),
    "labels": _LABELS,
}
_BUILT_FILES = object_of(
    {"versions": map_of(_NAMED, _newest_first)},
    {
        **_BUILT_PLACES,
        "lead": list_of(_SERIES),
        "variants": list_of(_VARIANT_OR_MAJOR),
        "evidence": _ANY_TEXT,
        "note": _ANY_TEXT,
    },
)
_NUMBER = text_that(matches(r"\d{1,4}(\.\d)?"), Phrase("a number"))
_SOURCE = object_of(
    {},
    {
        "needs": text_that(("nvcc", "jit").__contains__, Phrase("nvcc or jit")),
        "flags": list_of(_ANY_TEXT),
        "variables": list_of(_ANY_TEXT),
        "memory": _NUMBER,
        "minutes": _NUMBER,
        "hours": _NUMBER,
        "requirement": _ANY_TEXT,
        "tools": list_of(_ANY_TEXT, least=1),
    },
)


def _on_conda(value: object, steps: Steps) -> Iterator[Fault]:
    """Yield faults of what a family has on conda: one part, or a list of them, or of none."""
    yield from (list_of(_ON_CONDA) if isinstance(value, list) else _ON_CONDA)(value, steps)


def _known(value: object, steps: Steps) -> Iterator[Fault]:
    """Yield faults of a release with its CUDA versions, and perhaps the series of the lead."""
    of_series = isinstance(value, list) and len(value) == len(("release", "CUDA", "series"))
    if of_series and isinstance(value, list):
        yield from list_of(_SERIES, least=1)(value[2], (*steps, 2))
        value = value[:2]
    yield from pair_of(_VERSION, list_of(_CUDA, least=1))(value, steps)


_GLOB = text_that(matches(r"[a-z0-9_.*]{1,40}"), Phrase("a text"))
_ON_CONDA = object_of(
    {
        "packages": list_of(_WORD, least=1),
        "channels": list_of(_WORD, least=1),
        "carriers": list_of(_WORD),
        "known": list_of(_known, least=1),
    },
    {
        "sources": list_of(_ANY_TEXT),
        "needs": map_of(_WORD, _WORD),
        "cuda_names": map_of(_WORD, _WORD),
        "cpu_names": list_of(_WORD),
        "build": _GLOB,
        "cpu_builds": list_of(_GLOB),
        "selectors": list_of(pair_of(_RANGE, _WORD)),
        "capabilities": map_of(_CUDA, _RANGE),
        "platforms": list_of(_PLATFORM),
        "with_lead": boolean,
    },
)
_HEAD: dict[str, Check] = {
    "table": text_that("family".__eq__, '"family"'),
    "schema": _schema,
    "sources": list_of(_ANY_TEXT, least=1),
    "family": _NAMED,
}
_MORE: dict[str, Check] = {"date": _ANY_TEXT, "note": _ANY_TEXT, "on_conda": _on_conda}
# What a file has of its own kind, the first that is there, and the form of such a file.
KINDS: dict[str, Check] = {
    "follows": object_of(
        {
            **_HEAD,
            "follows": _NAMED,
            "lead": object_of(
                {"pip": _NAMED, "conda": _WORD_OR_NONE, "variants_since": or_null(_VERSION)},
                {},
            ),
            "labelled": boolean,
            "pins_torch": boolean,
            "versions": _pairs,
        },
        {
            **_MORE,
            "platforms": list_of(_PLATFORM),
            "brought": boolean,
            "beside": list_of(_NAMED),
            "builds": list_of(_PLACE),
        },
    ),
    "built_against": object_of(
        {
            **_HEAD,
            "built_against": _NAMED,
            "packages": list_of(_NAMED, least=1),
            "files": list_of(_BUILT_FILES),
            "source": _SOURCE,
        },
        {
            **_MORE,
            **_BUILT_PLACES,
            "open": boolean,
            "newest": map_of(_NAMED, _VERSION),
            "capability": _VERSION,
            "needs_lead": boolean,
            "exact": boolean,
        },
    ),
    "stems": object_of(
        {**_HEAD, "stems": list_of(_NAMED, least=1, most=200)},
        {
            **_MORE,
            "builds": list_of(_build),
            "from_source": _ANY_TEXT,
            "aliases": map_of(_WORD, _WORD),
            "shares": list_of(_SHARED),
            "one_of": list_of(_NAMED),
            "ended": _ANY_TEXT,
            "brings": map_of(_WORD, list_of(_NAMED, least=1)),
            "verify": list_of(_ANY_TEXT, least=1),
            "not_cuda": list_of(_NAMED),
        },
    ),
}


def faults_of(row: object) -> Iterator[Fault]:
    """Yield each place where the content of a file is not that of a family."""
    if not isinstance(row, dict):
        yield Fault((), Phrase("it is {found}, not {form}", found=shown(row), form="an object"))
        return
    kind = next((kind for kind in KINDS if kind in row), None)
    if kind is not None:
        yield from KINDS[kind](row, ())
        return
    names = " / ".join(KINDS)
    yield Fault((), Phrase("it needs one of the fields {names}", names=names))
