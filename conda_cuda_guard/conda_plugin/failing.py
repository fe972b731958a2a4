"""A solve that fails: what to say after conda's error, or through its error hints.

From 26.7 conda asks plugins for hints while it renders an error. Before, nothing is called after a
failed solve, so the words are printed when the process ends without one.
"""

from __future__ import annotations

import atexit
import logging
import threading
from functools import lru_cache
from traceback import format_exc
from typing import TYPE_CHECKING, Any

from conda.base.context import context

from conda_cuda_guard.model import Note, Phrase
from conda_cuda_guard.planner.check_specs import is_planned, with_older_cuda
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.planner.unknown import not_on_conda, off_conda_asked
from conda_cuda_guard.rendering import note_lines
from conda_cuda_guard.rendering.language import said
from conda_cuda_guard.rendering.output import err, shown

from . import environment
from .advice import advise, command_of, others_solve, with_command
from .hook_entry import last_solve
from .hook_state import OFF, catalogue, mode, process, request_of
from .solutions import ANY_CUDA, judge_packages, trial_solve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conda_cuda_guard.planner.problem import Problem

log = logging.getLogger(__name__)

_FAILURES = {
    "UnsatisfiableError",
    "PackagesNotFoundError",
    "PackagesNotFoundInChannelsError",
    "ResolvePackageNotFound",
}
_HEADLINE = Phrase("This request did not get through the solve.")


@lru_cache(maxsize=1)
def watch() -> None:
    """Register, once, the explanation of a failed solve, where conda has no error hints."""
    from conda.plugins import types

    if not hasattr(types, "CondaErrorHint"):
        # Before the threads end, and not with them: a solver needs some.
        getattr(threading, "_register_atexit", atexit.register)(_at_exit)


def hints(error: Exception) -> Iterator[Any]:
    """Yield the hints for an error of the solve."""
    from conda.plugins.types import CondaErrorHint

    if not any(kind.__name__ in _FAILURES for kind in type(error).__mro__):
        return
    lines = _lines()
    if lines:
        text = shown("\n".join([said(_HEADLINE), *lines]))
        yield CondaErrorHint(text=text, hint_code="cuda_guard_plan")


def _at_exit() -> None:
    lines = _lines()
    if lines:
        err("\n".join([f"cuda-guard: {said(_HEADLINE)}", *lines]))


def _lines() -> list[str]:
    try:
        return explain_failure()
    except Exception:  # noqa: BLE001 - whatever it is, conda's own error is what counts
        log.debug("conda-cuda-guard could not explain the error\n%s", shown(format_exc()))
        return []


def explain_failure() -> list[str]:
    """Return why a request that did not get through the solve cannot, and what would.

    Nothing where CUDA is not the reason: where neither other CUDA packages nor a newer driver would
    let it through.
    """
    if last_solve.finished or process.stopped or not last_solve.specs:
        return []
    if mode() == OFF or context.quiet or not environment.is_for_here():
        return []
    specs = tuple(sorted(map(str, last_solve.specs)))
    problem = read_problem(request_of(specs), catalogue())
    if trial_solve(specs, environment.typed_channels()) is not None:
        return []  # it was not the solve that failed
    absent = _not_on_conda(problem)
    if absent:
        return absent
    if problem.with_driver and not process.planned and is_planned(problem, catalogue()):
        lines = _by_another_plan(specs, problem)
        if lines:
            return lines
    return _by_the_driver(specs, problem)


def _not_on_conda(problem: Problem) -> list[str]:
    """Explain that what was asked for is on pip alone, where the channels do not have it."""
    from .planning import listed

    names = off_conda_asked(problem, catalogue())
    note = not_on_conda(names, listed(catalogue(), names, problem.request)) if names else None
    return note_lines([note]) if note else []


def _by_another_plan(specs: tuple[str, ...], problem: Problem) -> list[str]:
    """Explain by the plan that solves, or by why there is none where the rest solves alone."""
    advice = advise(specs)
    fresh = [note for note in advice.plan.notes if note.code not in process.told_codes()]
    if advice.command:
        lines = note_lines(fresh, least="warning")
        if advice.command in process.advised:
            return []
        command = Phrase("A command that fits this machine: {command}", command=advice.command)
        return [*lines, f"  {said(command)}"]
    if advice.plan.status != "refused" or not others_solve(problem):
        return []
    return note_lines(fresh, least="warning")


def _by_the_driver(specs: tuple[str, ...], problem: Problem) -> list[str]:
    """Explain by the driver where the request would solve with a newer one."""
    if problem.platform.startswith("macos"):
        return []
    found = trial_solve(specs, environment.typed_channels(), cuda=ANY_CUDA)
    if found is None:
        return []
    if problem.driver_failure:
        return note_lines(
            [Note("driver-fails", "warning", "", {"failure": problem.driver_failure})]
        )
    if not problem.with_driver:
        return note_lines([Note("no-driver", "warning", "unsolved")])
    notes = judge_packages(found, (), problem)
    newer = next((note for note in notes if note.code == "cuda-newer-than-driver"), None)
    if newer is None:
        return []
    specs_text = newer.facts.get("specs") or with_older_cuda(problem, problem.with_driver[0])
    command = "" if is_planned(problem, catalogue()) else command_of(specs_text)
    note = with_command(Note(newer.code, "warning", "unsolved", newer.facts), command, specs)
    return [] if command and command in process.advised else note_lines([note])
