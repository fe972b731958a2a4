"""What the pre-solve and post-solve hooks do: warn or stop, and never break an install."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Callable

from conda.base.context import context

from conda_cuda_guard.model import Note, Plan
from conda_cuda_guard.model.quoting import quoted
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.check_specs import check_specs
from conda_cuda_guard.rendering import note_lines
from conda_cuda_guard.rendering.language import translated
from conda_cuda_guard.rendering.output import err

from . import environment, failing
from .errors import CudaGuardError
from .hook_entry import asked
from .hook_state import catalogue, process, request_of
from .solved_records import check_records, mixed_with_pip

if TYPE_CHECKING:
    from collections.abc import Iterable

ENFORCE, OFF = "enforce", "off"
# What makes an environment useless here; the rest is told and no more.
_STOPPING = {
    "cpu-build-chosen",
    "cuda-newer-than-driver",
    "driver-fails",
    "gpu-not-covered",
    "companion-mismatch",
}


def before_solve() -> None:
    """Check the specs of a request that names a CUDA package."""
    process.solved = False
    process.specs = tuple(sorted(str(spec) for spec in asked))
    failing.watch()
    if not process.planned:
        _tell(_check_specs)


def _check_specs() -> tuple[Note, ...]:
    request = request_of(process.specs)
    notes = check_specs(request, catalogue())
    if any(spec.name == "pytorch" for spec in asked) and any(
        host.has_cuda for host in request.hosts
    ):
        notes += mixed_with_pip(context.target_prefix)
    return notes


def after_solve(unlinked: Iterable[Any], linked: Iterable[Any]) -> None:
    """Check the records that the solver chose."""
    process.solved = True
    process.specs = tuple(sorted(str(spec) for spec in asked))
    _tell(lambda: check_records(unlinked, linked))


def if_it_failed() -> list[str]:
    """Say why a request that did not get through the solve cannot, and what would."""
    if process.solved or process.planned or not process.specs:
        return []
    if _mode() == OFF or context.quiet:
        return []
    request = request_of(process.specs)
    if not any(host.has_cuda for host in request.hosts):
        return []
    plan = make_plan(request, catalogue())
    command = _advice()
    told = {code for code, _, _ in process.told}
    lines = note_lines((n for n in plan.notes if n.code not in told), least="warning")
    return [*lines, f"  A command that fits this machine: {command}"] if command else lines


def _tell(check: Callable[[], tuple[Note, ...]]) -> None:
    """Run a check and tell what it found that is new; stop where the setting or a promise says."""
    if _mode() == OFF and not process.promised:
        return
    fresh = [note for note in check() if not process.is_told(note)]
    if not fresh:
        return
    command = _advice()
    fresh = [_with_advice(note, command) for note in fresh]
    stopping = [note for note in fresh if note.code in _STOPPING]
    if any(_breaks_promise(note) for note in stopping):
        raise CudaGuardError(
            "\n".join([translated("Refused: nothing was installed."), *note_lines(stopping)])
        )
    if stopping and _mode() == ENFORCE:
        raise CudaGuardError(
            "\n".join([translated("Stopped by cuda_guard: enforce."), *note_lines(stopping)])
        )
    if not context.quiet:
        for line in ("cuda-guard:", *note_lines(fresh, least="warning")):
            err(line)


def _mode() -> str:
    value = str(context.plugins.cuda_guard).lower()
    # YAML reads a bare `off` as false.
    return OFF if value in (OFF, "false", "no") else value


def _breaks_promise(note: Note) -> bool:
    return process.promised and note.code == "cpu-build-chosen" and note.case != "twin"


def _with_advice(note: Note, command: str) -> Note:
    """Add the command to type: that of the note's own specs, where it has some."""
    specs = note.facts.get("specs")
    if specs:
        plan = Plan(None, "conda", "ok", requirements=tuple(shlex.split(specs)))
        command = quoted(environment.command_to_type(plan))
    return replace(note, facts={**note.facts, "command": command})


def _advice() -> str:
    """Give the command that gets the CUDA build, where a plan finds one."""
    plan = make_plan(request_of(process.specs), catalogue())
    if plan.status != "ok" or plan.cuda is None:
        return ""
    return quoted(environment.command_to_type(plan))
