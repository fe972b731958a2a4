"""Which rules an error text shows, best first. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .rules import Rule

# What of a text is looked at, in characters: the end, where errors stand.
LONGEST = 200_000
# ECMA-48: control sequences, operating system commands (titles, links), other escapes.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
# Control characters, and the frames that tracebacks and error boxes are drawn with.
_NOISE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2500-\u257f\s]+")
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})


@dataclass(frozen=True)
class Match:
    """A rule that a text shows, and how many characters of the text it recognized."""

    rule: Rule
    length: int


def clean(text: str) -> str:
    """Give the end of a text on one line, without escapes, frames and typographic quotes."""
    plain = _ESCAPES.sub("", text[-LONGEST:]).translate(_QUOTES)
    return _NOISE.sub(" ", plain).strip()


def match(rules: Iterable[Rule], text: str) -> tuple[Match, ...]:
    """Give the rules that a text shows: the one that recognizes the longest part first."""
    line = clean(text)
    found = (Match(rule, _longest(rule, line)) for rule in rules)
    return tuple(sorted(filter(lambda one: one.length, found), key=lambda one: -one.length))


def _longest(rule: Rule, line: str) -> int:
    lengths = (len(hit.group()) for one in rule.patterns for hit in one.finditer(line))
    return max(lengths, default=0)
