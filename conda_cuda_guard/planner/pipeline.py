"""The pipeline: Problem → Candidates → Verdicts → Decision → Plan (contract, section 4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard.model import Note, Plan, cuda_of, joined, redact

from . import conda_format, pip_format
from .address_kind import ACCELERATOR, BOARD, TREE
from .alternatives import describe, gpu_facts
from .check_specs import check_as_typed, check_cuda_selectors, unchanged
from .compatibility import MINOR_COMPATIBLE, least_driver, level
from .decision import Choice, Refused, decide
from .dependency_constraints import held_back
from .installed import Kept, Replaced, keep_installed, replace_installed
from .lead_bounds import conflict_notes, held_followers
from .pip_parse import file_of, name_of
from .pip_sources import prefer_own
from .problem import Problem, read_problem, restrictions
from .ranking import judge, with_newer_driver
from .requirement import ADDRESS, LEAD, MEMBER
from .unknown import concerns_others, names_of_conda, not_on_conda, unknown_builds, unknown_packages

if TYPE_CHECKING:
    from conda_cuda_guard.model import Build, Catalogue, Host, Request

    from .address_kind import Address

# Returns the command that carries out a plan: its words, the manager's name first.
Command = Callable[[Plan], tuple[str, ...]]


def make_plan(request: Request, catalogue: Catalogue, command: Command | None = None) -> Plan:
    """Return the plan for a request.

    `request.hosts` holds at least one machine, and all are of the catalogue's platform. `command`
    writes what carries the plan out; without it the manager's plain install command is written.
    """
    return plan_problem(read_problem(request, catalogue), catalogue, command)


def plan_problem(problem: Problem, catalogue: Catalogue, command: Command | None = None) -> Plan:
    """Return the plan for a problem that was read already, as `make_plan` does."""
    sources = problem.request.sources
    if (catalogue.foreign, catalogue.dead) != (sources.foreign, sources.dead):
        sources = replace(sources, foreign=catalogue.foreign, dead=catalogue.dead)
        problem = read_problem(replace(problem.request, sources=sources), catalogue)
    unknown = unknown_packages(problem, catalogue)
    plan = _of_all_families(problem, catalogue)
    told = (*plan.notes, *_misspelt(unknown, problem, catalogue))
    absent = not_on_conda([one for one in unknown if one in catalogue.off_conda], catalogue)
    if absent is not None:
        told = (*told, absent)
        plan = replace(plan, left="off-conda" if plan.left == "unknown" else plan.left)
        unknown = tuple(one for one in unknown if one not in catalogue.off_conda)
    plan = replace(plan, foreign=catalogue.foreign, unknown=unknown, notes=told)
    if plan.status == "refused":
        return plan
    if command is not None:
        return replace(plan, command=command(plan))
    format_command = pip_format.command if problem.is_pip else conda_format.command
    return replace(plan, command=format_command(plan, problem.request.sources))


def _misspelt(unknown: tuple[str, ...], problem: Problem, catalogue: Catalogue) -> tuple[Note, ...]:
    """Return the notes on unknown names that are spelt like a family's builds."""
    if not problem.is_pip:
        return ()
    found = names_of_conda(unknown, problem.family)
    if any(map(catalogue.spelt.stem_like, unknown)):
        found += unknown_builds(unknown, problem, catalogue)
    return found


def _of_all_families(problem: Problem, catalogue: Catalogue) -> Plan:
    """Return the plan of every family that is asked for, or that is installed beside the lead."""
    if problem.is_pip and not concerns_others(problem, catalogue):
        plan = _plan(problem, catalogue)
        return replace(plan, families=plan.lead_part(problem.family.name))
    from .together import plan_together  # late: most lines name no other family

    return plan_together(problem, catalogue, _with_built)


def _with_built(problem: Problem, catalogue: Catalogue) -> Plan:
    from .built import plan_built

    return plan_built(problem, catalogue, _plan)


