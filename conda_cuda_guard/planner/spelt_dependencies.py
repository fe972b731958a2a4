"""Bounds on spelt families as dependencies of other packages: what runs here (rule 9).

Data alone decides, and only of families whose builds are told apart by their version: a dependency
has no other name and no extra that could be put in its place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import TYPED, Range, cuda_major, version

from .agreement import cudnn_of
from .spelt import decide_spelt
from .spelt_parse import Ask
from .spelt_question import ALONE, Shared, SpeltChoice, SpeltQuestion

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from conda_cuda_guard.model import Catalogue, Note

    from .problem import Problem


@dataclass(frozen=True)
class SpeltBound:
    """A constraint on a package that was not named, and why its newest releases are left out."""

    package: str
    constraint: str
    notes: tuple[Note, ...] = ()


def bounds_on_spelt(
    problem: Problem,
    catalogue: Catalogue,
    *,
    named: Collection[str],
    present: Mapping[str, str],
    lead: tuple[str, str | None] | None = None,
) -> tuple[SpeltBound, ...]:
    """Return the constraints on families that other packages may depend on.

    Families with a package among `named` are left out, and so is what is `present` and out of its
    bound. `lead` is the release of a lead that stays or is planned, with its CUDA
    version.
    """
    shared = ALONE
    if lead is not None and lead[1] is not None:
        number, cuda = lead
        shared = Shared(cuda_major(cuda or ""), cuda, cudnn_of(problem.family, number))
    found = []
    for name in catalogue.spelt.ranged:
        family = catalogue.spelt.named(name)
        if family is None or not set(named).isdisjoint(family.pip_names):
            continue
        ask = Ask(0, name, family, name, name, TYPED)
        asked = SpeltQuestion(family, (ask,), problem, catalogue, shared)
        choice = _found_by_version(asked)
        if choice is None and shared != ALONE:
            choice = _found_by_version(replace(asked, shared=ALONE))
        if choice is None:
            continue
        bound = choice.texts[0].removeprefix(name)
        if bound.startswith("<") and present.get(name, "0") in Range((bound,)):
            held = tuple(note for note in choice.notes if note.code == "held-back")
            found.append(SpeltBound(name, name + bound, held))
    return tuple(found)


def _found_by_version(question: SpeltQuestion) -> SpeltChoice | None:
    """Return the choice of a build that pip finds by its version alone; None for another."""
    choice = decide_spelt(question)
    if isinstance(choice, SpeltChoice) and choice.build is not None and not choice.build.index:
        return choice
    return None


def came_in(
    bounds: Collection[SpeltBound], before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[Note, ...]:
    """Return the notes on the bounds that mattered: on what was installed as a dependency."""
    return tuple(
        note
        for one in bounds
        if one.package in after and after[one.package] != before.get(one.package)
        for note in one.notes
        if version(after[one.package]) <= version(note.facts["release"])
    )
