"""Families of one conda request: specs that no CPU build satisfies, for one CUDA version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard.model import FamilyPlan, Note, Plan, cuda_major
from conda_cuda_guard.model.versions import minor_release

from .candidates import FORGE, channel_name
from .compatibility import MINOR_COMPATIBLE
from .conda_asks import read_conda_asks
from .conda_bounds import (
    bounds_beside_lead,
    bounds_of,
    channels_before,
    channels_to_add,
    held_to_series,
    is_held,
    is_hidden,
    none_for_lead,
    without_lead_channel,
)
from .conda_decision import Beside, CondaChoice, CondaRefusal, cudas_that_run, decide_on_conda
from .conda_format import about_channels, spelled
from .problem import restrictions
from .requirement import CUDA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conda_cuda_guard.model import Catalogue

    from .conda_asks import CondaAsk
    from .problem import PlanLead, Problem
    from .requirement import Requirement


@dataclass(frozen=True)
class _Set:
    """What every package of a request gets, and the plan of the rest."""

    lead: Plan
    others: tuple[CondaChoice | CondaRefusal, ...]

    @property
    def is_refused(self) -> bool:
        return self.lead.status == "refused" or len(self.choices) < len(self.others)

    @property
    def choices(self) -> list[CondaChoice]:
        return [one for one in self.others if isinstance(one, CondaChoice)]

    def majors(self) -> dict[str, int]:
        """Return the CUDA major version of each package: an environment has one."""
        found = {one.package: one.major for one in self.choices if one.major is not None}
        if self.lead.cuda and self.lead.packages:
            found[next(iter(self.lead.packages))] = cuda_major(self.lead.cuda)
        return found


def plan_on_conda(problem: Problem, catalogue: Catalogue, plan_lead: PlanLead) -> Plan | None:
    """Return the plan of a request that names families beside the lead's; None of another.

    `plan_lead` plans the one whose lead decides, whether it is asked for or not.
    """
    asks = read_conda_asks(problem, catalogue.on_conda)
    if not asks or problem.request.as_is:
        return None
    by_package: dict[str, list[CondaAsk]] = {}
    for one in asks:
        by_package.setdefault(one.package, []).append(one)
    added = channels_to_add(by_package, problem, catalogue)
    if problem.request.sources.forbidden.intersection(added):
        told = restrictions(problem, "error", added)
        return Plan(problem.request.id, "conda", "refused", notes=told)
    refused: Plan | None = None
    for held in held_to_series(problem, by_package, catalogue):
        plan = _planned(held, by_package, added, catalogue, plan_lead)
        if plan.status != "refused":
            unchanged = plan.requirements == problem.request.requirements and not plan.channels
            return replace(plan, status="unchanged" if unchanged else "ok")
        refused = refused or plan
    if refused is not None and not is_held(problem, by_package, catalogue):
        return refused
    told = tuple(_alone(by_package, problem, catalogue))
    if refused is None or problem.asked:
        told = told or (none_for_lead(problem, by_package, catalogue),)
    notes = (*told, *catalogue.notes) if told or refused is None else refused.notes
    return Plan(problem.request.id, "conda", "refused", notes=_once(notes))


def _alone(
    by_package: Mapping[str, list[CondaAsk]], problem: Problem, catalogue: Catalogue
) -> Iterator[Note]:
    """Yield why packages cannot be had, whatever the lead is."""
    for package, of_it in by_package.items():
        found = decide_on_conda(package, tuple(of_it), problem, catalogue, Beside())
        if isinstance(found, CondaRefusal):
            yield from found.notes


def _planned(
    problem: Problem,
    by_package: Mapping[str, list[CondaAsk]],
    added: tuple[str, ...],
    catalogue: Catalogue,
    plan_lead: PlanLead,
) -> Plan:
    """Return the plan of a problem whose lead is held to what its packages are built for."""
    asks = read_conda_asks(problem, catalogue.on_conda)
    selectors = () if problem.asked else tuple(_on_cuda(asks, problem))
    rest = _rest(asks, selectors, added, problem)
    rest = without_lead_channel(rest, by_package) if problem.asked else rest

    def decided(major: int | None, *, alone: bool = False) -> _Set:
        request = replace(rest.request, cuda_major=major)
        lead = plan_lead(replace(rest, request=request), catalogue)
        release = lead.packages.get(problem.family.lead.conda)
        cuda = lead.cuda if problem.asked and not alone else None
        beside = Beside(major, cuda, selectors, minor_release(release) if release else "")
        others = (
            decide_on_conda(package, tuple(of_it), problem, catalogue, beside)
            for package, of_it in by_package.items()
        )
        return _Set(lead, tuple(others))

    found, notes = _agreed(decided, problem, catalogue)
    told = (*notes, *(note for one in found.others for note in one.notes))
    if found.is_refused:
        told = found.lead.notes if found.lead.status == "refused" else (*told, *catalogue.notes)
        return Plan(problem.request.id, "conda", "refused", notes=_once(told))
    told = (*found.lead.notes, *told, *(() if problem.asked else catalogue.notes))
    plan = _merged(found, asks, selectors, problem, catalogue)
    names = (FORGE, *added) if is_hidden(problem, by_package) else added
    before = channels_before(found.lead, added, problem)
    channels = tuple(dict.fromkeys((
        *before, *found.lead.channels, *(spelled(name, problem) for name in names),
    )))  # fmt: skip
    return replace(
        plan,
        channels=channels,
        notes=_once((*told, *plan.notes, *about_channels(added, problem))),
    )


def _once(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Return notes, each code and case once: every package of a request has the same driver."""
    found: dict[tuple[str, str, str], Note] = {}
    for note in notes:
        found.setdefault((note.code, note.case, note.facts.get("asked", "")), note)
    return tuple(found.values())


