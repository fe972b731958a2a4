"""The packages installed with the lead: those that are replaced with it, those that break."""

from __future__ import annotations

import shlex
from functools import partial
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note
from conda_cuda_guard.model.versions import Range, public_version, version

from .candidates import companion, companion_version
from .pip_parse import name_of
from .requirement import ADDRESS, MEMBER, Requirement

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from conda_cuda_guard.model import Installed
    from conda_cuda_guard.model.request import Beside

    from .decision import Choice
    from .problem import Problem


def moved_with(there: Installed, problem: Problem, choice: Choice) -> Iterator[Requirement]:
    """Yield the installed companions that nobody named, where one belongs to the choice."""
    asked = {one.package for one in problem.of(MEMBER) if not one.origin.is_bound}
    for one in there.beside:
        if one.name not in problem.family.moving or one.name in asked:
            continue
        planned = planned_version(one.name, problem, choice)
        if planned is not None and not _belongs(one, problem, choice):
            yield Requirement(one.name, MEMBER, one.name, head=one.name)


def moved_note(
    there: Installed, moved: Iterable[Requirement], problem: Problem, choice: Choice
) -> tuple[Note, ...]:
    """Return the note on the installed companions that are replaced with the lead."""
    versions = {one.name: one.version for one in there.beside}
    texts = [
        f"{name} {versions[name]} -> {planned_version(name, problem, choice)}"
        for name in (one.package for one in moved)
    ]
    if not texts:
        return ()
    facts = {"installed": named(there, problem), "moved": ", ".join(texts)}
    return (Note("installed-set-moved", "info", "", facts),)


def left_behind(
    there: Installed, choice: Choice, problem: Problem, moved: Container[str]
) -> tuple[Note, ...]:
    """Return the warning about installed packages that the planned lead breaks and nobody moves."""
    broken = [
        one
        for one in there.beside
        if one.name not in moved and not _goes_with(one, choice, problem) and went_with(one, there)
    ]
    planned = choice.release.version + choice.build.label
    return breaks_note(unnamed(broken, problem), planned, problem)


def breaks_note(broken: list[Beside], planned: str, problem: Problem) -> tuple[Note, ...]:
    """Return the warning about installed packages that do not work with the planned lead."""
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


def unnamed(packages: Iterable[Beside], problem: Problem) -> list[Beside]:
    """Return those that nobody named: of the others, pip finds what belongs together."""
    named = {name_of(one.text) for one in problem.requirements if not one.origin.is_bound}
    return [one for one in packages if one.name not in named]


def went_with(one: Beside, there: Installed) -> bool:
    """Return whether it worked with the lead that is there: what was broken is not broken now."""
    return all(there.release in Range((need,)) for need in one.needs)


def _goes_with(one: Beside, choice: Choice, problem: Problem) -> bool:
    """Return whether an installed package works with the planned lead, by what is known of it."""
    if one.name in problem.family.companions:
        return _belongs(one, problem, choice)
    return all(choice.release.version in Range((need,)) for need in one.needs) and (
        one.cuda_major is None
        or choice.build.cuda is None
        or version(choice.build.cuda).major == one.cuda_major
    )


def planned_version(package: str, problem: Problem, choice: Choice) -> str | None:
    """Return a companion's version for a choice, with its label; None where none belongs to it."""
    known = companion(choice.release, package, problem)
    number = companion_version(choice.release, package, problem, variant=choice.build.variant)
    if known is None or number is None:
        return None
    return number + known.label(number, choice.build.variant, choice.build.label)


def _belongs(one: Beside, problem: Problem, choice: Choice) -> bool:
    """Return whether an installed companion belongs to a choice, of followers in any version."""
    planned = planned_version(one.name, problem, choice)
    if planned == one.version or one.name not in problem.family.followers:
        return planned == one.version
    known = companion(choice.release, one.name, problem)
    number, variant = public_version(one.version), choice.build.variant
    return (
        known is not None
        and number in known.of(variant)
        and one.version == number + known.label(number, variant, choice.build.label)
    )


def _with_need(one: Beside, lead: str) -> str:
    return f"{one.name} {one.version}" + "".join(f" ({lead}{need})" for need in one.needs)


def named(there: Installed, problem: Problem) -> str:
    """Return the installed lead by name and version, as messages show it."""
    return f"{problem.family.lead.pip} {there.version}"
