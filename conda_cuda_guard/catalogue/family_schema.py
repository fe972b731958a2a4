"""The form of a family's data file (docs/families.md), and each place where a file differs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, Union

from packaging.utils import canonicalize_name

from conda_cuda_guard.model.errors import Phrase
from conda_cuda_guard.model.platforms import PLATFORMS
from conda_cuda_guard.model.versions import Range, is_version, version

from .files import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# The way to a value: keys of objects, and places in lists.
Steps = tuple[Union[str, int], ...]


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file, and where in it."""

    steps: Steps
    reason: str

    @property
    def field(self) -> str:
        """The way to the value as a person writes it: `builds[2].cuda`."""
        parts = (f"[{one}]" if isinstance(one, int) else f".{one}" for one in self.steps)
        return "".join(parts).lstrip(".")


Check = Callable[[object, Steps], "Iterator[Fault]"]


def _text(fits: Callable[[str], bool], form: str) -> Check:
    """Return the check of a text that fits; `form` says in words what it should be."""

    def check(value: object, steps: Steps) -> Iterator[Fault]:
        if not isinstance(value, str) or len(value) > _LONGEST or not fits(value):
            yield Fault(steps, Phrase("it is {found}, not {form}", found=_shown(value), form=form))

    return check


_LONGEST = 1000
_SHOWN = 60


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _or_null(check: Check) -> Check:
    return lambda value, steps: iter(()) if value is None else check(value, steps)


def _list(check: Check, *, least: int = 0, most: int = 1000) -> Check:
    """Return the check of a list of so many; not more, as each is compared with each."""

    def each(value: object, steps: Steps) -> Iterator[Fault]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            form = Phrase("a list of {least} to {most}", least=least, most=most)
            yield Fault(steps, Phrase("it is {found}, not {form}", found=_shown(value), form=form))
            return
        for at, one in enumerate(value):
            yield from check(one, (*steps, at))

    return each


def _object(required: Mapping[str, Check], allowed: Mapping[str, Check]) -> Check:
    """Return the check of an object with these fields and no others."""
    known = {**required, **allowed}

    def fields(value: object, steps: Steps) -> Iterator[Fault]:
        if not isinstance(value, dict):
            form = Phrase("an object")
            yield Fault(steps, Phrase("it is {found}, not {form}", found=_shown(value), form=form))
            return
        for name in required:
            if name not in value:
                yield Fault((*steps, name), Phrase("it is missing"))
        for name, one in value.items():
            if name in known:
                yield from known[name](one, (*steps, name))
            else:
                names = ", ".join(known)
                told = Phrase("no such field is known; there are {names}", names=names)
                yield Fault((*steps, name[:_SHOWN]), told)

    return fields


def _boolean(value: object, steps: Steps) -> Iterator[Fault]:
    if not isinstance(value, bool):
        form = Phrase("true or false")
        yield Fault(steps, Phrase("it is {found}, not {form}", found=_shown(value), form=form))


def _schema(value: object, steps: Steps) -> Iterator[Fault]:
    if type(value) is not int or value != SCHEMA:
        told = Phrase("it is {found}; this version reads {schema}", found=_shown(value), schema=1)
        yield Fault(steps, told)


def _newest_first(value: object, steps: Steps) -> Iterator[Fault]:
    """Yield faults of a list of versions, newest first."""
    found = list(_list(_VERSION)(value, steps))
    yield from found
    if found or not isinstance(value, list):
        return
    for at, (one, other) in enumerate(zip(value, value[1:])):
        if version(one) <= version(other):
            told = Phrase("the newest comes first: {other} is after {one}", other=other, one=one)
            yield Fault((*steps, at + 1), told)


def _pairs(value: object, steps: Steps) -> Iterator[Fault]:
    """Yield faults of a list of `[version, specifier of the lead]`, newest first."""
    found = list(_list(_pair, least=1)(value, steps))
    yield from found
    if not found and isinstance(value, list):
        for fault in _newest_first([one[0] for one in value], steps):
            yield Fault((*fault.steps, 0), fault.reason)


def _pair(value: object, steps: Steps) -> Iterator[Fault]:
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - a pair
        form = Phrase("a version and a range of versions")
        yield Fault(steps, Phrase("it is {found}, not {form}", found=_shown(value), form=form))
        return
    yield from _VERSION(value[0], (*steps, 0))
    yield from _RANGE(value[1], (*steps, 1))


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

    return _text(fits, Phrase("an address, perhaps with {names}", names=", ".join(fields)))


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


