"""The doctor: known failures as rules, and which of them an error text or a machine shows.

Rules are in data files beside this module, and other packages may bring more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from conda_cuda_guard.catalogue import hooks
from conda_cuda_guard.catalogue.files import decoding, read_table

from .rules import Rule, RuleError, rule_from


@dataclass(frozen=True)
class Gathered:
    """The rules by code, and what was wrong with those of other packages."""

    rules: dict[str, Rule]
    problems: tuple[str, ...]


def gather_rules() -> Gathered:
    """Return all rules; another package's may add to ours, not replace them.

    Raises CatalogueError where a data file of ours is damaged.
    """
    rules = {rule.code: rule for rule in _built_in()}
    problems: list[str] = []
    for name, entry in _others(problems):
        try:
            rule = rule_from(entry)
            _ = rule.expressions  # ours are tested
        except RuleError as error:
            problems.append(f"{name}: {error}")
            continue
        if rules.setdefault(rule.code, rule) is not rule:
            problems.append(f"{name}: there is a rule {rule.code} already")
    return Gathered(rules, tuple(problems))


@cache
def _built_in() -> tuple[Rule, ...]:
    found: list[Rule] = []
    for path in sorted((Path(__file__).parent / "rules").glob("*.json")):
        content = read_table(path, "rules")
        with decoding(path):
            found += map(rule_from, content["rules"])
    return tuple(found)


def _others(problems: list[str]) -> Iterator[tuple[str, Any]]:
    """Yield the entries of other packages, each with its entry point's name."""
    for point in sorted(hooks.entry_points(), key=lambda one: one.name):
        try:
            plugin = point.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - another package's code
            problems.append(f"{point.name}: it cannot be loaded ({_told(error)})")
            continue
        try:
            answers = hooks.ask(plugin, "cuda_guard_rules", point.name)
            entries = [entry for answer in answers for entry in answer]
        except (Exception, SystemExit) as error:  # noqa: BLE001 - another package's code
            problems.append(f"{point.name}: it gives no rules ({_told(error)})")
            continue
        for entry in entries:
            yield point.name, entry


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


# What of a text is looked at, in characters: the end, where errors stand.
LONGEST = 200_000
# ECMA-48: control sequences, operating system commands (titles, links), other escapes.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
# Control characters, and the frames that tracebacks and error boxes are drawn with.
_NOISE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2500-\u257f\s]+")
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})


@dataclass(frozen=True)
class Match:
    """A rule that a text shows, and how many characters of the text it recognized.

    `slots` are what named groups of its pattern took from the text, for its commands.
    """

    rule: Rule
    length: int
    slots: Mapping[str, str] = field(default_factory=dict)

    @property
    def commands(self) -> tuple[str, ...]:
        """What to type next."""
        return self.rule.commands_for(self.slots)


def clean(text: str) -> str:
    """Return the end of a text on one line, without escapes, frames and typographic quotes."""
    plain = _ESCAPES.sub("", text[-LONGEST:]).translate(_QUOTES)
    return _NOISE.sub(" ", plain).strip()


def match(rules: Iterable[Rule], text: str) -> tuple[Match, ...]:
    """Return the rules that a text shows: the one that recognizes the longest part first."""
    line = clean(text)
    found = (_best(rule, line) for rule in rules)
    return tuple(sorted(filter(None, found), key=lambda one: -one.length))


def _best(rule: Rule, line: str) -> Match | None:
    """Return the match of the pattern that recognizes most; None where none does."""
    hits = [hit for one in rule.expressions for hit in one.finditer(line)]
    if not hits:
        return None
    longest = max(hits, key=lambda hit: len(hit.group()))
    slots = {name: _spelled(name, text) for name, text in longest.groupdict().items() if text}
    return Match(rule, len(longest.group()), slots)


def _spelled(slot: str, text: str) -> str:
    """Return what a text names as a command wants it: a module's name as its package's."""
    return text.lower().replace("_", "-") if slot == "extension" else text
