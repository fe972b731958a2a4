"""The installed lead: kept where it runs and satisfies the request, or else replaced."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, Range, public_version, variant_of

from .compatibility import level
from .decision import Choice, Refused, decide
from .installed_set import (
    Companions,
    beside_other,
    breaks_note,
    left_behind,
    moved_note,
    moved_requirements,
    named,
    unnamed,
    went_with,
    works_with,
)
from .ranking import judge
from .requirement import ADDRESS, LEAD, MEMBER, Requirement, VariantWish

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue, Installed

    from .problem import Problem

# Codes of notes on a choice; a build that stays was not chosen.
_OF_THE_CHOICE = ("cpu-build-chosen", "no-driver")


@dataclass(frozen=True)
class Kept:
    """The decision to keep what is installed.

    `problem` is the one to format, pinned to the installed build where companions were asked for;
    `choice` is that build with them, None where there are none. `beside` are the companions of a
    build for another accelerator, which no choice is made of.
    """

    installed: Installed
    problem: Problem
    choice: Choice | None
    notes: tuple[Note, ...]
    beside: Companions = field(default_factory=Companions)


@dataclass(frozen=True)
class Replaced:
    """What a plan replaces of what is installed, with the notes on it.

    `exact`: the planned version differs from the installed lead's by the label alone. `moved` are
    the installed companions that the line does not name and that are replaced with it, `broken` the
    installed packages that do not work with the planned lead.
    """

    exact: bool = False
    notes: tuple[Note, ...] = ()
    moved: tuple[Requirement, ...] = ()
    broken: tuple[str, ...] = ()

    @classmethod
    def of(cls, problem: Problem, choice: Choice, catalogue: Catalogue) -> Replaced:
        """Return what a choice replaces: nothing where nothing or the same version is installed."""
        there = problem.request.installed
        planned = choice.release.version + choice.build.label
        if there is None or not problem.of(LEAD) or planned == there.version:
            return cls()
        moved = () if problem.request.closed else tuple(moved_requirements(there, problem, choice))
        broken = left_behind(there, choice, problem, {one.package for one in moved})
        notes = (
            *_replaced_notes(there, planned, _why(there, problem, catalogue), problem),
            *moved_note(there, moved, problem, choice),
            *breaks_note(broken, planned, problem),
        )
        return cls(planned == there.release, notes, moved, tuple(one.name for one in broken))

    @classmethod
    def by_address(cls, problem: Problem) -> Replaced:
        """Return what a lead that is named by its file replaces."""
        there, asked = problem.request.installed, problem.of(ADDRESS)
        if there is None or not asked:
            return cls()
        label = asked[0].wish.text if asked[0].wish else ""
        planned = str(asked[0].allows).removeprefix("==") + label
        if planned == there.version:
            return cls()
        number = public_version(planned)
        wrong = (
            one for one in there.beside if went_with(one, there) and not works_with(one, number)
        )
        broken = unnamed(wrong, problem)
        notes = _replaced_notes(there, planned, "asked", problem, "warning")
        notes += breaks_note(broken, planned, problem)
        return cls(notes=notes, broken=tuple(one.name for one in broken))


def keep_installed(problem: Problem, catalogue: Catalogue) -> Kept | Refused | None:
    """Return the decision to keep the installed lead; None where it is replaced, or there is none.

    It is replaced where it does not satisfy the version or variant asked for, where an upgrade is
    asked for, where it does not run here, and where it is a CPU build on a machine with a driver.
    A companion that belongs to another release is refused where the lead was not named.
    """
    there = problem.request.installed
    if there is None or not stays(there, problem, catalogue):
        return None
    notes = _kept_note(there, problem)
    if there.is_other:
        beside = beside_other(there, problem, catalogue)
        if isinstance(beside, str):
            return _in_the_way(there, problem, beside)
        return Kept(there, problem, None, notes, beside)
    if not problem.companions:
        return Kept(there, problem, None, notes)
    pinned = _pinned(there, problem)
    choice = decide(pinned, catalogue)
    if isinstance(choice, Choice) and choice.build.cuda == there.cuda:
        told = tuple(note for note in choice.notes if note.code not in _OF_THE_CHOICE)
        return Kept(there, pinned, replace(choice, notes=told), notes)
    return None if problem.of(LEAD) else _in_the_way(there, problem)


def stays_unnamed(problem: Problem, catalogue: Catalogue) -> bool:
    """Return whether an installed lead stays where another package asks for it.

    A CPU build does: it works, and no other was asked for.
    """
    there = problem.request.installed
    if there is None:
        return False
    if there.cuda is None and not there.is_other and not problem.request.cpu:
        return problem.wish is None or problem.wish.cpu
    return stays(there, problem, catalogue)


def stays(there: Installed, problem: Problem, catalogue: Catalogue) -> bool:
    """Return whether the installed lead satisfies the request and runs here."""
    request, asked = problem.request, problem.of(LEAD)
    if request.cpu or request.sources.locked or problem.of(ADDRESS):
        return False
    if asked and request.upgrade and not (there.is_other and problem.wish is None):
        return False
    number = there.release
    if any(number not in one.allows or there.version in one.without for one in asked):
        return False
    wish = problem.wish
    if wish is not None and (there.is_other or not wish.grants(there.cuda)):
        return False
    return there.is_other or runs(there, problem, catalogue)


def runs(there: Installed, problem: Problem, catalogue: Catalogue) -> bool:
    """Return whether it runs here, by its builds in the catalogue or else by the driver alone."""
    if there.cuda is None:
        return problem.wants_cpu
    same = [b for b in catalogue.builds if (b.release, b.cuda) == (there.release, there.cuda)]
    if same:
        return any(judge(build, problem, catalogue).reason is None for build in same)
    return all(level(there.cuda, host, catalogue.drivers) for host in problem.with_driver)


def replace_installed(problem: Problem) -> Problem:
    """Return the problem with the lead named, where only companions are: pip would keep it."""
    if problem.request.installed is None or problem.of(LEAD, ADDRESS):
        return problem
    return _with_lead(problem)


def _with_lead(problem: Problem, allows: Range | None = None) -> Problem:
    name = problem.family.lead.pip
    lead = Requirement(name, LEAD, name, head=name)
    if allows is not None:
        lead = replace(lead, allows=allows)
    return replace(problem, requirements=(*problem.requirements, lead))


def _pinned(there: Installed, problem: Problem) -> Problem:
    """Return the problem pinned to the build that is installed, whatever was asked for."""
    variant = variant_of(there.cuda)
    wish = VariantWish.of(f"+{variant}", variant)
    only = Range((f"=={there.release}",))
    requirements = tuple(
        replace(one, allows=only) if one.kind == LEAD else one for one in problem.requirements
    )
    pinned = replace(problem, requirements=requirements, wish=wish)
    return pinned if problem.of(LEAD) else _with_lead(pinned, only)


def _kept_note(there: Installed, problem: Problem) -> tuple[Note, ...]:
    facts = {"installed": named(there, problem)}
    if there.is_other:
        facts["accelerator"] = there.accelerator
        return (Note("installed-cuda-build-kept", "info", "other", facts),)
    if there.cuda is None:
        return ()
    case = "" if problem.with_driver else "no-driver"
    return (Note("installed-cuda-build-kept", "info", case, facts),)


def kept_for_the_cpu(there: Installed, problem: Problem) -> tuple[Note, ...]:
    """Return the note on a CPU build that stays though there is a driver, as it was not named."""
    if there.cuda is not None or there.is_other or not problem.with_driver:
        return ()
    facts = {"installed": named(there, problem)}
    return (Note("installed-cuda-build-kept", "info", "cpu", facts),)


def _in_the_way(there: Installed, problem: Problem, lacking: str = "") -> Refused:
    """Return the refusal of companions that belong to a release which was not asked for.

    `lacking` is one that has no build for the accelerator of the installed lead.
    """
    texts = [one.text for one in problem.of(MEMBER)]
    facts = {
        "installed": named(there, problem),
        "asked": lacking or " ".join(texts),
        "words": shlex.join(texts),
        "accelerator": there.accelerator,
    }
    case = "other-lacks" if lacking else "in-the-way"
    return Refused((Note("installed-cuda-build-kept", "error", case, facts),))


def _replaced_notes(
    there: Installed, planned: str, case: str, problem: Problem, severity: str = "info"
) -> tuple[Note, ...]:
    goes = {"installed": named(there, problem)}
    comes = f"{problem.family.lead.pip} {planned}"
    notes = [Note("installed-build-replaced", severity, case, {**goes, "planned": comes})]
    if there.by_conda:
        facts = {**goes, "package": comes}
        notes.append(Note("pip-conda-mix", "warning", "pip-over-conda", facts))
    return tuple(notes)


def _why(there: Installed, problem: Problem, catalogue: Catalogue) -> str:
    if there.cuda is None and problem.with_driver and not there.is_other:
        return "cpu"
    if there.is_other or runs(there, problem, catalogue):
        return "asked"
    return "unfit"
