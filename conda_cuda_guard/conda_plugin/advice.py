"""The command to type instead: one that conda's own solver can solve, and that ends well here."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from conda_cuda_guard.catalogue import family
from conda_cuda_guard.model import Plan, quoted
from conda_cuda_guard.planner.candidates import FORGE, channel_name
from conda_cuda_guard.planner.check_other_packages import cuda_of_package, is_cpu_package
from conda_cuda_guard.planner.check_specs import cuda_requirements, named_plainly
from conda_cuda_guard.planner.compatibility import MINOR_COMPATIBLE
from conda_cuda_guard.planner.problem import read_problem

from . import environment
from .hook_state import catalogue, request_of
from .planning import plan_asked
from .repodata import is_in_hand
from .solutions import judge_packages, trial_solve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.model import Note, Package, Request
    from conda_cuda_guard.planner.problem import Problem

# What makes an environment useless here; the rest is told and no more.
STOPPING = frozenset(
    {
        "cpu-build-chosen",
        "cuda-newer-than-driver",
        "driver-fails",
        "gpu-not-covered",
        "companion-mismatch",
    }
)
_WRONG = STOPPING - {"companion-mismatch", "driver-fails"}


@dataclass(frozen=True)
class Advice:
    """The plan of a request, and a command for it that solves; empty where none does."""

    plan: Plan
    command: str = ""


def advise(specs: Iterable[str], *others: Iterable[str]) -> Advice:
    """Return the advice for a request; `others` are requests to fall back on, best first."""
    plans = _plans([tuple(specs), *map(tuple, others)])
    first = next(plans)
    tried = set()
    for plan in chain((first,), plans):
        key = (plan.channels, plan.requirements)
        if plan.status == "refused" or plan.cuda is None or key in tried:
            continue
        tried.add(key)
        command = _solvable(plan)
        if command:
            return Advice(first, command)
    return Advice(first)


def checked(plan: Plan) -> Plan:
    """Return a refused plan without the command of a hint that conda's solver cannot solve."""
    return replace(plan, notes=tuple(map(_checked, plan.notes)))


def _checked(note: Note) -> Note:
    specs = shlex.split(note.facts.get("forge", ""))
    if not specs:
        return note
    forge = Plan(None, "conda", "ok", requirements=tuple(specs), channels=(FORGE,))
    return note if _solvable(forge) else replace(note, facts={**note.facts, "forge": ""})


def command_of(specs: str) -> str:
    """Return the command for specs that a note has of its own; empty where it does not solve."""
    return _solvable(Plan(None, "conda", "ok", requirements=tuple(shlex.split(specs))))


def with_command(note: Note, command: str, specs: Iterable[str]) -> Note:
    """Return a note with the command to type, or with what is missing where CUDA is all of it.

    Where the rest of the request does not solve either, nothing is known of its CUDA packages.
    """
    facts = {"command": command}
    if not command and others_solve(read_problem(request_of(specs), catalogue())):
        facts["without"] = re.split(r"[\s=<>!~\[]", note.facts.get("build", ""), maxsplit=1)[0]
    return replace(note, facts={**note.facts, **facts})


def others_solve(problem: Problem) -> bool:
    """Return whether what a request has beside its CUDA packages would solve."""
    about_cuda = cuda_requirements(problem, catalogue())
    rest = tuple(one.text for one in problem.requirements if one not in about_cuda)
    return not rest or trial_solve(rest, environment.typed_channels()) is not None


def _plans(requests: list[tuple[str, ...]]) -> Iterator[Plan]:
    """Yield plans of requests: as typed, without the variant, on conda-forge.

    Of another version only where no build of the one that was typed runs here.
    """
    for specs in requests:
        request = request_of(specs)
        problem = read_problem(request, catalogue())
        plan = plan_asked(request)
        yield plan
        for versions in (True, False) if plan.status == "refused" else (True,):
            plain = named_plainly(problem, versions=versions)
            yield plan_asked(replace(request, requirements=plain))
            yield _on_forge(request, plain)


def _on_forge(request: Request, specs: tuple[str, ...]) -> Plan:
    """Return the plan with conda-forge first, which goes on where channel pytorch has ended."""
    sources = request.sources
    if sources.channels_fixed or FORGE in sources.forbidden:
        return Plan(None, "conda", "refused")
    moving = family().conda.channels
    channels = (FORGE, *(one for one in sources.channels if channel_name(one) not in moving))
    moved = replace(request, requirements=specs, sources=replace(sources, channels=channels))
    plan = plan_asked(moved)
    spelling = sources.spelling.get(FORGE)
    return replace(plan, channels=(spelling.text if spelling else FORGE, *plan.channels))


def _solvable(plan: Plan) -> str:
    """Return the command of a plan, where it solves to packages with nothing wrong here.

    Some solvers refuse what the driver runs by minor-version compatibility: `cuda-install` tells
    them that the driver will do.
    """
    if _ends_well(plan):
        return quoted(environment.command_to_type(plan))
    creates = environment.command_line().get("cmd") == "create"
    if plan.level != MINOR_COMPATIBLE or creates or not _ends_well(plan, cuda=plan.cuda):
        return ""
    return quoted(environment.command_to_type(plan, subcommand="cuda-install"))


def _ends_well(plan: Plan, *, cuda: str | None = None) -> bool:
    """Return whether the plan's specs solve to packages with nothing wrong on this machine.

    A channel that this conda has not read is not read for that: there its answer counts, which says
    that the build exists.
    """
    channels = dict.fromkeys((*plan.channels, *environment.typed_channels()))
    if not all(map(is_in_hand, plan.channels)):
        return not any(note.code == "index-unreachable" for note in plan.notes)
    found = trial_solve(plan.requirements, channels, cuda=cuda)
    if found is None:
        return False
    problem = read_problem(request_of(plan.requirements), catalogue())
    named = {one.bare_name for one in problem.requirements}
    if any(_is_cpu(package, problem) for package in found if package.name in named):
        return False
    return not any(note.code in _WRONG for note in judge_packages(found, (), problem))


def _is_cpu(package: Package, problem: Problem) -> bool:
    return is_cpu_package(package, catalogue()) and cuda_of_package(package, problem) is None
