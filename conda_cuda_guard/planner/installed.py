"""The installed lead: kept where it runs and satisfies the request, or else replaced."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note
from conda_cuda_guard.model.versions import Range, variant_of, version

from .candidates import companion, companion_version
from .compatibility import level
from .decision import Choice, Refused, decide
from .pip_parse import name_of
from .ranking import judge
from .requirement import ADDRESS, LEAD, MEMBER, Requirement, VariantWish

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from conda_cuda_guard.model import Catalogue, Installed
    from conda_cuda_guard.model.request import Beside

    from .problem import Problem

# Codes of notes on a choice; a build that stays was not chosen.
_OF_THE_CHOICE = ("cpu-build-chosen", "no-driver")


@dataclass(frozen=True)
class Kept:
    """The decision to keep what is installed.

    `problem` is the one to format, pinned to the installed build where companions were asked for;
    `choice` is that build with them, None where there are none.
    """

    installed: Installed
    problem: Problem
    choice: Choice | None
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Replaced:
    """The note on the installed lead that a plan replaces.

    `exact`: the planned version differs from it by the label alone. `moved` are the installed
    companions that the line does not name and that are replaced with it.
    """

    exact: bool
    notes: tuple[Note, ...]
    moved: tuple[Requirement, ...] = ()

    @classmethod
    def of(cls, problem: Problem, choice: Choice, catalogue: Catalogue) -> Replaced | None:
        """Return what a choice replaces; None where nothing or the same version is installed."""
        there = problem.request.installed
        planned = choice.release.version + choice.build.label
        if there is None or not problem.of(LEAD) or planned == there.version:
            return None
        moved = () if problem.request.closed else tuple(_moved(there, problem, choice))
        notes = (
            *_replaced_notes(there, planned, _why(there, problem, catalogue), problem),
            *_moved_note(there, moved, problem, choice),
            *left_behind(there, choice, problem, {one.package for one in moved}),
        )
        return cls(planned == public(there), notes, moved)


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
    if there.is_other or not problem.companions:
        return Kept(there, problem, None, notes)
    pinned = _pinned(there, problem)
    choice = decide(pinned, catalogue)
    if isinstance(choice, Choice) and choice.build.cuda == there.cuda:
        told = tuple(note for note in choice.notes if note.code not in _OF_THE_CHOICE)
        return Kept(there, pinned, replace(choice, notes=told), notes)
    return None if problem.of(LEAD) else _in_the_way(there, problem)


def stays_unnamed(problem: Problem, catalogue: Catalogue) -> bool:
    """Return whether an installed lead stays where another package asks for it.

    A CPU build does: it works, and nobody asked for another.
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
    number = public(there)
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
    same = [b for b in catalogue.builds if (b.release, b.cuda) == (public(there), there.cuda)]
    if same:
        return any(judge(build, problem, catalogue).reason is None for build in same)
    return all(level(there.cuda, host, catalogue.drivers) for host in problem.with_driver)


def public(there: Installed) -> str:
    """Return its version without the local label."""
    return there.version.partition("+")[0]


def replace_installed(problem: Problem) -> Problem:
    """Return the problem with the lead named, where only companions are: pip would keep it."""
    if problem.request.installed is None or problem.of(LEAD, ADDRESS):
        return problem
    return _with_lead(problem)


def replaced_by_address(problem: Problem) -> tuple[Note, ...]:
    """Return the notes on an installed lead that one named by its file replaces."""
    there, asked = problem.request.installed, problem.of(ADDRESS)
    if there is None or not asked:
        return ()
    label = asked[0].wish.text if asked[0].wish else ""
    planned = str(asked[0].allows).removeprefix("==") + label
    if planned == there.version:
        return ()
    number = planned.partition("+")[0]
    broken = [
        one
        for one in there.beside
        if _went_with(one, there) and not all(number in Range((need,)) for need in one.needs)
    ]
    notes = _replaced_notes(there, planned, "asked", problem, "warning")
    return (*notes, *_breaks_note(_unnamed(broken, problem), planned, problem))


def _moved(there: Installed, problem: Problem, choice: Choice) -> Iterator[Requirement]:
    """Yield the installed companions that nobody named, where one belongs to the choice."""
    asked = {one.package for one in problem.of(MEMBER) if not one.origin.is_bound}
    for one in there.beside:
        if one.name not in problem.family.companions or one.name in asked:
            continue
        planned = planned_version(one.name, problem, choice)
        if planned is not None and planned != one.version:
            yield Requirement(one.name, MEMBER, one.name, head=one.name)


def planned_version(package: str, problem: Problem, choice: Choice) -> str | None:
    """Return a companion's version for a choice, with its label; None where none belongs to it."""
    known = companion(choice.release, package, problem)
    number = companion_version(choice.release, package, problem, variant=choice.build.variant)
    if known is None or number is None:
        return None
    return number + (choice.build.label if known.labelled else "")


