"""After the solve: what the records that the solver chose mean on this machine."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conda.base.context import context

from conda_cuda_guard.model import Note
from conda_cuda_guard.model.channels import Package
from conda_cuda_guard.planner.check_solution import check_solution, cpu_builds, too_new, twins
from conda_cuda_guard.planner.problem import read_problem

from . import environment
from .hook_state import catalogue, process, request_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.planner.problem import Problem


def as_package(record: Any) -> Package:  # noqa: ANN401
    """Take from one of conda's records what the guard looks at."""
    depends = tuple(str(spec) for spec in record.depends)
    return Package(record.name, str(record.version), record.build, str(record.channel), depends)


def check_records(unlinked: Iterable[Any], linked: Iterable[Any]) -> tuple[Note, ...]:
    """Check the records of a solution."""
    problem = read_problem(request_of(process.specs), catalogue())
    packages = [as_package(record) for record in linked]
    torch = next((one for one in packages if one.name == "pytorch"), None)
    notes: tuple[Note, ...] = ()
    if torch is not None:
        notes = _about_torch(torch, packages, [as_package(one) for one in unlinked], problem)
    told = {note.code for note in notes} | {code for code, _, _ in process.told}
    if "cuda-newer-than-driver" not in told:
        notes += too_new(packages, problem, catalogue())
    if not any(note.code == "cpu-build-chosen" for note in notes):
        notes += _twins(packages, problem)
    return notes


def _twins(packages: list[Package], problem: Problem) -> tuple[Note, ...]:
    """Look for CUDA builds of the CPU builds that were chosen, in the channels in force.

    Only then are the channels asked; conda has just read them, so they are in its cache.
    """
    suspects = cpu_builds(packages, problem) if problem.with_driver else []
    if not suspects:
        return ()
    from .repodata import ask_channels

    names = {one.name for one in suspects}
    offered = defaultdict(list)
    for answer in ask_channels(environment.typed_channels(), packages=names):
        for name, version, build in answer.packages:
            offered[name].append((version, build))
    return twins(suspects, offered, problem, catalogue())


def _about_torch(
    torch: Package, packages: list[Package], before: list[Package], problem: Problem
) -> tuple[Note, ...]:
    wish = problem.wish
    cpu_wanted = wish is not None and wish.cpu
    notes = check_solution(packages, before, problem, catalogue(), cpu_wanted=cpu_wanted)
    notes += mixed_with_pip(context.target_prefix)
    if notes and "pytorch" not in " ".join(process.specs):
        # It came in as somebody's dependency: what to type is about that very release.
        process.specs = (*process.specs, f"pytorch={torch.version}")
    return notes


def mixed_with_pip(
    prefix: str, package: str = "pytorch", case: str = "conda-over-pip"
) -> tuple[Note, ...]:
    """Tell of a torch of pip's where conda is about to put its own, or has (case `both`)."""
    found = environment.installed_by_pip("torch", Path(prefix))
    if not found:
        return ()
    facts = {"installed": f"torch {found}", "package": package}
    return (Note("pip-conda-mix", "warning", case, facts),)
