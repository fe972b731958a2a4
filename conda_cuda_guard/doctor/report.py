"""Where the doctor looks, and what one examination gives."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Union

from .rules import SEVERITIES, Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conda_cuda_guard.host.finding import Detection
    from conda_cuda_guard.model import Host, Note

    from .rules import Rule

    # What is added below a link: a text, or a note of the planner's or the sources'.
    Detail = Union[str, Note]
    Source = Callable[[], Callable[[], "CheckResult"]]


@dataclass(frozen=True)
class Environment:
    """An environment on a machine.

    `paths` are the folders that its interpreter imports from. `roots` is where the machine's file
    system is. `manager` is `pip` or `conda`; `sources` examine, each by its name, what only the
    front end knows how to ask: indexes, channels, what torch sees. Each starts the program that it
    has to wait for, if any, and gives the function that ends the examination.
    """

    manager: str
    python: str | None
    prefix: Path
    paths: tuple[str, ...]
    environ: Mapping[str, str]
    sources: Mapping[str, Source] = field(default_factory=dict)
    roots: Path = Path("/")


@dataclass(frozen=True)
class CheckResult:
    """What one examination gives: links, and facts by their names in `Evidence`."""

    links: tuple[Link, ...] = ()
    facts: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class DetectedMachine:
    """The machine as detected, for what is judged by it."""

    detection: Detection
    host: Host


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
    details: tuple[Detail, ...] = ()
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


def judged_link(links: Iterable[Link], shown: Iterable[Rule]) -> tuple[Link, ...]:
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
