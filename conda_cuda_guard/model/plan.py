"""The decision, as the planner hands it to rendering (contract, section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SCHEMA = 1


@dataclass(frozen=True)
class Note:
    """One message of a plan: a stable code, and the facts that its text is made from.

    `severity` is `info`, `warning` or `error`; `case` tells apart the situations that share a code
    (rendering has words for each code and case).
    """

    code: str
    severity: str
    case: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AsTyped:
    """What the manager itself would install: a version and its variant (None: unknown).

    `source` is the index or page that would deliver it, None for the manager's default one.
    """

    package: str
    version: str
    variant: str | None
    source: str | None


@dataclass(frozen=True)
class FamilyPlan:
    """What of a plan is for one family (contract, section 8).

    `packages` are its packages with their versions, those that pip is free to choose as the newest
    known ones. `variant` and `cuda` are None where the requirements are left as typed. `index_urls`
    and `find_links` are its own, beside those of the family whose lead decides; `files` are the
    addresses of files that are named by them.
    """

    family: str
    variant: str | None
    cuda: str | None
    level: str | None
    packages: Mapping[str, str]
    source: str | None
    index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class FromSource:
    """A package that is to be built beside its lead, which has to be there before.

    `at` is its place among the pins of the plan. `flags` are pip's options, `variables` those of
    the environment, `tools` the packages that it takes. With `cuda` it is compiled by nvcc of that
    version. `near` is what could be asked for in its place, as it is typed, if anything.
    """

    package: str
    at: int
    flags: tuple[str, ...]
    variables: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    cuda: str = ""
    near: str = ""


@dataclass(frozen=True)
class Plan:
    """What to install, from where, and what to tell about it.

    `requirements` are what is asked for; `pins` are the texts that stand for those of the request,
    in its order and constraints among them, with those that are added at the end. `families` are
    its parts, one for each family; `own_indexes` are the addresses of companions that are not where
    their lead is; where it has one of torch, the plan's own variant is that one's,
    else that of the first. `left` tells why a request was left as typed: `unknown` (no package of a
    known family is in it), `off-conda` (pip alone has it), `as-is`, `nightly`, `accelerator`
    (an index's), `accelerator-build`, `board` or `address`; empty where it was decided. `unknown`
    are the packages that are in no known family, `breaks` those installed that do not work with the
    planned lead and stay, `from_source` what is built once all else is there.
    """

    id: object
    manager: str
    status: str
    variant: str | None = None
    cuda: str | None = None
    level: str | None = None
    source: str | None = None
    packages: Mapping[str, str] = field(default_factory=dict)
    requirements: tuple[str, ...] = ()
    index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    left: str = ""
    foreign: frozenset[str] = frozenset()
    notes: tuple[Note, ...] = ()
    as_typed: AsTyped | None = None
    families: tuple[FamilyPlan, ...] = ()
    own_indexes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    from_source: tuple[FromSource, ...] = ()

    def lead_part(self, family: str) -> tuple[FamilyPlan, ...]:
        """Return the part of the family whose lead decides, where there is one."""
        if not self.packages or self.status == "refused":
            return ()
        own = (self.variant, self.cuda, self.level, self.packages, self.source, self.own_indexes)
        return (FamilyPlan(family, *own),)