_NAMED = _text(_is_name, Phrase("a normalized name (lower case, single dashes)"))
_ANY_TEXT = _text(lambda _: True, Phrase("a text"))
_WORD = _text(_matches(_WORDS), Phrase("a word of small letters and digits"))
_WORD_OR_NONE = _text(_matches(f"({_WORDS})?"), Phrase("a word of small letters and digits"))
_VARIANT = _text(_matches(r"cpu|cu\d{2,3}"), Phrase("a variant, as cu126 or cpu"))
_SUFFIX = _text(
    lambda text: not text or _is_name(f"a{text}"), Phrase("the end of a normalized name")
)
_VERSION = _text(is_version, Phrase("a version"))
_RANGE = _text(lambda text: Range.of(text) is not None, Phrase("a range of versions"))
_CUDA = _text(_matches(r"[1-9]\d?(\.\d{1,2})?"), Phrase("a CUDA version, as 12 or 12.4"))
_PLATFORM = _text(PLATFORMS.__contains__, Phrase("one of {names}", names=", ".join(PLATFORMS)))
_LIBC = _text(_matches(r"(glibc|musl) \d{1,3}\.\d{1,3}"), Phrase("a C library, as glibc 2.28"))
_URL = _text(lambda text: _ADDRESS.fullmatch(text) is not None, Phrase("an address"))
_TEMPLATE = _template("version", "variant")
# What is filled in of the lead, and of a file.
_OF_LEAD = ("minor", "minor_digits", "variant", "major", "abi")
_OF_FILE = ("version", "python", "arch")
_SHARES = ("cuda.major", "cuda.minor", "cudnn.major")
_SHARED = _text(_SHARES.__contains__, Phrase("one of {names}", names=", ".join(_SHARES)))


_SYSTEMS = ("linux", "windows")


def _map(key: Check, each: Check) -> Check:
    """Return the check of an object whose names are not known before."""

    def check(value: object, steps: Steps) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield from _object({}, {})(value, steps)
            return
        for name, one in value.items():
            yield from key(name, (*steps, name[:_SHOWN]))
            yield from each(one, (*steps, name[:_SHOWN]))

    return check


def _own(value: object, steps: Steps) -> Iterator[Fault]:
    yield from _map(_NAMED, _newest_first)(value, steps)


def _build(value: object, steps: Steps) -> Iterator[Fault]:
    """Yield faults of a build; one that contains several CUDA versions has no other."""
    yield from (_FAT if isinstance(value, dict) and value.get("contains") else _BUILD)(value, steps)


_BUILD_FIELDS: dict[str, Check] = {
    "variant": _WORD,
    "cudnn": _text(_matches(r"\d{1,2}"), Phrase("a major version")),
    "own": _own,
    "label": _text(_matches(r"[a-z0-9.+_-]{1,40}"), Phrase("the end of a version")),
    "pinned": _boolean,
    "fallback": _boolean,
    "legacy": _boolean,
    "drivers": _map(_text(_SYSTEMS.__contains__, Phrase("linux or windows")), _VERSION),
    "releases": _RANGE,
    "known": _newest_first,
    "suffix": _SUFFIX,
    "name": _NAMED,
    "extra": _WORD,
    "index": _URL,
    "page": _URL,
    "python": _RANGE,
    "platforms": _list(_PLATFORM),
    "libc": _or_null(_LIBC),
    "capabilities": _RANGE,
    "note": _ANY_TEXT,
}
_BUILD = _object({"cuda": _or_null(_CUDA)}, {**_BUILD_FIELDS, "contains": _list(_CUDA)})
_FAT = _object({"contains": _list(_CUDA, least=1)}, _BUILD_FIELDS)
_PLACE = _object(
    {"versions": _RANGE},
    {
        "variants": _list(_VARIANT),
        "not": _list(_VARIANT),
        "labelled": _boolean,
        "index": _TEMPLATE,
        "python": _RANGE,
        "libc": _or_null(_LIBC),
        "capabilities": _list(_RANGE),
        "note": _ANY_TEXT,
    },
)
_LABELS = _list(_ANY_TEXT)
# Where files that are built against a lead lie, and what they are for.
_BUILT_PLACES: dict[str, Check] = {
    "page": _template(*_OF_LEAD),
    "index": _template(*_OF_LEAD),
    "file": _template(*_OF_LEAD, *_OF_FILE),
    "pythons": _list(_text(_matches(r"3\.\d{1,2}t?"), Phrase("a Python, as 3.11"))),
    "platforms": _list(_PLATFORM),
    "abis": _list(_text(("TRUE", "FALSE").__contains__, Phrase("TRUE or FALSE"))),
    "labels": _LABELS,
}
_BUILT_FILES = _object(
    {"versions": _map(_NAMED, _newest_first)},
    {
        **_BUILT_PLACES,
        "lead": _list(_text(_matches(r"\d{1,3}\.\d{1,3}"), Phrase("a release series, as 2.5"))),
        "variants": _list(_text(_matches(r"cpu|cu\d{2,3}"), Phrase("a variant, as cu126 or cu12"))),
        "evidence": _ANY_TEXT,
        "note": _ANY_TEXT,
    },
)
_NUMBER = _text(_matches(r"\d{1,4}(\.\d)?"), Phrase("a number"))
_SOURCE = _object(
    {},
    {
        "needs": _text(("nvcc", "jit").__contains__, Phrase("nvcc or jit")),
        "flags": _list(_ANY_TEXT),
        "variables": _list(_ANY_TEXT),
        "memory": _NUMBER,
        "minutes": _NUMBER,
        "hours": _NUMBER,
        "requirement": _ANY_TEXT,
    },
)


