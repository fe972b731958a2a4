"""The form of JSON: checks of values that are put together, and each place where one differs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from json.decoder import JSONDecoder
from typing import Callable, Union

from conda_cuda_guard.model import Phrase

_LONGEST = 1000
_SHOWN = 60

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


def text_that(fits: Callable[[str], bool], form: str) -> Check:
    """Return the check of a text that fits; `form` says in words what it should be."""

    def check(value: object, steps: Steps) -> Iterator[Fault]:
        if not isinstance(value, str) or len(value) > _LONGEST or not fits(value):
            yield Fault(steps, Phrase("it is {found}, not {form}", found=shown(value), form=form))

    return check


def shown(value: object) -> str:
    """Return a value as a message shows it: not longer than a line."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def or_null(check: Check) -> Check:
    """Return the check of a value that may be null."""
    return lambda value, steps: iter(()) if value is None else check(value, steps)


def list_of(check: Check, *, least: int = 0, most: int = 1000) -> Check:
    """Return the check of a list of so many; not more, as each is compared with each."""

    def each(value: object, steps: Steps) -> Iterator[Fault]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            form = Phrase("a list of {least} to {most}", least=least, most=most)
            yield Fault(steps, Phrase("it is {found}, not {form}", found=shown(value), form=form))
            return
        for at, one in enumerate(value):
            yield from check(one, (*steps, at))

    return each


def object_of(required: Mapping[str, Check], allowed: Mapping[str, Check]) -> Check:
    """Return the check of an object with these fields and no others."""
    known = {**required, **allowed}

    def fields(value: object, steps: Steps) -> Iterator[Fault]:
        if not isinstance(value, dict):
            form = Phrase("an object")
            yield Fault(steps, Phrase("it is {found}, not {form}", found=shown(value), form=form))
            return
        for name in required:
            if name not in value:
                yield Fault((*steps, name), Phrase("it is missing"))
        for name, one in value.items():
            if name in known:
                yield from known[name](one, (*steps, name))
            else:
                names = ", ".join(known)
                told = Phrase("no such field is known; the fields are {names}", names=names)
                yield Fault((*steps, name[:_SHOWN]), told)

    return fields


def boolean(value: object, steps: Steps) -> Iterator[Fault]:
    """Yield the fault of a value that is not true or false."""
    if not isinstance(value, bool):
        form = Phrase("true or false")
        yield Fault(steps, Phrase("it is {found}, not {form}", found=shown(value), form=form))


def map_of(key: Check, each: Check) -> Check:
    """Return the check of an object whose names are not known before."""

    def check(value: object, steps: Steps) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield from object_of({}, {})(value, steps)
            return
        for name, one in value.items():
            yield from key(name, (*steps, name[:_SHOWN]))
            yield from each(one, (*steps, name[:_SHOWN]))

    return check


def pair_of(first: Check, second: Check, form: str = "") -> Check:
    """Return the check of a list of two values; `form` says in words what it should be."""
    form = form or Phrase("a list of {least} to {most}", least=2, most=2)

    def check(value: object, steps: Steps) -> Iterator[Fault]:
        if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - two
            yield Fault(steps, Phrase("it is {found}, not {form}", found=shown(value), form=form))
            return
        yield from first(value[0], (*steps, 0))
        yield from second(value[1], (*steps, 1))

    return check


def matches(pattern: str) -> Callable[[str], bool]:
    """Return the function that tells whether a text matches a pattern as a whole."""
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = JSONDecoder()


def line_of(text: str, steps: Steps) -> int:
    """Return the line of the value that steps lead to; as far as there is one, from 1.

    The text is valid JSON. A missing field has the line of the object that should have it.
    """
    at = _after_space(text, 0)
    for step in steps:
        found = next((start for key, start in _children(text, at) if key == step), None)
        if found is None:
            break
        at = found
    return text.count("\n", 0, at) + 1


def _children(text: str, at: int) -> Iterator[tuple[str | int, int]]:
    """Yield the keys or places of what an object or a list holds, and where each value begins."""
    if text[at] not in "{[":
        return
    is_object = text[at] == "{"
    place = 0
    at = _after_space(text, at + 1)
    while text[at] not in "}]":
        key: str | int = place
        if is_object:
            key, at = _DECODER.raw_decode(text, at)
            at = _after_space(text, _after_space(text, at) + 1)  # the colon
        yield key, at
        _, at = _DECODER.raw_decode(text, at)
        at = _after_space(text, at)
        if text[at] == ",":
            at = _after_space(text, at + 1)
        place += 1


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