def _on_cuda(asks: Iterable[CondaAsk], problem: Problem) -> Iterator[Requirement]:
    """Yield the requirements that choose a CUDA version for the packages asked for."""
    names = {CUDA_VERSION, _CUDATOOLKIT}
    names.update(name for one in asks for _, name in one.family.selectors)
    for one in problem.requirements:
        if one.bare_name in names:
            yield one


_CUDATOOLKIT = "cudatoolkit"


def _rest(
    asks: Iterable[CondaAsk],
    selectors: Iterable[Requirement],
    added: tuple[str, ...],
    problem: Problem,
) -> Problem:
    """Return the problem without these requirements, with the channels that are added in force.

    Where the lead is asked for, its plan leaves them where they are.
    """
    gone = {one.at for one in asks}
    kept = tuple(
        one
        for at, one in enumerate(problem.requirements)
        if problem.asked or (at not in gone and one not in selectors)
    )
    sources = problem.request.sources
    names = list(map(channel_name, sources.channels))
    channels = (*sources.channels, *(one for one in added if one not in names))
    request = replace(
        problem.request,
        requirements=tuple(one.text for one in kept),
        sources=replace(sources, channels=channels),
    )
    return replace(problem, request=request, requirements=kept)


def _agreed(
    decided: Callable[..., _Set], problem: Problem, catalogue: Catalogue
) -> tuple[_Set, tuple[Note, ...]]:
    """Return the set of the newest CUDA version that every package has a build for."""
    free = decided(None)
    if free.lead.status == "refused" or (
        not free.is_refused and len(set(free.majors().values())) < 2  # noqa: PLR2004 - they agree
    ):
        return free, ()
    alone = decided(None, alone=True)
    if alone.is_refused:
        return alone, ()
    wanted = alone.majors()
    majors = {cuda_major(one) for one in cudas_that_run(problem, catalogue)}
    for major in sorted(majors, reverse=True):
        found = decided(major)
        if not found.is_refused:
            held = [name for name, one in wanted.items() if one != major]
            facts = {
                "held": ", ".join(held),
                "because": ", ".join(name for name in wanted if name not in held),
                "major": str(major),
                "other": str(max(wanted.values())),
            }
            return found, (Note("families-agree", "info", "", facts),) if held else ()
    return replace(alone, others=(CondaRefusal((_disagreement(alone),)),)), ()