def _two(first: Check, second: Check) -> Check:
    """Return the check of a list of two values."""

    def check(value: object, steps: Steps) -> Iterator[Fault]:
        if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - two
            form = Phrase("a list of {least} to {most}", least=2, most=2)
            yield Fault(steps, Phrase("it is {found}, not {form}", found=_shown(value), form=form))
            return
        yield from first(value[0], (*steps, 0))
        yield from second(value[1], (*steps, 1))

    return check


_GLOB = _text(_matches(r"[a-z0-9_.*]{1,40}"), Phrase("a text"))
_ON_CONDA = _object(
    {
        "packages": _list(_WORD, least=1),
        "channels": _list(_WORD, least=1),
        "carriers": _list(_WORD),
        "known": _list(_two(_VERSION, _list(_CUDA, least=1)), least=1),
    },
    {
        "sources": _list(_ANY_TEXT),
        "needs": _map(_WORD, _WORD),
        "cuda_names": _map(_WORD, _WORD),
        "cpu_names": _list(_WORD),
        "build": _GLOB,
        "cpu_builds": _list(_GLOB),
        "selectors": _list(_two(_RANGE, _WORD)),
        "capabilities": _map(_CUDA, _RANGE),
        "platforms": _list(_PLATFORM),
    },
)
_HEAD: dict[str, Check] = {
    "table": _text("family".__eq__, '"family"'),
    "schema": _schema,
    "sources": _list(_ANY_TEXT, least=1),
    "family": _NAMED,
}
_MORE: dict[str, Check] = {"date": _ANY_TEXT, "note": _ANY_TEXT}
# What a file has of its own kind, the first that is there, and the form of such a file.
KINDS: dict[str, Check] = {
    "follows": _object(
        {
            **_HEAD,
            "follows": _NAMED,
            "lead": _object(
                {"pip": _NAMED, "conda": _WORD_OR_NONE, "variants_since": _or_null(_VERSION)},
                {},
            ),
            "labelled": _boolean,
            "pins_torch": _boolean,
            "versions": _pairs,
        },
        {
            **_MORE,
            "platforms": _list(_PLATFORM),
            "brought": _boolean,
            "beside": _list(_NAMED),
            "builds": _list(_PLACE),
        },
    ),
    "built_against": _object(
        {
            **_HEAD,
            "built_against": _NAMED,
            "packages": _list(_NAMED, least=1),
            "files": _list(_BUILT_FILES),
            "source": _SOURCE,
        },
        {
            **_MORE,
            **_BUILT_PLACES,
            "open": _boolean,
            "newest": _map(_NAMED, _VERSION),
            "capability": _VERSION,
            "conda": _map(_NAMED, _WORD),
            "needs_lead": _boolean,
            "exact": _boolean,
        },
    ),
    "stems": _object(
        {**_HEAD, "stems": _list(_NAMED, least=1, most=200)},
        {
            **_MORE,
            "builds": _list(_build),
            "from_source": _ANY_TEXT,
            "aliases": _map(_WORD, _WORD),
            "shares": _list(_SHARED),
            "one_of": _list(_NAMED),
            "ended": _ANY_TEXT,
            "brings": _map(_WORD, _list(_NAMED, least=1)),
            "verify": _list(_ANY_TEXT, least=1),
            "not_cuda": _list(_NAMED),
            "on_conda": _ON_CONDA,
        },
    ),
}


def faults_of(row: object) -> Iterator[Fault]:
    """Yield each place where the content of a file is not that of a family."""
    if not isinstance(row, dict):
        yield Fault((), Phrase("it is {found}, not {form}", found=_shown(row), form="an object"))
        return
    kind = next((kind for kind in KINDS if kind in row), None)
    if kind is not None:
        yield from KINDS[kind](row, ())
        return
    names = " / ".join(KINDS)
    yield Fault((), Phrase("it needs one of the fields {names}", names=names))
