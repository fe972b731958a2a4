"""Bounds on other packages for a lead's sake: known conflicts (rule 12), and followers."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Optional

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Pep508Requirement

from conda_cuda_guard.model import Note, Range, cuda_major, cuda_of, version
from conda_cuda_guard.model.companions import admits

from .candidates import companion_version, find_candidates
from .pip_parse import applies, name_of
from .requirement import LEAD

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from conda_cuda_guard.model import Catalogue, Conflict, Family, Follower

    from .decision import Choice
    from .problem import Problem
    from .requirement import Requirement

# A release of the lead, and the CUDA version of its build; None for the CPU, or where not known.
LeadBuild = tuple[str, Optional[str]]
_NUMBER = re.compile(r"\d+(?:\.\d+)*")


def about_conflicts(texts: Iterable[str], family: Family) -> tuple[str, ...]:
    """Return the requirements on packages that the family has known conflicts with."""
    packages = {one.package for one in family.conflicts}
    return tuple(text for text in texts if name_of(text) in packages)


def conflict_bounds(releases: Iterable[str], problem: Problem) -> tuple[str, ...]:
    """Return the constraints that hold beside every one of these releases of the lead.

    What was asked for in spite of one is not constrained: `conflict_notes` has told of it.
    """
    numbers = list(releases)
    return tuple(
        one.package + one.bound
        for one in problem.family.conflicts
        if numbers
        and all(number in Range((one.releases,)) for number in numbers)
        and _asked_anyway(one, problem) is None
    )


def bounds_told(release: str, problem: Problem) -> tuple[Note, ...]:
    """Return the notes on `conflict_bounds` that no requirement asks for, beside other packages.

    They are of the run that is constrained; a plan adds nothing to what was asked for.
    """
    lead = f"{problem.lead_name} {release}"
    if len(problem.requirements) == len(problem.of(LEAD)):
        return ()
    return tuple(
        Note(
            "known-conflict",
            "info",
            "",
            {"lead": lead, "package": one.package, "bound": one.package + one.bound},
        )
        for one in _conflicts_of(release, problem.family)
        if _asked_anyway(one, problem) is None and not _is_within(one, problem)
    )


def conflict_notes(release: str, problem: Problem) -> tuple[Note, ...]:
    """Return what there is to say of the conflicts of one release, before it is installed."""
    held = _conflicts_of(release, problem.family)
    lead = f"{problem.lead_name} {release}"
    return tuple(note for one in held for note in _notes(one, lead, problem))


def can_meet(allows: Range | None, bound: str, *, outside: bool = False) -> bool:
    """Return whether some version is allowed and lies within the bound, or outside it.

    Those are tried that the two name, the ones just after them, and the lowest and highest.
    """
    if allows is None:
        return False
    numbers = _NUMBER.findall(f"{allows} {bound}")
    tried = ("0", *numbers, *(f"{number}.1" for number in numbers), "9999")
    return any((one in Range((bound,))) != outside for one in tried if one in allows)


def _conflicts_of(release: str, family: Family) -> list[Conflict]:
    return [one for one in family.conflicts if release in Range((one.releases,))]


def _notes(conflict: Conflict, lead: str, problem: Problem) -> Iterator[Note]:
    asked = _asked_anyway(conflict, problem)
    if asked is not None:
        yield Note(
            "known-conflict",
            "warning",
            "asked",
            {
                "lead": lead,
                "asked": asked.described,
                "bound": conflict.package + conflict.bound,
            },
        )
        return
    there = _with_present(conflict, lead, problem.request.present)
    if there is not None:
        yield there


def conflicts_present(release: str, present: Mapping[str, str], family: Family) -> tuple[Note, ...]:
    """Return the warnings about what is installed and does not work with a release of the lead."""
    lead = f"{family.lead.pip} {release}"
    held = _conflicts_of(release, family)
    found = (_with_present(one, lead, present) for one in held)
    return tuple(note for note in found if note is not None)


def _with_present(conflict: Conflict, lead: str, present: Mapping[str, str]) -> Note | None:
    version = present.get(conflict.package)
    if version is None or version in Range((conflict.bound,)):
        return None
    facts = {
        "lead": lead,
        "present": f"{conflict.package} {version}",
        "words": shlex.join([conflict.package + conflict.bound]),
    }
    return Note("known-conflict", "warning", "installed", facts)


def _is_within(conflict: Conflict, problem: Problem) -> bool:
    """Return whether what was typed keeps within the bound by itself."""
    typed = _on(conflict.package, problem)
    return any(not can_meet(allows, conflict.bound, outside=True) for _, allows in typed)


def _asked_anyway(conflict: Conflict, problem: Problem) -> Requirement | None:
    """Return the requirement that no version within the bound would meet."""
    asked = _on(conflict.package, problem)
    return next((one for one, allows in asked if not can_meet(allows, conflict.bound)), None)


def _on(package: str, problem: Problem) -> Iterator[tuple[Requirement, Range | None]]:
    """Yield the requirements on a package that count here, with what they allow.

    That is None of a path or an address.
    """
    if not problem.is_pip:
        named = ((one, one.head.rpartition("::")[2].lower()) for one in problem.requirements)
        yield from ((one, one.allows) for one, name in named if name == package)
        return
    host = problem.hosts[0]
    for one in problem.requirements:
        if name_of(one.text) != package:
            continue
        try:
            read = Pep508Requirement(one.text)
        except InvalidRequirement:
            yield one, None
        else:
            if applies(read, host.platform, host.python):
                yield one, None if read.url else Range.of(str(read.specifier))


def newest_beside(
    leads: Iterable[LeadBuild], family: Family, named: Container[str]
) -> dict[str, str]:
    """Return, of followers that are not `named`, the newest version that goes with these leads.

    pip finds them by their metadata. That of some names no release of the lead; that of others does
    not tell the CUDA version of their one file on the default index. None of those whose newest
    version will do, or none at all.
    """
    there = list(leads)
    found = {}
    # What the lead asks for itself is right beside it.
    for one in (family.followers[name] for name in family.moving if name in family.followers):
        if one.package in named or (one.pins_lead and (one.labelled or not one.rows)):
            continue
        goes = _runs if one.pins_lead else _belongs
        newest = next((n for n, need in one.versions if goes(one, n, need, there)), None)
        if newest is not None and newest != one.versions[0][0]:
            found[one.package] = newest
    return found


def _belongs(_one: Follower, _number: str, need: str, leads: Iterable[LeadBuild]) -> bool:
    return any(admits(need, release) for release, _ in leads)


def _runs(one: Follower, number: str, need: str, leads: Iterable[LeadBuild]) -> bool:
    """Return whether a version's plain file is of the CUDA major version of a lead it is for."""
    majors = {
        cuda_major(cuda) for release, cuda in leads if cuda is not None and admits(need, release)
    }
    plain = (place for place in one.places if not place.index and number in place.versions)
    named = (cuda_of(variant) for place in plain for variant in place.variants)
    return bool(majors) and any(cuda_major(cuda) in majors for cuda in named if cuda is not None)


def held_followers(problem: Problem, choice: Choice, catalogue: Catalogue) -> Iterator[Note]:
    """Yield notes on named followers of which a newer version has no build that runs here."""
    named = [one for one in problem.companions if one in problem.family.followers]
    if not named or problem.wish is not None:
        return
    paired = find_candidates(problem, catalogue).paired
    for package in named:
        planned = companion_version(choice.release, package, problem, variant=choice.build.variant)
        newest = [companion_version(release, package, problem) for release in paired]
        best = max((one for one in newest if one), key=version, default=None)
        if planned is not None and best is not None and version(best) > version(planned):
            facts = {"package": package, "release": planned, "newest": best}
            yield Note("held-back", "info", "family", facts)
