"""The plan for packages that are built against a release of the lead, with the lead's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import (
    Against,
    FamilyPlan,
    FromSource,
    Note,
    Plan,
    cuda_of,
    public_version,
    version,
)

from .alternatives import gpu_facts
from .built_files import asks_for, find_file, read_built_asks
from .built_lead import held_for, is_left, lead_of
from .built_notes import cannot_be_had, from_source, to_build

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conda_cuda_guard.model import Catalogue

    from .built_files import BuiltAsk, BuiltFile
    from .problem import PlanLead, Problem


def plan_built(problem: Problem, catalogue: Catalogue, plan_lead: PlanLead) -> Plan:
    """Return the lead's plan with what is built against it: the files that agree with it.

    A lead that is chosen is held to the newest one that there are files for. Where there is none,
    it is said what building from source takes.
    """
    asks = read_built_asks(problem, catalogue.built)
    if is_left(problem, catalogue):
        return _left(asks, plan_lead(problem, catalogue), problem)
    plan = held_for(asks, problem, catalogue, plan_lead)
    found = lead_of(plan, problem)
    wrong = {one.at for one in asks if one.has_label and not _file(one, found, problem, catalogue)}
    if wrong:
        asks = tuple(one.unlabelled() if one.at in wrong else one for one in asks)
        plan = held_for(asks, problem, catalogue, plan_lead)
        found = lead_of(plan, problem)
    plan = replace(plan, notes=(*plan.notes, *_again(plan, problem, catalogue)))
    if not asks or plan.status == "refused":
        return plan
    without_code = tuple(note for ask in asks for note in uncovered_notes(ask, problem))
    if without_code:
        return Plan(plan.id, plan.manager, "refused", notes=without_code)
    texts = dict(enumerate(plan.pins))
    parts, notes = list[FamilyPlan](), list[Note]()
    builds: list[FromSource] = []
    for ask in asks:
        file = _file(ask, found, problem, catalogue)
        if file is None:
            told = from_source(ask, found, problem, catalogue)
            never = cannot_be_had(ask, found, problem, told)
            if never is not None:
                return Plan(plan.id, plan.manager, "refused", notes=(never,))
            notes.append(told)
            builds += to_build(ask, told)
            source = ask.family.source.requirement
            if source and not ask.specifier:  # its name would bring another project, or nothing
                texts[ask.at] = ask.at_address(source)
            parts.append(FamilyPlan(ask.family.name, None, None, None, {}, None))
            continue
        texts[ask.at] = _text(ask, file, problem)
        notes += _of_label(ask, file, found)
        parts.append(_part(ask, file, found))
    changed = any(texts[ask.at] != ask.text for ask in asks)
    return replace(
        plan,
        status="ok" if changed else plan.status,
        pins=tuple(texts.values()),
        notes=(*plan.notes, *notes),
        families=(*plan.families, *_joined(parts)),
        from_source=tuple(builds),
    )


def _left(asks: Sequence[BuiltAsk], plan: Plan, problem: Problem) -> Plan:
    """Return the lead's plan beside what is left as typed: a GPU without code is warned of."""
    if not asks or plan.status == "refused":
        return plan
    told = (note for ask in asks for note in uncovered_notes(ask, problem))
    warned = tuple(replace(note, severity="warning") for note in told)
    left = "as-is" if plan.left == "unknown" else plan.left  # the package is known
    return replace(plan, left=left, notes=(*plan.notes, *warned))


def _again(plan: Plan, problem: Problem, catalogue: Catalogue) -> Iterator[Note]:
    """Yield the note on files for the planned lead of what is installed for the one it replaces."""
    found = lead_of(plan, problem) if plan.breaks else None
    if not isinstance(found, Against):
        return
    files = {
        ask.package: file
        for ask in asks_for(plan.breaks, catalogue.built)
        if (file := find_file(ask, found, problem, catalogue)) is not None
    }
    if files:
        facts = {
            "files": ", ".join(f"{name} {file.version}" for name, file in files.items()),
            "planned": f"{problem.family.lead.pip} {found.version}",
            "words": " ".join(files),
        }
        yield Note("built-again", "info", "", facts)


def _file(ask: BuiltAsk, found: object, problem: Problem, catalogue: Catalogue) -> BuiltFile | None:
    """Return the file that agrees with the lead; None where none does, or no lead is known."""
    if not isinstance(found, Against):
        return None
    return find_file(ask, found, problem, catalogue)


def _text(ask: BuiltAsk, file: BuiltFile, problem: Problem) -> str:
    """Return the requirement for a file, bounded where pip would take another otherwise."""
    if file.address:
        return ask.at_address(file.address)
    there = problem.request.installed
    beside = there.beside if there is not None else ()
    number = public_version(file.version)
    # pip keeps what is installed, whatever it was built against, unless the label is asked for.
    others = [one.version for one in beside if one.name == ask.package]
    is_other = any(one != file.version and public_version(one) == number for one in others)
    if ask.family.exact or ask.lost_label or is_other:
        return ask.bounded(f"=={file.version}")
    newest = ask.family.newest.get(ask.package, number)
    if version(newest) > version(number) and ask.allows(newest):
        return ask.bounded(f"=={number}")
    return ask.text


def _part(ask: BuiltAsk, file: BuiltFile, found: object) -> FamilyPlan:
    assert isinstance(found, Against)  # noqa: S101 - there is a file for it
    return FamilyPlan(
        ask.family.name,
        found.variant,
        cuda_of(found.variant),
        None,
        {ask.package: file.version},
        "release-file" if file.address else "family-index" if file.page or file.index else None,
        (file.index,) if file.index else (),
        (file.page,) if file.page else (),
        (file.address,) if file.address else (),
    )


def _joined(parts: list[FamilyPlan]) -> Iterator[FamilyPlan]:
    """Yield one part for each family, of all of its packages that are asked for."""
    by_name: dict[str, FamilyPlan] = {}
    for part in parts:
        there = by_name.get(part.family)
        if there is None or there.variant is None:
            by_name[part.family] = part
        elif part.variant is not None:
            by_name[part.family] = replace(
                there,
                packages={**there.packages, **part.packages},
                index_urls=tuple(dict.fromkeys((*there.index_urls, *part.index_urls))),
                find_links=tuple(dict.fromkeys((*there.find_links, *part.find_links))),
                files=tuple(dict.fromkeys((*there.files, *part.files))),
            )
    yield from by_name.values()


def _of_label(ask: BuiltAsk, file: BuiltFile, found: object) -> Iterator[Note]:
    """Yield the warning that a label was typed which is for another build of the lead."""
    if ask.lost_label and isinstance(found, Against):
        facts = {"wish": ask.text, "lead": found.version, "planned": file.version}
        yield Note("explicit-variant-replaced", "warning", "built", facts)


def uncovered_notes(ask: BuiltAsk, problem: Problem) -> Iterator[Note]:
    """Yield the error that a GPU is older than what a family has code for, built or not."""
    least = ask.family.capability
    for gpu in problem.gpus if least else ():
        if gpu.compute_capability and version(gpu.compute_capability) < version(least):
            facts = {"asked": ask.typed, **gpu_facts(gpu), "least": least}
            yield Note("gpu-not-covered", "error", "built", facts)
            return
