"""The torch that is already there: kept where it runs, unless another one is asked for."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, Plan
from conda_cuda_guard.model.versions import Range, variant_of

from .compatibility import level
from .decision import Choice, decide
from .pip_format import spell_pip
from .ranking import judge
from .requirement import COMPANIONS, TORCH, TORCH_BY_ADDRESS, Requirement, VariantWish

if TYPE_CHECKING:
    from collections.abc import Callable

    from conda_cuda_guard.model import Catalogue, Installed

    from .problem import Problem

# What is said of a choice where there was one; a build that stays was not chosen.
_OF_THE_CHOICE = ("cpu-build-chosen", "no-driver")


def kept(problem: Problem, catalogue: Catalogue) -> Plan | None:
    """Plan around the torch that is installed; None where it is to go, or there is none.

    It is to go where a version, a variant or an upgrade that it is not was asked for, where it does
    not run here, and where it is a CPU build on a machine with a driver.
    """
    there = problem.request.installed
    if there is None or not _stays(there, problem, catalogue):
        return None
    if there.is_other or not problem.of(*COMPANIONS):
        return _alone(there, problem)
    pinned = _pinned(there, problem)
    choice = decide(pinned, catalogue)
    if isinstance(choice, Choice) and choice.build.cuda == there.cuda:
        return _with_companions(there, spell_pip(pinned, choice, catalogue), pinned)
    return None if problem.of(TORCH) else _in_the_way(there, problem)


def _stays(there: Installed, problem: Problem, catalogue: Catalogue) -> bool:
    request, torch = problem.request, problem.of(TORCH)
    if request.cpu or request.sources.locked or problem.of(TORCH_BY_ADDRESS):
        return False
    if torch and request.upgrade:
        return False
    number = public(there)
    if any(
        number not in requirement.allows or there.version in requirement.without
        for requirement in torch
    ):
        return False
    wish = problem.wish
    if wish is not None and (there.is_other or not wish.grants(there.cuda)):
        return False
    return there.is_other or runs(there, problem, catalogue)


def runs(there: Installed, problem: Problem, catalogue: Catalogue) -> bool:
    """Judge it by its builds in the catalogue, or by the driver alone where there is none."""
    if there.cuda is None:
        return problem.wants_cpu
    same = [b for b in catalogue.builds if (b.release, b.cuda) == (public(there), there.cuda)]
    if same:
        return any(judge(build, problem, catalogue).reason is None for build in same)
    return all(level(there.cuda, host, catalogue.drivers) for host in problem.with_driver)


def public(there: Installed) -> str:
    """Give its version without the local label."""
    return there.version.partition("+")[0]


def _alone(there: Installed, problem: Problem) -> Plan:
    """Hold torch where it is; nothing else of the family is asked for, or it is not ours."""
    request = problem.request
    stays = _held(there)
    requirements = tuple(stays(a) if a.role == TORCH else a.text for a in problem.parsed)
    named = bool(problem.of(TORCH))
    return Plan(
        request.id,
        request.manager,
        "unchanged" if requirements == request.requirements else "ok",
        variant=None if there.is_other else variant_of(there.cuda),
        cuda=there.cuda,
        packages={TORCH: there.version} if named else {},
        requirements=requirements,
        command=("pip", "install", *requirements),
        notes=_kept_note(there, problem),
    )


def _held(there: Installed) -> Callable[[Requirement], str]:
    return lambda requirement: f"{requirement.head}=={there.version}{requirement.tail}"


def _pinned(there: Installed, problem: Problem) -> Problem:
    """Ask for the very build that is there, whatever else was asked."""
    label = "+" + variant_of(there.cuda)
    wish = VariantWish(label, cpu=there.cuda is None, cuda=Range((f"=={there.cuda}",)))
    if there.cuda is None:
        wish = VariantWish(label, cpu=True)
    only = Range((f"=={public(there)}",))
    parsed = tuple(replace(a, allows=only) if a.role == TORCH else a for a in problem.parsed)
    if not problem.of(TORCH):
        parsed = (*parsed, Requirement(TORCH, TORCH, only, head=TORCH))
    return replace(problem, parsed=parsed, wish=wish)


def _with_companions(there: Installed, plan: Plan, pinned: Problem) -> Plan:
    held = _held(there)
    requirements = tuple(
        held(requirement) if requirement.role == TORCH else text
        for requirement, text in zip(pinned.parsed, plan.requirements)
    )
    notes = tuple(note for note in plan.notes if note.code not in _OF_THE_CHOICE)
    options = plan.command[2 + len(plan.requirements) :]
    return replace(
        plan,
        status="unchanged" if requirements == pinned.request.requirements else "ok",
        packages={**plan.packages, TORCH: there.version},
        requirements=requirements,
        command=("pip", "install", *requirements, *options),
        notes=(*_kept_note(there, pinned), *notes),
    )


def _kept_note(there: Installed, problem: Problem) -> tuple[Note, ...]:
    if there.cuda is None:
        return ()
    facts = {"installed": f"torch {there.version}"}
    if not problem.with_driver:
        return (Note("installed-cuda-build-kept", "info", "no-driver", facts),)
    return (Note("installed-cuda-build-kept", "info", "", facts),)


def _in_the_way(there: Installed, problem: Problem) -> Plan:
    """Refuse a companion of another torch: that torch was not asked for."""
    asked = " ".join(requirement.text for requirement in problem.of(*COMPANIONS))
    words = shlex.join(requirement.text for requirement in problem.of(*COMPANIONS))
    facts = {"installed": f"torch {there.version}", "asked": asked, "words": words}
    note = Note("installed-cuda-build-kept", "error", "in-the-way", facts)
    request = problem.request
    return Plan(request.id, request.manager, "refused", notes=(note,))


def name_torch_beside(problem: Problem) -> Problem:
    """Name torch beside companions alone: pip would be content with the one that has to go."""
    if problem.request.installed is None or problem.of(TORCH, TORCH_BY_ADDRESS):
        return problem
    return replace(problem, parsed=(*problem.parsed, Requirement(TORCH, TORCH, head=TORCH)))


def announced(plan: Plan, problem: Problem, catalogue: Catalogue) -> Plan:
    """Say which torch goes for the planned one, and see to it that it does."""
    there, planned = problem.request.installed, plan.packages.get(TORCH)
    if there is None or planned is None or planned == there.version:
        return plan
    same = planned == public(there)
    texts = tuple(
        _exactly(text, planned) if same and requirement.role == TORCH else text
        for requirement, text in zip(problem.parsed, plan.requirements)
    )
    requirements = (*texts, *plan.requirements[len(texts) :])
    notes = _notes(there, planned, _why(there, problem, catalogue))
    options = plan.command[2 + len(plan.requirements) :]
    return replace(
        plan,
        status="ok" if requirements != problem.request.requirements else plan.status,
        requirements=requirements,
        command=("pip", "install", *requirements, *options),
        notes=(*plan.notes, *notes),
    )


def by_address(plan: Plan, problem: Problem) -> Plan:
    """Say which torch goes for one that is named by its file, which stays as it was typed."""
    there, parsed = problem.request.installed, problem.of(TORCH_BY_ADDRESS)
    if there is None or not parsed:
        return plan
    label = parsed[0].wish.text if parsed[0].wish else ""
    planned = str(parsed[0].allows).removeprefix("==") + label
    if planned == there.version:
        return plan
    return replace(plan, notes=(*plan.notes, *_notes(there, planned, "asked", "warning")))


def _notes(there: Installed, planned: str, case: str, severity: str = "info") -> list[Note]:
    goes = {"installed": f"torch {there.version}"}
    facts = {**goes, "planned": f"torch {planned}"}
    notes = [Note("installed-build-replaced", severity, case, facts)]
    if there.by_conda:
        mixed = {**goes, "package": f"torch {planned}"}
        notes.append(Note("pip-conda-mix", "warning", "pip-over-conda", mixed))
    return notes


def _exactly(text: str, planned: str) -> str:
    """Ask for the build without a label: pip holds 2.9.1+cpu for what `==2.9.1` asks for."""
    return text if "===" in text else text.replace(f"=={planned}", f"==={planned}", 1)


def _why(there: Installed, problem: Problem, catalogue: Catalogue) -> str:
    if there.cuda is None and problem.with_driver and not there.is_other:
        return "cpu"
    if there.is_other or runs(there, problem, catalogue):
        return "asked"
    return "unfit"
