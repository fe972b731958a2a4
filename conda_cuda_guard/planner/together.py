"""Several families on one line: the newest set that agrees, or which two cannot (section 8)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard.model import FamilyPlan, Note, Plan
from conda_cuda_guard.model.versions import cuda_major, read_cuda

from .pip_parse import name_of
from .pip_sources import missing_options
from .spelt import SpeltChoice, SpeltRefusal, decide_spelt
from .spelt_parse import read_asks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.model import Catalogue
    from conda_cuda_guard.model.spelling import SpeltFamily

    from .problem import Problem
    from .spelt_parse import Ask

# Returns the plan for the family whose lead decides.
PlanLead = Callable[["Problem", "Catalogue"], Plan]
# What families share that load CUDA's libraries in one process.
CUDA_MAJOR = "cuda.major"


@dataclass(frozen=True)
class _Set:
    """What every family of a line gets, perhaps with builds of one CUDA major version alone."""

    lead: Plan
    others: tuple[SpeltChoice | SpeltRefusal, ...]

    @property
    def is_refused(self) -> bool:
        return self.lead.status == "refused" or any(self.refusals())

    def refusals(self) -> Iterator[SpeltRefusal]:
        return (one for one in self.others if isinstance(one, SpeltRefusal))

    @property
    def unbuilt(self) -> int:
        """How many packages have no file for the lead, and are to be built from source."""
        return sum(note.code == "built-from-source" for note in self.lead.notes)

    def majors(self) -> dict[str, int]:
        """Return the CUDA major version of each family that shares it, by its name."""
        found = {}
        if self.lead.cuda and self.lead.packages:
            found[next(iter(self.lead.packages))] = cuda_major(self.lead.cuda)
        for one in self.others:
            if isinstance(one, SpeltChoice) and CUDA_MAJOR in one.family.shares and one.major:
                found[one.family.name] = one.major
        return found


def plan_together(problem: Problem, catalogue: Catalogue, plan_lead: PlanLead) -> Plan:
    """Return the plan for all families of a request.

    `plan_lead` plans the one whose lead decides, whether it is asked for or not.
    """
    asks = read_asks(problem, catalogue.spelt)
    if not any(not one.origin.is_bound for one in asks):
        plan = plan_lead(problem, catalogue)
        if plan.families:
            return _merged(_Set(plan, ()), problem)
        return replace(plan, families=tuple(_of_lead(plan, problem)))
    by_family: dict[SpeltFamily, list[Ask]] = {}
    for one in asks:
        by_family.setdefault(one.family, []).append(one)

    def decided(major: int | None) -> _Set:
        request = replace(problem.request, cuda_major=major)
        lead = plan_lead(replace(problem, request=request), catalogue)
        others = (
            decide_spelt(
                family,
                tuple(of_it),
                problem,
                catalogue,
                major if CUDA_MAJOR in family.shares else None,
            )
            for family, of_it in by_family.items()
        )
        return _Set(lead, tuple(others))

    free = decided(None)
    majors = free.majors()
    notes: tuple[Note, ...] = ()
    if not free.is_refused and len(set(majors.values())) > 1:
        free, notes = _agreed(free, decided, by_family)
    elif not free.is_refused:
        free, notes = _beside_installed(free, decided, problem)
    plan = _merged(free, problem)
    plan = replace(plan, notes=(*plan.notes, *notes, *_not_together(plan, by_family)))
    if any(note.severity == "error" for note in notes):
        return Plan(plan.id, plan.manager, "refused", notes=notes)
    return plan


def _agreed(
    free: _Set, decided: Callable[[int | None], _Set], families: Iterable[SpeltFamily]
) -> tuple[_Set, tuple[Note, ...]]:
    """Return the set of the newest CUDA major version that every family has a build for."""
    majors = free.majors()
    built = {
        cuda_major(build.cuda) for one in families for build in one.builds if build.cuda is not None
    }
    tried = {}
    for major in sorted(built.union(majors.values()), reverse=True):
        tried[major] = decided(major)
    # A set of files goes before one of which something is to be built.
    for major in sorted(tried, key=lambda one: (-tried[one].unbuilt, one), reverse=True):
        if not tried[major].is_refused:
            held = [name for name, found in majors.items() if found != major]
            because = [name for name, found in majors.items() if found == major]
            facts = {
                "held": ", ".join(held),
                "because": ", ".join(because),
                "major": str(major),
                "other": str(max(majors.values())),
            }
            return tried[major], (Note("families-agree", "info", "", facts),)
    return free, (_disagreement(majors, tried),)


def _disagreement(majors: dict[str, int], tried: dict[int, _Set]) -> Note:
    """Return the note that names two families which cannot be in one process."""
    first, second = _pair(majors)
    facts = {
        "first": first,
        "first_major": str(majors[first]),
        "second": second,
        "second_major": str(majors[second]),
    }
    for major in sorted(set(majors.values()), reverse=True):
        found = tried[major]
        near = [note.facts.get("near") for one in found.refusals() for note in one.notes]
        if found.lead.status != "refused" and near and all(near):
            facts.setdefault("near", " ".join(filter(None, near)))
    return Note("families-disagree", "error", "", facts)


def _pair(majors: dict[str, int]) -> tuple[str, str]:
    first = next(iter(majors))
    second = next(name for name, major in majors.items() if major != majors[first])
    return first, second


def _beside_installed(
    free: _Set, decided: Callable[[int | None], _Set], problem: Problem
) -> tuple[_Set, tuple[Note, ...]]:
    """Return the set for the CUDA major version of an installed lead, where there is one."""
    there = problem.request.installed
    majors = free.majors()
    if there is None or there.cuda is None or problem.asked or not majors:
        return free, ()
    major = cuda_major(there.cuda)
    if set(majors.values()) == {major}:
        return free, ()
    name = f"{problem.family.lead.pip} {there.version}"
    facts = {"first": name, "first_major": str(major), "second": next(iter(majors))}
    again = decided(major)
    if again.is_refused:
        facts["second_major"] = str(next(iter(majors.values())))
        return free, (Note("families-disagree", "warning", "installed", facts),)
    facts = {"held": ", ".join(majors), "because": name, "major": str(major)}
    return again, (Note("families-agree", "info", "installed", facts),)


def _not_together(plan: Plan, families: Iterable[SpeltFamily]) -> Iterator[Note]:
    """Yield notes on packages of which an environment can have only one."""
    names = {name_of(text) for text in plan.requirements}
    for family in families:
        there = [name for name in family.one_of if name in names]
        if len(there) > 1:
            facts = {"packages": ", ".join(there), "family": family.name}
            yield Note("cannot-live-together", "warning", "", facts)


def _merged(found: _Set, problem: Problem) -> Plan:
    """Return one plan of all families' plans."""
    plan = found.lead
    notes = [*plan.notes, *(note for one in found.others for note in one.notes)]
    if found.is_refused:
        return Plan(plan.id, plan.manager, "refused", notes=tuple(notes))
    choices = [one for one in found.others if isinstance(one, SpeltChoice)]
    pins = list(plan.pins or problem.request.requirements)
    changed = False
    for choice in choices:
        for ask, text in zip(choice.asks, choice.texts):
            changed |= text != ask.text
            pins[ask.at] = text
    bounds = [one.origin.is_bound for one in problem.requirements]
    requirements = [pin for at, pin in enumerate(pins) if at >= len(bounds) or not bounds[at]]
    others = [*plan.families, *map(_of_choice, choices)]
    indexes = [*plan.index_urls, *(url for one in others for url in one.index_urls)]
    pages = [*plan.find_links, *(url for one in others for url in one.find_links)]
    index_urls, find_links = tuple(dict.fromkeys(indexes)), tuple(dict.fromkeys(pages))
    changed |= bool(missing_options(index_urls, find_links, problem.request.sources))
    families = (*_of_lead(plan, problem), *others)
    first = next((one for one in families if one.variant), None)
    packages = {name: number for one in families for name, number in one.packages.items()}
    return replace(
        plan,
        status="ok" if changed else plan.status,
        left="" if first else "as-is",
        variant=first.variant if first else plan.variant,
        cuda=first.cuda if first else plan.cuda,
        level=first.level if first else plan.level,
        source=first.source if first else plan.source,
        packages=packages,
        requirements=tuple(requirements),
        pins=tuple(pins),
        index_urls=index_urls,
        find_links=find_links,
        notes=tuple(notes),
        families=families,
    )


def _of_lead(plan: Plan, problem: Problem) -> Iterator[FamilyPlan]:
    """Yield the part of the family whose lead decides, where a plan has one."""
    if plan.packages and plan.status != "refused":
        yield FamilyPlan(
            problem.family.name,
            plan.variant,
            plan.cuda,
            plan.level,
            plan.packages,
            plan.source,
            plan.own_indexes,
        )


def _of_choice(choice: SpeltChoice) -> FamilyPlan:
    build = choice.build
    if build is None:
        return FamilyPlan(choice.family.name, None, None, None, {}, None)
    typed = (one for one in choice.asks if not one.origin.is_bound)
    packages = {build.distribution(one.stem): choice.release for one in typed}
    source = "family-index" if build.index or build.page else "user-index"
    return FamilyPlan(
        choice.family.name,
        build.variant,
        build.cuda and str(read_cuda(build.cuda)),
        choice.level,
        packages,
        source,
        (build.index,) if build.index else (),
        (build.page,) if build.page else (),
    )