def _disagreement(alone: _Set) -> Note:
    """Return the note that names two packages which cannot be in one environment."""
    cudas = {one.package: one.build.cuda or "" for one in alone.choices if one.build}
    if alone.lead.cuda and alone.lead.packages:
        cudas = {next(iter(alone.lead.packages)): alone.lead.cuda, **cudas}
    first = next(iter(cudas))
    second = next(
        (name for name in cudas if cuda_major(cudas[name]) != cuda_major(cudas[first])),
        list(cudas)[-1],
    )
    facts = {
        "first": first,
        "first_major": cudas[first],
        "second": second,
        "second_major": cudas[second],
    }
    return Note("families-disagree", "error", "", facts)


def _merged(
    found: _Set,
    asks: tuple[CondaAsk, ...],
    selectors: tuple[Requirement, ...],
    problem: Problem,
    catalogue: Catalogue,
) -> Plan:
    """Return one plan of the lead's and of every package's."""
    choices = [one for one in found.choices if one.build is not None]
    at = {one.at: text for choice in found.choices for one, text in _texts(choice, asks)}
    more = [text for choice in found.choices for text in choice.texts[_count(choice, asks) :]]
    lead = found.lead
    notes: tuple[Note, ...] = ()
    if problem.asked:
        by_text = {one.text: at[one.at] for one in asks}
        specs = [*(by_text.get(text, text) for text in lead.requirements), *more]
        specs += bounds_beside_lead(lead, choices, specs).values()
    else:
        kept = {
            one.text: one
            for one in selectors
            if not choices or all(one in choice.wishes or one.allows.is_any for choice in choices)
        }
        bounds, notes = bounds_of(choices, tuple(kept.values()), problem, catalogue)
        specs = []
        for place, one in enumerate(problem.requirements):
            if place in at:
                specs.append(at[place])
            elif one not in selectors:
                specs.append(one.text)
            elif one.text in kept:
                specs.append(bounds.get(one.text, one.text))
        specs += (*more, *(text for name, text in bounds.items() if name not in kept))
    families = (*lead.families, *_family_plans(found.choices))
    first = next((one for one in families if one.variant), None)
    minor = any(one.code == "driver-minor-compatible" for one in notes)
    return replace(
        lead,
        variant=first.variant if first else None,
        cuda=first.cuda if first else None,
        level=MINOR_COMPATIBLE if minor else first.level if first else None,
        source=first.source if first else None,
        packages={name: number for one in families for name, number in one.packages.items()},
        requirements=tuple(dict.fromkeys(specs)),
        pins=tuple(dict.fromkeys(specs)),
        left="" if choices or problem.asked else "as-is",
        notes=notes,
        families=families,
    )


def _texts(choice: CondaChoice, asks: Iterable[CondaAsk]) -> Iterator[tuple[CondaAsk, str]]:
    own = (one for one in asks if one.package == choice.package)
    return zip(own, choice.texts)


def _count(choice: CondaChoice, asks: Iterable[CondaAsk]) -> int:
    return sum(one.package == choice.package for one in asks)


def _family_plans(choices: Iterable[CondaChoice]) -> Iterator[FamilyPlan]:
    """Yield what each family gets, with its packages together."""
    by_family: dict[str, list[CondaChoice]] = {}
    for one in choices:
        by_family.setdefault(one.family.name, []).append(one)
    for name, of_it in by_family.items():
        first = next((one for one in of_it if one.build is not None), of_it[0])
        packages = {one.package: one.build.release for one in of_it if one.build is not None}
        if first.build is None:
            yield FamilyPlan(name, "cpu" if first.is_cpu else None, None, None, {}, None)
            continue
        build = first.build
        source = channel_name(build.source)
        yield FamilyPlan(name, build.variant, build.cuda, first.level, packages, source)
