"""The doctor's report: the links of the chain, and the rules that the facts show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .rules import SEVERITIES, Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .rules import Rule

OK, ABSENT, UNKNOWN = "ok", "absent", "unknown"


@dataclass(frozen=True)
class Link:
    """A link of the chain: what was found, how it was learnt, what there is to add.

    `facts` are the fields of `Evidence` that it stands for. `verdict` is `ok`, `warning`, `error`,
    `absent` (there is none, which may be right) or `unknown` (its probe failed).
    """

    name: str
    value: str | None
    how: str = ""
    facts: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    verdict: str = OK


@dataclass(frozen=True)
class Report:
    """All links from driver to tensor, the facts, and the rules that these show, worst first."""

    links: tuple[Link, ...]
    evidence: Evidence
    shown: tuple[Rule, ...]
    problems: tuple[str, ...] = ()

    @property
    def healthy(self) -> bool:
        """Whether nothing stands in the way (a warning does not)."""
        return not any(link.verdict == "error" for link in self.links) and not any(
            rule.severity == "error" for rule in self.shown
        )


def diagnose(rules: Iterable[Rule], evidence: Evidence) -> tuple[Rule, ...]:
    """Give the rules whose conditions the facts meet, errors first. Pure."""
    found = [rule for rule in rules if rule.when and _holds(rule, evidence)]
    return tuple(sorted(found, key=lambda rule: SEVERITIES.index(rule.severity)))


def _holds(rule: Rule, evidence: Evidence) -> bool:
    for name, pattern in rule.when.items():
        value: str | None = getattr(evidence, name)
        if pattern is None or value is None:
            if pattern is not None or value is not None:
                return False
        elif not pattern.fullmatch(value):
            return False
    return True


def judged(links: Iterable[Link], shown: Iterable[Rule]) -> tuple[Link, ...]:
    """Mark the links that a rule finds at fault: those of the first fact of its conditions."""
    worst: dict[str, str] = {}
    for rule in shown:
        worst.setdefault(next(iter(rule.when)), rule.severity)
    return tuple(_marked(link, worst) for link in links)


def _marked(link: Link, worst: dict[str, str]) -> Link:
    found = [worst[fact] for fact in link.facts if fact in worst]
    if found:
        return replace(link, verdict=min(found, key=SEVERITIES.index))
    return replace(link, verdict=ABSENT) if link.value is None and link.verdict == OK else link