def _plan(problem: Problem, catalogue: Catalogue) -> Plan:
    request = problem.request
    unread = next((one for one in problem.requirements if one.unread), None)
    if unread is not None and not request.as_is:
        return refused_plan(
            problem, (Note("spec-not-read", "error", "", {"spec": unread.described}),)
        )
    if not problem.asked:
        plan = check_cuda_selectors(problem, catalogue)
        left = _why_left(problem) or plan.left
        goes = Replaced.by_address(problem)
        notes = (*plan.notes, *check_address(problem, catalogue), *goes.notes)
        return replace(plan, left=left, notes=notes, breaks=goes.broken)
    if any(one.is_left for one in problem.addresses):
        return check_left(problem, catalogue)
    if problem.accelerator:
        return unchanged(request, None, left="accelerator-build")
    if request.as_is:
        return check_as_typed(problem, catalogue)
    return _decided(problem, catalogue)


def _why_left(problem: Problem) -> str:
    """Return why what names the family is left, as in `Plan.left`; empty where nothing does."""
    if not problem.is_pip:
        return ""
    if problem.accelerator:
        return "accelerator-build"
    names = problem.family.pip_names
    files = (file_of(one.text) for one in problem.requirements)
    if problem.of(ADDRESS) or any(file.package in names for file in files if file is not None):
        return "address"
    # By a marker that does not hold here, or by a label that is nobody's.
    typed = (one for one in problem.requirements if not one.origin.is_bound)
    return "as-is" if any(name_of(one.text) in names for one in typed) else ""


def _decided(problem: Problem, catalogue: Catalogue) -> Plan:
    """Return the decision's plan, formatted for the manager, with all notes."""
    decision: Choice | Refused | Kept | None = keep_installed(problem, catalogue)
    if decision is None:
        problem = replace_installed(problem)
        decision = decide(problem, catalogue)
    if isinstance(decision, Refused):
        told = (*decision.notes, *restrictions(problem, "error"), *catalogue.notes)
        return refused_plan(problem, told)
    plan = _format(problem, decision, catalogue)
    if isinstance(decision, Kept):
        conflicts = conflict_notes(decision.installed.release, problem)
        return replace(plan, notes=(*plan.notes, *conflicts, *catalogue.notes))
    restricted = (
        *(conflict_notes(decision.release.version, problem) if problem.is_pip else ()),
        *restrictions(problem, "info"),
        *held_followers(problem, decision, catalogue),
        *_held_by_constraint(problem, decision, catalogue),
    )
    if catalogue.unreachable:
        restricted += held_back(decision.release.version, problem, catalogue, severity="warning")
    return replace(plan, notes=(*plan.notes, *restricted, *catalogue.notes))


def _held_by_constraint(problem: Problem, choice: Choice, catalogue: Catalogue) -> tuple[Note, ...]:
    """Return a note on the constraints that make a plan older than it would be without them."""
    bounds = [one for one in problem.asked if one.origin.kind == "constraint"]
    if not bounds:
        return ()
    free = tuple(one for one in problem.requirements if one not in bounds)
    if not any(one.kind in (LEAD, MEMBER) for one in free):
        return ()
    other = decide(replace(problem, requirements=free), catalogue)
    if isinstance(other, Refused) or other.release == choice.release:
        return ()
    facts = {
        "package": problem.family.lead.pip,
        "release": choice.release.version,
        "newest": other.release.version,
        "constraint": joined(", ", (one.described for one in bounds)),
    }
    return (Note("held-back", "info", "constraint", facts),)


def _format(problem: Problem, decision: Choice | Kept, catalogue: Catalogue) -> Plan:
    if not problem.is_pip:
        assert isinstance(decision, Choice)  # noqa: S101 - conda's own environment is not kept so
        return conda_format.format_plan(problem, decision, catalogue)
    if isinstance(decision, Kept):
        return pip_format.format_kept(decision, catalogue)
    decision = prefer_own(problem, decision, catalogue)
    goes = Replaced.of(problem, decision, catalogue)
    return pip_format.format_plan(problem, decision, catalogue, goes)


