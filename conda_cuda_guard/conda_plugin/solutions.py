"""Solutions of conda's own solver: those of trials, and what chosen records mean on this machine.

A trial shows whether a command to be printed would solve. It is the solver of this conda with the
repodata that it has in hand, so that channel priority, pins, what is installed and what packages
constrain all count. No hook fires, nothing is printed.
"""

from __future__ import annotations

import io
import logging
import os
from collections import defaultdict
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conda.base.context import context

from conda_cuda_guard import catalogue as built_in
from conda_cuda_guard.model import Note, Package
from conda_cuda_guard.planner.check_other_packages import cpu_builds, swapped, too_new, twins
from conda_cuda_guard.planner.check_solution import check_solution
from conda_cuda_guard.planner.problem import read_problem

from . import environment
from .hook_state import catalogue, request_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.planner.problem import Problem

log = logging.getLogger(__name__)

OVERRIDE = "CONDA_OVERRIDE_CUDA"
# A driver that every package would do with: what solves under it alone fails for the driver.
ANY_CUDA = "99.0"


def as_package(record: Any) -> Package:  # noqa: ANN401
    """Return what the guard looks at of one of conda's records."""
    depends = tuple(str(spec) for spec in record.depends)
    return Package(record.name, str(record.version), record.build, str(record.channel), depends)


def trial_solve(
    specs: Iterable[str], channels: Iterable[str], *, cuda: str | None = None
) -> tuple[Package, ...] | None:
    """Return the packages that an install of these specs would end in; None where none would.

    `cuda` is the `__cuda` that the solver is to see in the place of this machine's.
    """
    from conda.base.constants import UpdateModifier
    from conda.models.match_spec import MatchSpec

    backend = context.plugin_manager.get_cached_solver_backend()
    try:
        with _silence(), cuda_for_solver(cuda):
            solver = backend(
                environment.target_prefix(),
                tuple(channels),
                tuple(context.subdirs),
                specs_to_add=[MatchSpec(spec) for spec in specs],
                repodata_fn="repodata.json",
                command="install",
            )
            # As `conda install` would: the command at hand may be `update --all`.
            found = solver.solve_final_state(update_modifier=UpdateModifier.UPDATE_SPECS)
    except Exception as error:  # noqa: BLE001 - no solution, no repodata, a spec that is none
        log.debug("no solution of %s: %s", specs, type(error).__name__)
        return None
    return tuple(as_package(record) for record in found)


@contextmanager
def _silence() -> Iterator[None]:
    """Keep spinners and tables from being printed, and from being made at length."""
    # classic looks for minutes for the culprits of a solve that fails.
    brief = context._override("unsatisfiable_hints", value=False)  # noqa: SLF001
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), brief:
        yield


@contextmanager
def cuda_for_solver(cuda: str | None) -> Iterator[None]:
    """Override the `__cuda` that conda's solver sees; None changes nothing."""
    if cuda is None:
        yield
        return
    before = os.environ.get(OVERRIDE)
    os.environ[OVERRIDE] = cuda
    _forget_virtual_packages()
    try:
        yield
    finally:
        if before is None:
            del os.environ[OVERRIDE]
        else:
            os.environ[OVERRIDE] = before
        _forget_virtual_packages()


def _forget_virtual_packages() -> None:
    """Clear conda's cache of the CUDA version: it keeps the first answer."""
    from conda.plugins.virtual_packages import cuda

    with suppress(AttributeError):
        cuda.cached_cuda_version.cache_clear()


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
