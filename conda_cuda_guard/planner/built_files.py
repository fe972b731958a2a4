"""Packages asked for that are built against the lead, and the file of each that agrees with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from conda_cuda_guard.model import TYPED, Range, platform_named, public_version, version

from .pip_parse import applies, head_of, read_named, tail_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.model import Against, BuiltFamily, BuiltFiles, Catalogue, Origin, Wheel

    from .problem import Problem

_LABEL = re.compile(r"\+[\w.]+")


@dataclass(frozen=True)
class BuiltAsk:
    """A requirement on such a package.

    `at` is its place in the request, `head` the name as typed with its extras, `tail` its marker.
    `bounds` are the specifiers of constraints on the same package.
    """

    at: int
    text: str
    family: BuiltFamily
    package: str
    head: str
    origin: Origin
    specifier: str = ""
    tail: str = ""
    bounds: tuple[str, ...] = ()

    @property
    def typed(self) -> str:
        """The requirement as typed, without a label that was taken from it."""
        return f"{self.head}{self.specifier}{self.tail}" if self.lost_label else self.text

    @property
    def lost_label(self) -> bool:
        """Whether a label was typed that does not count any more."""
        return "+" in self.text and not self.has_label

    @property
    def has_label(self) -> bool:
        """Whether a version is asked for with its label."""
        return "+" in self.specifier

    def unlabelled(self) -> BuiltAsk:
        """Return it without the labels that were typed."""
        return replace(self, specifier=_LABEL.sub("", self.specifier))

    def allows(self, number: str) -> bool:
        """Return whether a version may be taken; it has its label where that is known."""
        return all(number in Range((one,)) for one in (self.specifier, *self.bounds))

    def bounded(self, bound: str) -> str:
        """Return the requirement with this bound in the place of what was typed."""
        # What was typed may have no label, and a bound on a label would then contradict it.
        return f"{self.head}{bound}{self.tail}"

    def at_address(self, address: str) -> str:
        """Return the requirement of the file at an address."""
        return f"{self.head} @ {address}{self.tail}"


def read_built_asks(problem: Problem, families: Iterable[BuiltFamily]) -> tuple[BuiltAsk, ...]:
    """Return the requirements on packages of these families, in the order typed.

    One by its address is left as it is, and so is one whose marker does not hold here.
    """
    named = _by_package(families)
    if not named:
        return ()
    asks: list[BuiltAsk] = []
    bounds: list[BuiltAsk] = []
    for at, one in enumerate(problem.requirements):
        ask = _read(at, one.text, one.origin, named, problem)
        if ask is not None:
            (bounds if one.origin.is_bound else asks).append(ask)
    of_package: dict[str, tuple[str, ...]] = {}
    for bound in bounds:
        of_package[bound.package] = (*of_package.get(bound.package, ()), bound.specifier)
    return tuple(replace(ask, bounds=of_package.get(ask.package, ())) for ask in asks)


def asks_for(names: Iterable[str], families: Iterable[BuiltFamily]) -> Iterator[BuiltAsk]:
    """Yield bare requirements on those of these packages that are of the families."""
    named = _by_package(families)
    for name in names:
        if name in named:
            yield BuiltAsk(0, name, named[name], name, name, TYPED)


def _by_package(families: Iterable[BuiltFamily]) -> dict[str, BuiltFamily]:
    return {name: family for family in families for name in family.packages}


def _read(
    at: int, text: str, origin: Origin, families: dict[str, BuiltFamily], problem: Problem
) -> BuiltAsk | None:
    requirement, host = read_named(text), problem.hosts[0]
    name = canonicalize_name(requirement.name) if requirement is not None else ""
    family = families.get(name)
    if requirement is None or family is None:
        return None
    if not applies(requirement, host.platform, host.python):
        return None
    specifier = str(requirement.specifier)
    head, tail = head_of(requirement), tail_of(requirement)
    return BuiltAsk(at, text, family, name, head, origin, specifier, tail)


@dataclass(frozen=True)
class BuiltFile:
    """A file for a build of the lead: its version, and where it lies.

    `version` has the label that the file is known to carry. `address` is the file's own, `page` or
    `index` that of the page or index that lists it; none: pip's default index has it.
    """

    version: str
    page: str = ""
    index: str = ""
    address: str = ""

    @property
    def place(self) -> str:
        """The address that tells whether the file is there."""
        return self.address or self.page


def find_file(
    ask: BuiltAsk, against: Against, problem: Problem, catalogue: Catalogue
) -> BuiltFile | None:
    """Return the newest file of what is asked for that agrees with a build of the lead."""
    known = (
        one
        for one in files_known(ask, against, problem)
        if problem.dead(one.place or one.index) is None
        and ((heard := catalogue.heard_of_built.get(one.place)) is None or (one.address and heard))
    )
    found = (*known, *_listed(ask, against, problem, catalogue))
    return max(found, key=lambda one: version(public_version(one.version)), default=None)


def files_known(ask: BuiltAsk, against: Against, problem: Problem) -> Iterator[BuiltFile]:
    """Yield the files that, by the data, agree with a build of the lead."""
    for row in ask.family.files:
        if not row.agrees(against) or not _is_for(row, problem):
            continue
        for number in row.versions.get(ask.package, ()):
            one = _of_row(row, number, against, problem)
            if one is not None and ask.allows(one.version):
                yield one


def _listed(
    ask: BuiltAsk, against: Against, problem: Problem, catalogue: Catalogue
) -> Iterator[BuiltFile]:
    """Yield the files on the pages that were heard."""
    templates = [row.page for row in ask.family.files if row.page and row.agrees(against)]
    for page in dict.fromkeys(against.of(one) for one in (ask.family.page, *templates)):
        for wheel in catalogue.heard_of_built.get(page, ()):
            if _agrees(wheel, ask, against) and problem.is_for(wheel) and not wheel.yanked:
                yield BuiltFile(wheel.version, page)


def _is_for(row: BuiltFiles, problem: Problem) -> bool:
    if row.platforms and problem.platform not in row.platforms:
        return False
    return not row.pythons or problem.pythons <= set(row.pythons)


def _of_row(row: BuiltFiles, number: str, against: Against, problem: Problem) -> BuiltFile | None:
    if not row.file:
        label = against.of(next(iter(row.labels), "")) if row.page else ""
        return BuiltFile(number + label, against.of(row.page), against.of(row.index))
    if len(problem.pythons) != 1 or not against.abi:
        return None  # the name of a file names one Python and one ABI
    python = "cp" + next(iter(problem.pythons)).replace(".", "")
    arch = platform_named(problem.platform).markers[3]
    address = against.of(row.file).replace("{version}", number)
    address = address.replace("{python}", python).replace("{arch}", arch)
    return BuiltFile(address.rpartition("/")[2].split("-")[1], address=address)


def _agrees(wheel: Wheel, ask: BuiltAsk, against: Against) -> bool:
    """Return whether a listed file is of the package and, by its label, for the lead's build."""
    label = wheel.version.partition("+")[2]
    if wheel.package != ask.package or not ask.allows(wheel.version):
        return False
    labels = {against.of(one).lstrip("+").lower() for one in ask.family.labels}
    return not label or not labels or label.lower() in labels
