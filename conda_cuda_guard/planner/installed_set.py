"""What is installed beside the lead: what stays with it, what disagrees, another accelerator's."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, Range, public_version, variant_of, version

from .candidates import companion, companion_version
from .pip_parse import name_of
from .requirement import ADDRESS, LEAD, MEMBER, Requirement

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from conda_cuda_guard.model import Catalogue, Dependent, Installed, Release

    from .decision import Choice
    from .problem import Problem


def moved_requirements(there: Installed, problem: Problem, choice: Choice) -> Iterator[Requirement]:
    """Yield the installed companions to replace with the lead: not named, and not of the choice."""
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
) -> list[Dependent]:
    """Return the installed packages that the planned lead breaks and that stay."""
    broken = [
        one
        for one in there.beside
        if one.name not in moved and not _goes_with(one, choice, problem) and went_with(one, there)
    ]
    return unnamed(broken, problem)


def breaks_note(broken: list[Dependent], planned: str, problem: Problem) -> tuple[Note, ...]:
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


def unnamed(packages: Iterable[Dependent], problem: Problem) -> list[Dependent]:
    """Return those that the request does not name: pip finds compatible versions of the others."""
    named = {name_of(one.text) for one in problem.requirements if not one.origin.is_bound}
    return [one for one in packages if one.name not in named]


def went_with(one: Dependent, there: Installed) -> bool:
    """Return whether it worked with the lead that is there: what was broken is not broken now."""
    return works_with(one, there.release)


def works_with(one: Dependent, release: str) -> bool:
    """Return whether an installed package works with a release of the lead, by its metadata."""
    return all(release in Range((need,)) for need in one.needs)


def _goes_with(one: Dependent, choice: Choice, problem: Problem) -> bool:
    """Return whether an installed package works with the planned lead, by what is known of it."""
    if one.name in problem.family.companions:
        return _belongs(one, problem, choice)
    return works_with(one, choice.release.version) and (
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


def _belongs(one: Dependent, problem: Problem, choice: Choice) -> bool:
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


def _with_need(one: Dependent, lead: str) -> str:
    return f"{one.name} {one.version}" + "".join(f" ({lead}{need})" for need in one.needs)


def named(there: Installed, problem: Problem) -> str:
    """Return the installed lead by name and version, as messages show it."""
    return f"{problem.family.lead.pip} {there.version}"


@dataclass(frozen=True)
class Companions:
    """The versions of companions, by package, and the index that has those not yet installed."""

    versions: Mapping[str, str] = field(default_factory=dict)
    index_urls: tuple[str, ...] = ()


def beside_other(there: Installed, problem: Problem, catalogue: Catalogue) -> Companions | str:
    """Return the named companions that go with an installed lead; the first that has no such build.

    A build for CUDA would be installed without a word and fail to load.
    """
    present = {one.name: one.version for one in there.beside}
    lead = problem.family.lead.pip
    # pip may be told to install the same build once more.
    again = problem.request.upgrade and bool(problem.of(LEAD))
    new = again and _listed(lead, (there.version,), problem, catalogue) is not None
    versions = {}
    for one in problem.of(MEMBER):
        fitting = [
            number
            for number in labelled_as(there, one.package, catalogue)
            if number.partition("+")[0] in one.allows
        ]
        listed = _listed(one.package, fitting, problem, catalogue)
        if present.get(one.package) in fitting:
            versions[one.package] = present[one.package]
        elif listed is not None:
            versions[one.package], new = listed, True
        elif not one.origin.is_bound:
            return one.text
    base = problem.request.sources.wheel_indexes[0].base.rstrip("/")
    label = there.version.partition("+")[2]
    return Companions(versions, (f"{base}/{label}",) if new else ())


def labelled_as(there: Installed, package: str, catalogue: Catalogue) -> Iterator[str]:
    """Yield the versions of a companion that belong to an installed lead, with its label."""
    release = next((one for one in catalogue.releases if one.version == there.release), None)
    label = there.version[len(there.release) :]
    if release is not None and package in release.pip and label:
        yield from (number + label for number in release.pip[package].versions)


def _listed(
    package: str, versions: Iterable[str], problem: Problem, catalogue: Catalogue
) -> str | None:
    """Return the first of these versions that the wheel index lists for the machine."""
    there = {
        one.version
        for one in catalogue.files
        if one.package == package and not one.yanked and problem.is_for(one)
    }
    return next((one for one in versions if one in there), None)


def disagreeing(there: Installed, catalogue: Catalogue) -> Mapping[Dependent, str]:
    """Return the companions that are of another release or variant than the lead beside them.

    Each with the version that goes with it, an empty one where there is none. Of a lead for another
    accelerator, or that the catalogue does not know, nothing can be said.
    """
    release = next((one for one in catalogue.releases if one.version == there.release), None)
    if release is None or there.is_other:
        return {}
    return {
        one: _right(one.name, there, release)
        for one in there.beside
        if one.name in catalogue.family.own_names and not _goes(one, there, release, catalogue)
    }


def _goes(one: Dependent, there: Installed, release: Release, catalogue: Catalogue) -> bool:
    companion = release.pip.get(one.name)
    if companion is None or public_version(one.version) not in companion.versions:
        return False
    label = one.version.partition("+")[2] or catalogue.plain.get(there.release)
    return not companion.labelled or label in (None, variant_of(there.cuda))


def _right(name: str, there: Installed, release: Release) -> str:
    companion = release.pip.get(name)
    numbers = companion.of(variant_of(there.cuda)) if companion is not None else ()
    label = there.version[len(there.release) :]
    if companion is None or not numbers:
        return ""
    return numbers[0] + (label if companion.labelled else "")
