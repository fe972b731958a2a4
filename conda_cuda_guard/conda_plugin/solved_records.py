"""After the solve: what the records that the solver chose mean on this machine."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conda_cuda_guard import catalogue as built_in
from conda_cuda_guard.model import Note
from conda_cuda_guard.planner.check_other_packages import cpu_builds, swapped, too_new, twins
from conda_cuda_guard.planner.check_solution import check_solution
from conda_cuda_guard.planner.problem import read_problem

from . import environment
from .hook_state import catalogue, request_of
from .trial_solve import as_package

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model.conda import Package
    from conda_cuda_guard.planner.problem import Problem


def check_records(
    unlinked: Iterable[Any], linked: Iterable[Any], specs: Iterable[str]
) -> tuple[Note, ...]:
    """Return the notes on the solution of these specs."""
    problem = read_problem(request_of(specs), catalogue())
    packages = [as_package(record) for record in linked]
    before = [as_package(record) for record in unlinked]
    notes = judge_packages(packages, before, problem)
    if any(package.name == problem.family.lead.conda for package in packages):
        notes += mixed_with_pip(environment.target_prefix())
    if problem.with_driver and not any(note.code == "cpu-build-chosen" for note in notes):
        notes += swapped(packages, before, problem, catalogue()) or _twins(packages, problem)
    return notes


def judge_packages(
    packages: Iterable[Package],
    before: Iterable[Package],
    problem: Problem,
) -> tuple[Note, ...]:
    """Return the notes on packages that come together, in the place of others."""
    packages = tuple(packages)
    cpu_wanted = problem.wish is not None and problem.wish.cpu
    notes = check_solution(packages, before, problem, catalogue(), cpu_wanted=cpu_wanted)
    if not any(note.code == "cuda-newer-than-driver" for note in notes):
        notes += too_new(packages, problem, catalogue())
    return notes


def _twins(packages: list[Package], problem: Problem) -> tuple[Note, ...]:
    """Return the notes on CPU builds of which the channels in force have CUDA builds.

    Only then are the channels asked; conda has just read them, so they are in its cache.
    """
    suspects = cpu_builds(packages, problem, catalogue())
    if not suspects:
        return ()
    from .repodata import ask_channels

    names = {one.name for one in suspects}
    offered = defaultdict(list)
    for answer in ask_channels(environment.typed_channels(), packages=names):
        for name, version, build in answer.packages:
            offered[name].append((version, build))
    return twins(suspects, offered, problem, catalogue())


def mixed_with_pip(
    prefix: str, package: str = "", case: str = "conda-over-pip"
) -> tuple[Note, ...]:
    """Note a torch of pip's where conda is about to put its own, or has (case `both`)."""
    lead = built_in.family().lead
    found = environment.installed_by_pip(lead.pip, Path(prefix))
    if not found:
        return ()
    facts = {"installed": f"{lead.pip} {found}", "package": package or lead.conda}
    return (Note("pip-conda-mix", "warning", case, facts),)
