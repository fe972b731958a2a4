"""What the pre-solve and post-solve hooks do: warn or stop, and never break an install."""

from __future__ import annotations

import logging
import os
import shlex
import sys
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from conda.base.context import context

from conda_cuda_guard.host.assemble import resolve_hosts
from conda_cuda_guard.host.overrides import Options, read_overrides
from conda_cuda_guard.model import PLATFORMS, Host, Note, Package, Plan, Request, Sources
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.situation import read
from conda_cuda_guard.planner.solution_check import check_solution
from conda_cuda_guard.planner.spec_check import check_specs
from conda_cuda_guard.rendering import note_lines
from conda_cuda_guard.sources import from_catalogue

from . import environment, failing
from .errors import CudaGuardError

if TYPE_CHECKING:
    from collections.abc import Iterable

log = logging.getLogger(__name__)

ENFORCE, OFF = "enforce", "off"
# What makes an environment useless here; the rest is told and no more.
_STOPPING = {"cpu-build-chosen", "cuda-newer-than-driver", "gpu-not-covered", "companion-mismatch"}


@dataclass
class _Process:
    """What this process has told, and what was asked of it: hooks fire again on every retry."""

    told: set[tuple[str, str, tuple[tuple[str, str], ...]]] = field(default_factory=set)
    specs: tuple[str, ...] = ()
    hosts: tuple[Host, ...] = ()
    planned: bool = False
    promised: bool = False
    solved: bool = False


_process = _Process()


def has_plan() -> bool:
    """Tell whether this process carries out a plan already."""
    return _process.planned


def is_planned(plan: Plan, request: Request) -> None:
    """Note what a rewriting made of a request: it needs no check before the solve.

    On a machine with a driver it also promises that no CPU build comes of it, unless one is wanted.
    """
    _process.planned, _process.hosts = True, request.hosts
    driver = any(host.has_cuda for host in request.hosts)
    _process.promised = driver and not request.as_is and plan.variant != "cpu"


def before_solve(specs_to_add: Iterable[Any]) -> None:
    """Check the specs of a request that names a CUDA package."""
    _process.specs = tuple(sorted(str(spec) for spec in specs_to_add))
    _process.solved = False
    failing.watch()
    if not _process.planned:
        _guarded(lambda: check_specs(_request(_process.specs), _catalogue()))


def after_solve(unlinked: Iterable[Any], linked: Iterable[Any]) -> None:
    """Check the records that the solver chose, where pytorch is among them."""
    _process.solved = True
    _guarded(lambda: _check_records(unlinked, linked))


def _check_records(unlinked: Iterable[Any], linked: Iterable[Any]) -> tuple[Note, ...]:
    specs = _process.specs
    situation = read(_request(specs), _catalogue())
    wish = situation.wish
    torch = next((record for record in linked if record.name == "pytorch"), None)
    if torch is None:
        return ()
    notes = check_solution(
        [package(record) for record in linked],
        [package(record) for record in unlinked],
        situation,
        _catalogue(),
        cpu_wanted=wish is not None and wish.cpu,
    )
    found = environment.installed_by_pip("torch", Path(context.target_prefix))
    if found:
        facts = {"installed": f"torch {found}", "package": f"pytorch {torch.version}"}
        notes += (Note("pip-conda-mix", "warning", "conda-over-pip", facts),)
    if notes and "pytorch" not in " ".join(specs):
        # It came in as somebody's dependency: what to type is about that very release.
        _process.specs = (*specs, f"pytorch={torch.version}")
    return notes


def package(record: Any) -> Package:  # noqa: ANN401
    """Take from one of conda's records what the guard looks at."""
    return Package(record.name, str(record.version), record.build, str(record.channel))


def if_it_failed() -> list[str]:
    """Say why a request that did not get through the solve cannot, and what would."""
    if _process.solved or _process.planned or not _process.specs:
        return []
    if _mode() == OFF or context.quiet:
        return []
    request = _request(_process.specs)
    if not any(host.has_cuda for host in request.hosts):
        return []
    plan = make_plan(request, _catalogue())
    command = _advice()
    told = {code for code, _, _ in _process.told}
    lines = note_lines((n for n in plan.notes if n.code not in told), least="warning")
    return [*lines, f"  A command that fits this machine: {command}"] if command else lines


def _guarded(check: Callable[[], tuple[Note, ...]]) -> None:
    """Run a check and tell what it found; a fault of ours is logged, and the install goes on."""
    try:
        if _mode() == OFF and not _process.promised:
            return
        fresh = [note for note in check() if not _is_told(note)]
        if not fresh:
            return
        command = _advice()
        fresh = [_with_advice(note, command) for note in fresh]
        stopping = [note for note in fresh if note.code in _STOPPING]
    except Exception:  # whatever it is, it must not break somebody's install
        log.debug("conda-cuda-guard could not check this", exc_info=True)
        return
    if any(note.code == "cpu-build-chosen" for note in stopping) and _process.promised:
        raise CudaGuardError("\n".join(["Refused: nothing was installed.", *note_lines(stopping)]))
    if stopping and _mode() == ENFORCE:
        raise CudaGuardError("\n".join(["Stopped by cuda_guard: enforce.", *note_lines(stopping)]))
    if not context.quiet:
        for line in ("cuda-guard:", *note_lines(fresh, least="warning")):
            print(line, file=sys.stderr)


def _mode() -> str:
    value = str(context.plugins.cuda_guard).lower()
    # YAML reads a bare `off` as false.
    return OFF if value in (OFF, "false", "no") else value


def _is_told(note: Note) -> bool:
    key = (note.code, note.case, tuple(sorted(note.facts.items())))
    known = key in _process.told
    _process.told.add(key)
    return known


def _with_advice(note: Note, command: str) -> Note:
    return replace(note, facts={**note.facts, "command": command})


def _advice() -> str:
    """Give the command that gets the CUDA build, where a plan finds one."""
    plan = make_plan(_request(_process.specs), _catalogue())
    if plan.status != "ok" or plan.cuda is None:
        return ""
    return shlex.join(environment.command_to_type(plan))


def _request(specs: tuple[str, ...]) -> Request:
    return Request(
        manager="conda",
        requirements=specs,
        hosts=hosts(),
        sources=Sources(channels=environment.channels()),
    )


def _catalogue() -> Any:  # noqa: ANN401
    return from_catalogue("conda", environment.platform())


def hosts() -> tuple[Host, ...]:
    """Give the machines of `cuda-install`'s plan, or this one."""
    return _process.hosts or _this_machine()


@lru_cache(maxsize=1)
def _this_machine() -> tuple[Host, ...]:
    """Look at this machine once; the environment's variables may declare another."""
    platform = environment.platform()
    if platform not in PLATFORMS:
        raise ValueError(platform)
    overrides = read_overrides(Options(), os.environ)
    return resolve_hosts(overrides, platform=platform, python=environment.python_version())[0]
