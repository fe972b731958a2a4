"""Several families on one line: the newest set that agrees, or which two cannot (section 8)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from conda_cuda_guard.model import FamilyPlan, Note, Plan, cuda_major, read_cuda
from conda_cuda_guard.model.spelling import CUDA_EXACT

from .agreement import Deciding, FamilySet, cudnn_of, near, told_of
from .pip_parse import is_meant, name_of
from .pip_sources import missing_options
from .spelt_candidates import newest_of
from .spelt_parse import read_asks
from .spelt_question import ALONE, Shared, SpeltChoice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.model import Catalogue, Installed, SpeltFamily

    from .problem import PlanLead, Problem
    from .spelt_parse import Ask
    from .spelt_question import SpeltRefusal


def plan_together(problem: Problem, catalogue: Catalogue, plan_lead: PlanLead) -> Plan:
    """Return the plan for all families of a request.

    `plan_lead` plans the one whose lead decides, whether it is asked for or not.
    """
    if not problem.is_pip:
        from .conda_together import plan_on_conda  # late: pip's side need not load it

        with_lead = partial(_with_lead, plan_lead)
        return plan_on_conda(problem, catalogue, with_lead) or with_lead(problem, catalogue)
    asks = read_asks(problem, catalogue.spelt)
    if not any(not one.origin.is_bound for one in asks):
        return _with_lead(plan_lead, problem, catalogue)
    by_family: dict[SpeltFamily, list[Ask]] = {}
    for one in asks:
        by_family.setdefault(one.family, []).append(one)
    deciding = Deciding(problem, catalogue, plan_lead, by_family)
    found, notes = _agreeing(deciding, problem)
    if any(note.severity == "error" for note in notes):
        return Plan(problem.request.id, problem.request.manager, "refused", notes=notes)
    plan = _merged(found, problem)
    return replace(plan, notes=(*plan.notes, *notes, *_not_together(plan, problem, by_family)))


def _with_lead(plan_lead: PlanLead, problem: Problem, catalogue: Catalogue) -> Plan:
    """Return the plan for the family whose lead decides, with its part among the families."""
    plan = plan_lead(problem, catalogue)
    if plan.families:
        return _merged(FamilySet(plan, (), ALONE), problem)
    return replace(plan, families=plan.lead_part(problem.family.name))


def _agreeing(deciding: Deciding, problem: Problem) -> tuple[FamilySet, tuple[Note, ...]]:
    """Return the set that the plan is made of, and what is to be said of how it came about."""
    free = deciding.freely()
    if free.is_refused or problem.request.as_is:
        return free, ()
    there = problem.request.installed
    if there is not None and there.cuda is not None and not problem.asked:
        return _beside_installed(deciding, free, there, problem)
    if free.disagreement() is None:
        return free, ()
    if _follows_alone(free):
        beside = deciding.beside(free.shared, free.lead)
        if not beside.is_refused and beside.disagreement() is None:
            return beside, ()
    agreed = deciding.agreed(free)
    note = told_of(deciding, free, agreed)
    if agreed is None:
        close = near(deciding, free)
        if close:
            note = replace(note, facts={**note.facts, "near": close})
    return agreed or free, (note,)


def _follows_alone(free: FamilySet) -> bool:
    """Return whether only those disagree that have code for many CUDA versions in one file."""
    return free.disagreement() == "exact"


def _beside_installed(
    deciding: Deciding, free: FamilySet, there: Installed, problem: Problem
) -> tuple[FamilySet, tuple[Note, ...]]:
    """Return the set for what an installed lead has."""
    cuda = there.cuda or "0"
    name = f"{problem.family.lead.pip} {there.version}"
    shared = Shared(cuda_major(cuda), cuda, cudnn_of(problem.family, there.release))
    again = deciding.beside(shared, free.lead)
    held = [
        one.question.names
        for one, other in zip(free.others, again.others)
        if not isinstance(other, SpeltChoice)
        or not isinstance(one, SpeltChoice)
        or one.texts != other.texts
    ]
    if again.is_refused:
        return free, (_beside_disagrees(name, shared, free, again),)
    facts = {"because": name, "major": str(cuda_major(cuda)), "held": ", ".join(held)}
    return again, (Note("families-agree", "info", "installed", facts),) if held else ()


def _beside_disagrees(name: str, shared: Shared, free: FamilySet, again: FamilySet) -> Note:
    """Return the warning that a family has nothing that agrees with what is installed."""
    family = next(again.refusals()).family
    chosen = next(one for one in free.others if one.family is family)
    assert isinstance(chosen, SpeltChoice)  # noqa: S101 - the free set is not refused
    facts = {"first": name, "first_major": str(shared.major), "second": chosen.question.names}
    facts["second_major"] = str(cuda_major(chosen.cuda)) if chosen.cuda else ""
    case = "installed"
    if CUDA_EXACT in family.shares:
        case, facts["first_major"] = "exact", shared.cuda or ""
    elif facts["first_major"] == facts["second_major"]:
        case = "cudnn"
        facts.update(first_major=shared.cudnn or "", second_major=chosen.cudnn or "")
    return Note("families-disagree", "warning", case, facts)


def _not_together(plan: Plan, problem: Problem, families: Iterable[SpeltFamily]) -> Iterator[Note]:
    """Yield notes on packages of which an environment can have only one."""
    host = problem.hosts[0]
    names = {
        name_of(text) for text in plan.requirements if is_meant(text, host.platform, host.python)
    }
    for family in families:
        there = [name for name in family.one_of if name in names]
        if len(there) > 1:
            facts = {"packages": ", ".join(there), "family": family.name}
            yield Note("cannot-live-together", "warning", "", facts)


def _merged(found: FamilySet, problem: Problem) -> Plan:
    """Return one plan of all families' plans."""
    plan = found.lead
    if found.is_refused:  # what the others would have got says nothing
        refused = (plan,) if plan.status == "refused" else ()
        told = _notes_of((*refused, *found.refusals()))
        return Plan(plan.id, plan.manager, "refused", notes=told)
    notes = _notes_of((plan, *found.others))
    choices = [one for one in found.others if isinstance(one, SpeltChoice)]
    pins = list(plan.pins or problem.request.requirements)
    changed = False
    for choice in choices:
        for ask, text in zip(choice.question.asks, choice.texts):
            changed |= text != ask.text
            pins[ask.at] = text
    bounds = [one.origin.is_bound for one in problem.requirements]
    requirements = [pin for at, pin in enumerate(pins) if at >= len(bounds) or not bounds[at]]
    others = [*plan.families, *map(_of_choice, choices)]
    indexes = [*plan.index_urls, *(url for one in others for url in one.index_urls)]
    pages = [*plan.find_links, *(url for one in others for url in one.find_links)]
    index_urls, find_links = tuple(dict.fromkeys(indexes)), tuple(dict.fromkeys(pages))
    changed |= bool(missing_options(index_urls, find_links, problem.request.sources))
    families = (*plan.lead_part(problem.family.name), *others)
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
        notes=notes,
        families=families,
    )


def _notes_of(parts: Iterable[Plan | SpeltChoice | SpeltRefusal]) -> tuple[Note, ...]:
    """Return the notes of several parts, each once."""
    notes: list[Note] = []
    for part in parts:
        notes += [note for note in part.notes if note not in notes]
    return tuple(notes)


def _of_choice(choice: SpeltChoice) -> FamilyPlan:
    build = choice.build
    if build is None:
        return FamilyPlan(choice.family.name, None, None, None, {}, None)
    packages = {
        build.distribution(one.stem): (newest_of(build, one, choice.question) or "") + build.label
        for one in choice.question.typed
    }
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