def refused_plan(problem: Problem, notes: tuple[Note, ...]) -> Plan:
    """Return the plan of a request that is refused for these reasons."""
    return Plan(problem.request.id, problem.request.manager, "refused", notes=notes)


# Why a line with such an address is left, as in `Plan.left`; the first that is in force says it.
_WHY = {ACCELERATOR: "accelerator", BOARD: "board", TREE: "nightly"}


def check_left(problem: Problem, catalogue: Catalogue) -> Plan:
    """Return the plan of a request whose index is left as it is, with its variant judged."""
    left = [one for one in problem.addresses if one.is_left]
    why = next(reason for kind, reason in _WHY.items() if any(one.kind == kind for one in left))
    trees = [one for one in left if one.kind == TREE and why == "nightly"]
    notes = (_of_tree(one, problem, catalogue) for one in trees)
    return unchanged(problem.request, None, next(filter(None, notes), ()), left=why)


def check_address(problem: Problem, catalogue: Catalogue) -> tuple[Note, ...]:
    """Return the warnings about a lead that is named by its file: the driver's, and the GPU's."""
    found = next(iter(problem.of(ADDRESS)), None)
    cuda = None if found is None or found.wish is None or found.wish.cpu else found.wish.text[1:]
    if found is None or cuda is None or not problem.with_driver:
        return ()
    number = str(found.allows).removeprefix("==")
    name = f"{problem.family.lead.pip} {number}+{cuda}"
    build = next((b for b in catalogue.builds if (b.release, b.variant) == (number, cuda)), None)
    if build is None:
        return _of_driver(name, cuda_of(cuda) or "", problem, catalogue)
    return _of_build(build, problem, catalogue)


def _of_tree(address: Address, problem: Problem, catalogue: Catalogue) -> tuple[Note, ...]:
    """Return the warnings about the variant of a tree: the driver's, and the GPU's.

    The code of its builds is that of the variant's newest release, or what its CUDA can build.
    """
    cuda, url = cuda_of(address.variant), redact(address.url)
    if address.variant == "cpu" and problem.with_driver and not problem.request.cpu:
        return (Note("cpu-build-chosen", "warning", "wished", {"wish": url}),)
    if not cuda:
        return ()
    notes = list(_of_driver(url, cuda, problem, catalogue))
    build = next((one for one in catalogue.builds if one.variant == address.variant), None)
    gpu = None
    if build is not None:
        gpu = judge(build, with_newer_driver(build, problem), catalogue).gpu
    if gpu is not None:
        notes.append(Note("gpu-not-covered", "warning", "", {"build": url, **gpu_facts(gpu)}))
    return tuple(notes)


def _of_driver(name: str, cuda: str, problem: Problem, catalogue: Catalogue) -> tuple[Note, ...]:
    """Return the warning that a driver does not run a CUDA version, or not natively."""
    for host in problem.with_driver:
        how = level(cuda, host, catalogue.drivers)
        if how is None:
            return (_newer(name, cuda, host, catalogue),)
        if how == MINOR_COMPATIBLE:
            facts = {"cuda": cuda, **host.as_facts}
            return (Note("driver-minor-compatible", "warning", "", facts),)
    return ()


def _newer(name: str, cuda: str, host: Host, catalogue: Catalogue) -> Note:
    facts = {
        "build": name,
        "cuda": cuda,
        **host.as_facts,
        "driver_needed": least_driver(cuda, host, catalogue.drivers) or "",
    }
    return Note("cuda-newer-than-driver", "warning", "left", facts)


def _of_build(build: Build, problem: Problem, catalogue: Catalogue) -> tuple[Note, ...]:
    """Return every warning about a build: driver and GPU alike, as nothing else is checked."""
    notes = list(_of_driver(describe(build), build.cuda or "", problem, catalogue))
    gpu = judge(build, with_newer_driver(build, problem), catalogue).gpu
    if gpu is not None:
        facts = {"build": describe(build), **gpu_facts(gpu)}
        notes.append(Note("gpu-not-covered", "warning", "", facts))
    return tuple(notes)