def _moved_note(
    there: Installed, moved: Iterable[Requirement], problem: Problem, choice: Choice
) -> tuple[Note, ...]:
    versions = {one.name: one.version for one in there.beside}
    texts = [
        f"{name} {versions[name]} -> {planned_version(name, problem, choice)}"
        for name in (one.package for one in moved)
    ]
    if not texts:
        return ()
    facts = {"installed": _named(there, problem), "moved": ", ".join(texts)}
    return (Note("installed-set-moved", "info", "", facts),)


def left_behind(
    there: Installed, choice: Choice, problem: Problem, moved: Container[str]
) -> tuple[Note, ...]:
    """Return the warning about installed packages that the planned lead breaks and nobody moves."""
    broken = [
        one
        for one in there.beside
        if one.name not in moved and not _goes_with(one, choice, problem) and _went_with(one, there)
    ]
    planned = choice.release.version + choice.build.label
    return _breaks_note(_unnamed(broken, problem), planned, problem)


def _unnamed(packages: Iterable[Beside], problem: Problem) -> list[Beside]:
    """Return those that nobody named: of the others, pip finds what belongs together."""
    named = {name_of(one.text) for one in problem.requirements if not one.origin.is_bound}
    return [one for one in packages if one.name not in named]


def _breaks_note(broken: list[Beside], planned: str, problem: Problem) -> tuple[Note, ...]:
    if not broken:
        return ()
    lead = problem.family.lead.pip
    facts = {
        "broken": ", ".join(map(partial(_with_need, lead=lead), broken)),
        "planned": f"{lead} {planned}",
    }
    movable = [one.name for one in broken if one.cuda_major is None and one.needs]
    if movable and not problem.request.closed and not problem.of(ADDRESS):
        facts["words"] = shlex.join([lead, *movable])
    return (Note("installed-set-breaks", "warning", "", facts),)


def _goes_with(one: Beside, choice: Choice, problem: Problem) -> bool:
    """Return whether an installed package works with the planned lead, by what is known of it."""
    if one.name in problem.family.companions:
        return planned_version(one.name, problem, choice) == one.version
    return all(choice.release.version in Range((need,)) for need in one.needs) and (
        one.cuda_major is None
        or choice.build.cuda is None
        or version(choice.build.cuda).major == one.cuda_major
    )


def _went_with(one: Beside, there: Installed) -> bool:
    """Return whether it worked with the lead that is there: what was broken is not broken now."""
    return all(public(there) in Range((need,)) for need in one.needs)


def _with_need(one: Beside, lead: str) -> str:
    return f"{one.name} {one.version}" + "".join(f" ({lead}{need})" for need in one.needs)


def _with_lead(problem: Problem, allows: Range | None = None) -> Problem:
    name = problem.family.lead.pip
    lead = Requirement(name, LEAD, name, head=name)
    if allows is not None:
        lead = replace(lead, allows=allows)
    return replace(problem, requirements=(*problem.requirements, lead))


def _pinned(there: Installed, problem: Problem) -> Problem:
    """Return the problem pinned to the build that is installed, whatever was asked for."""
    label = "+" + variant_of(there.cuda)
    wish = VariantWish(label, cpu=True)
    if there.cuda is not None:
        wish = VariantWish(label, cuda=Range((f"=={there.cuda}",)))
    only = Range((f"=={public(there)}",))
    requirements = tuple(
        replace(one, allows=only) if one.kind == LEAD else one for one in problem.requirements
    )
    pinned = replace(problem, requirements=requirements, wish=wish)
    return pinned if problem.of(LEAD) else _with_lead(pinned, only)


def _kept_note(there: Installed, problem: Problem) -> tuple[Note, ...]:
    facts = {"installed": _named(there, problem)}
    if there.is_other:
        facts["accelerator"] = there.accelerator
        return (Note("installed-cuda-build-kept", "info", "other", facts),)
    if there.cuda is None:
        return ()
    case = "" if problem.with_driver else "no-driver"
    return (Note("installed-cuda-build-kept", "info", case, facts),)


def kept_for_the_cpu(there: Installed, problem: Problem) -> tuple[Note, ...]:
    """Return the note on a CPU build that stays though there is a driver, as nobody named it."""
    if there.cuda is not None or there.is_other or not problem.with_driver:
        return ()
    facts = {"installed": _named(there, problem)}
    return (Note("installed-cuda-build-kept", "info", "cpu", facts),)


def _named(there: Installed, problem: Problem) -> str:
    return f"{problem.family.lead.pip} {there.version}"


def _in_the_way(there: Installed, problem: Problem) -> Refused:
    """Return the refusal of companions that belong to a release which was not asked for."""
    texts = [one.text for one in problem.of(MEMBER)]
    facts = {
        "installed": _named(there, problem),
        "asked": " ".join(texts),
        "words": shlex.join(texts),
    }
    return Refused((Note("installed-cuda-build-kept", "error", "in-the-way", facts),))


def _replaced_notes(
    there: Installed, planned: str, case: str, problem: Problem, severity: str = "info"
) -> tuple[Note, ...]:
    goes = {"installed": _named(there, problem)}
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
