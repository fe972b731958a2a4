"""What is examined, what one check returns, and the report that is made of all of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Union

from .rules import SEVERITIES, Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conda_cuda_guard.host.finding import Detection
    from conda_cuda_guard.model import Host, Note
    from conda_cuda_guard.sources.reach import AddressToAsk

    from .rules import Rule

    # What is added below a link: a text, or a note of the planner's or the sources'.
    Detail = Union[str, Note]
    Source = Callable[[], Callable[[], "CheckResult"]]


@dataclass(frozen=True)
class Environment:
    """An environment on a machine.

    `python` is the version of its interpreter, `paths` are the folders that it imports from.
    `roots` is where the machine's file system is. `manager` is `pip` or `conda`; `sources` examine,
    each by its name, what only the front end knows how to ask: indexes, channels, what torch sees.
    Each starts the program that it has to wait for, if any, and returns the function that ends the
    examination. `offline`: no index and no channel is asked. `declared` is the machine that the
    installed torch is judged for, where that is not this one.
    """

    manager: str
    python: str | None
    prefix: Path
    paths: tuple[str, ...]
    environ: Mapping[str, str]
    sources: Mapping[str, Source] = field(default_factory=dict)
    roots: Path = Path("/")
    offline: bool = False
    declared: Host | None = None
    # The interpreter, where commands have to name it: it is not the one that runs.
    interpreter: Path | None = None


@dataclass(frozen=True)
class CheckResult:
    """What one check returns: links, and facts by their names in `Evidence`.

    `slots` are what it knows for the commands of rules, `addresses` what is to be asked whether it
    answers, for the link of the same name. `torch_works`: torch was tried, and it does.
    """

    links: tuple[Link, ...] = ()
    facts: Mapping[str, str | None] = field(default_factory=dict)
    slots: Mapping[str, str | None] = field(default_factory=dict)
    addresses: tuple[AddressToAsk, ...] = ()
    torch_works: bool = False


@dataclass(frozen=True)
class DetectedMachine:
    """The machine as detected, or as declared, for what is judged by it."""

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
    slots: Mapping[str, str] = field(default_factory=dict)

    @property
    def healthy(self) -> bool:
        """Whether nothing stands in the way (a warning does not)."""
        return not any(link.verdict == "error" for link in self.links) and not any(
            rule.severity == "error" for rule in self.shown
        )

    @property
    def unexamined(self) -> tuple[str, ...]:
        """The names of the links that could not be examined."""
        return tuple(link.name for link in self.links if link.verdict == UNKNOWN)

    def commands(self, rule: Rule) -> tuple[str, ...]:
        """Return what to type next, for this environment and machine."""
        return rule.commands_for(self.slots)


def diagnose(rules: Iterable[Rule], evidence: Evidence) -> tuple[Rule, ...]:
    """Return the rules whose conditions the facts meet, errors first."""
    found = [rule for rule in rules if rule.when and _holds(rule, evidence)]
    # Those that stand back for others are looked at in the end, one after the other.
    shown = [rule for rule in found if not rule.unless]
    for rule in found:
        explained = {fact for one in shown if one.severity == "error" for fact in one.when}
        if rule.unless and explained.isdisjoint(rule.unless):
            shown.append(rule)
    return tuple(sorted(shown, key=lambda rule: SEVERITIES.index(rule.severity)))


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
    """Return the links, those marked that a rule finds at fault by its first condition."""
    worst: dict[str, str] = {}
    for rule in shown:
        worst.setdefault(next(iter(rule.when)), rule.severity)
    return tuple(_marked(link, worst) for link in links)


def _marked(link: Link, worst: Mapping[str, str]) -> Link:
    found = [worst[fact] for fact in link.facts if fact in worst]
    if found:
        return replace(link, verdict=min(found, key=SEVERITIES.index))
    return replace(link, verdict=ABSENT) if link.value is None and link.verdict == OK else link
