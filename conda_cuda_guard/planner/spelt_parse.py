"""Requirements of families whose builds are told apart by how a requirement is spelt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from conda_cuda_guard.model import Range

from .pip_parse import applies, read_named, tail_of

if TYPE_CHECKING:
    from conda_cuda_guard.model import Origin, SpeltBuild, SpeltFamilies, SpeltFamily

    from .problem import Problem


@dataclass(frozen=True)
class Ask:
    """A requirement on a package of a spelt family.

    `at` is its place in the request. `named` are the builds that its name, its extras (`choosing`)
    or its version's label mean, none where it leaves the choice open; `extras` are those that
    choose nothing. `lost` are extras that are spelt like those of builds and are none's
    (`cuda14`); with `is_apart` another extra asks for something that is not CUDA's (`tpu`).
    `specifier` is without a label, `tail` its marker.
    """

    at: int
    text: str
    family: SpeltFamily
    name: str
    stem: str
    origin: Origin
    named: tuple[SpeltBuild, ...] = ()
    choosing: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    specifier: str = ""
    tail: str = ""
    lost: tuple[str, ...] = ()
    is_apart: bool = False

    @property
    def package(self) -> str:
        """The normalized name that was typed."""
        return canonicalize_name(self.name)

    @property
    def allows(self) -> Range:
        """The versions that it allows."""
        return Range((self.specifier,))

    def as_built(self, build: SpeltBuild, release: str, bound: str = "") -> str:
        """Return the requirement spelt for a build, with a further bound on its version.

        `release` is the version of a build that has to be asked for by it.
        """
        name = build.distribution(self.stem)
        if self.package == name:
            name = self.name  # as typed
        chosen = [build.extra] if build.extra else []
        if build in self.named and self.choosing:
            chosen = list(self.choosing)
        extras = ",".join(sorted({*self.extras, *chosen}))
        bounds = ",".join(filter(None, (self.specifier, bound)))
        if build.pinned or build.label:
            bounds = f"=={release}{build.label}"
        text = f"{name}[{extras}]{bounds}" if extras else f"{name}{bounds}"
        text += self.tail
        return self.text if read_named(text) == read_named(self.text) else text


def read_asks(problem: Problem, families: SpeltFamilies) -> tuple[Ask, ...]:
    """Return the requirements of a problem that are about these families, in the order typed.

    One by its address is left as it is, and so is one whose marker does not hold here.
    """
    found = []
    for at, one in enumerate(problem.requirements):
        ask = _read(at, one.text, one.origin, families, problem)
        if ask is not None:
            found.append(ask)
    return tuple(found)


def _read(
    at: int, text: str, origin: Origin, families: SpeltFamilies, problem: Problem
) -> Ask | None:
    requirement, host = read_named(text), problem.hosts[0]
    name = canonicalize_name(requirement.name) if requirement is not None else ""
    family = families.named(name)
    stem = family.stem_of(name) if family is not None else None
    if requirement is None or family is None or stem is None:
        return None
    if not applies(requirement, host.platform, host.python):
        return None
    label, specifier = _without_label(str(requirement.specifier), family)
    choosing = {one for one in requirement.extras if _meant(one, family) in family.extras}
    others = {one for one in requirement.extras if one not in choosing}
    apart = {one for one in others if canonicalize_name(one) in family.not_cuda}
    lost = {one for one in others - apart if _is_like_one(one, family)}
    meant = {_meant(one, family) for one in choosing}
    return Ask(
        at,
        text,
        family,
        requirement.name,
        stem,
        origin,
        _named(family, stem, name, meant, label),
        tuple(sorted(choosing)),
        tuple(sorted(others - lost)),
        specifier,
        tail_of(requirement),
        tuple(sorted(lost)),
        bool(apart),
    )


def _meant(extra: str, family: SpeltFamily) -> str:
    """Return the extra that a word means (`cuda12_local` is a `cuda12`)."""
    word = canonicalize_name(extra)
    known = {canonicalize_name(one): one for one in family.extras}
    return known.get(word) or family.aliases.get(word, extra)


def _is_like_one(extra: str, family: SpeltFamily) -> bool:
    """Return whether an extra differs from one that chooses a build by its number alone."""
    shapes = {_shape(one) for one in (*family.extras, *family.aliases) if _shape(one) != one}
    return _shape(extra) in shapes


def _shape(extra: str) -> str:
    return re.sub(r"[0-9]+", "0", canonicalize_name(extra))


def _without_label(specifier: str, family: SpeltFamily) -> tuple[str, str]:
    """Return the label of a version that was typed whole, and the specifier without it."""
    for label in family.labels:
        if specifier.startswith("==") and specifier.endswith(label):
            return label, specifier[: -len(label)]
    return "", specifier


def _named(
    family: SpeltFamily, stem: str, name: str, extras: set[str], label: str
) -> tuple[SpeltBuild, ...]:
    """Return the builds that a name, extras or a label choose, where they choose among several."""
    if name in family.stems and not extras and not label:
        return ()
    return tuple(
        one
        for one in family.cuda_builds
        if one.distribution(stem) == name
        and (not extras or one.extra in extras)
        and (not label or one.label == label)
    )
