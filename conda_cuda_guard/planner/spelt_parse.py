"""Requirements of families whose builds are told apart by how a requirement is spelt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Pep508Requirement
from packaging.utils import canonicalize_name

from conda_cuda_guard.model.versions import Range

from .pip_parse import applies

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Origin
    from conda_cuda_guard.model.spelling import SpeltBuild, SpeltFamily

    from .problem import Problem


@dataclass(frozen=True)
class Ask:
    """A requirement on a package of a spelt family.

    `at` is its place in the request. `named` are the builds that its name or its extras mean, none
    where it leaves the choice open; `extras` are those that choose nothing. `tail` is its marker.
    """

    at: int
    text: str
    family: SpeltFamily
    name: str
    stem: str
    origin: Origin
    named: tuple[SpeltBuild, ...] = ()
    extras: tuple[str, ...] = ()
    specifier: str = ""
    tail: str = ""

    @property
    def allows(self) -> Range:
        """The versions that it allows."""
        return Range((self.specifier,))

    def as_built(self, build: SpeltBuild, bound: str = "") -> str:
        """Return the requirement spelt for a build, with a further bound on its version."""
        name = build.distribution(self.stem)
        if canonicalize_name(self.name) == name:
            name = self.name  # as typed
        chosen = sorted({*self.extras, *([build.extra] if build.extra else [])})
        extras = f"[{','.join(chosen)}]" if chosen else ""
        bounds = ",".join(filter(None, (self.specifier, bound)))
        text = f"{name}{extras}{bounds}{self.tail}"
        return self.text if _squeezed(text) == _squeezed(self.text) else text


def _squeezed(text: str) -> str:
    return text.replace(" ", "").replace('"', "'").lower()


def read_asks(problem: Problem, families: Iterable[SpeltFamily]) -> tuple[Ask, ...]:
    """Return the requirements of a problem that are about these families, in the order typed.

    One by its address is left as it is, and so is one whose marker does not hold here.
    """
    by_name = {name: family for family in families for name in family.pip_names}
    found = []
    for at, one in enumerate(problem.requirements):
        ask = _read(at, one.text, one.origin, by_name, problem)
        if ask is not None:
            found.append(ask)
    return tuple(found)


def _read(
    at: int, text: str, origin: Origin, by_name: dict[str, SpeltFamily], problem: Problem
) -> Ask | None:
    try:
        requirement = Pep508Requirement(text)
    except InvalidRequirement:
        return None
    name = canonicalize_name(requirement.name)
    family = by_name.get(name)
    if family is None or requirement.url:
        return None
    host = problem.hosts[0]
    stem = family.stem_of(name)
    specifier = str(requirement.specifier)
    if stem is None or not applies(requirement, host.platform, host.python):
        return None
    extras = {family.aliases.get(one, one) for one in requirement.extras}
    choosing = extras.intersection(family.extras)
    others = tuple(
        one for one in requirement.extras if family.aliases.get(one, one) not in choosing
    )
    tail = f" ; {requirement.marker}" if requirement.marker else ""
    named = _named(family, stem, name, choosing)
    return Ask(at, text, family, requirement.name, stem, origin, named, others, specifier, tail)


def _named(family: SpeltFamily, stem: str, name: str, choosing: set[str]) -> tuple[SpeltBuild, ...]:
    """Return the builds that a name or extras choose, where they choose among several."""
    if name in family.stems and not choosing:
        return ()
    return tuple(
        one
        for one in family.builds
        if one.distribution(stem) == name and (not choosing or one.extra in choosing)
    )
