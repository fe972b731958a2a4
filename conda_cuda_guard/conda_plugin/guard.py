"""What the pre-solve and post-solve hooks do: warn or stop, and never break an install."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Callable

from conda.base.context import context

from conda_cuda_guard.model import Request, Sources, quoted
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.check_other_packages import swapped
from conda_cuda_guard.planner.check_specs import check_specs
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.planner.requirement import LEAD
from conda_cuda_guard.rendering import note_lines
from conda_cuda_guard.rendering.language import translated
from conda_cuda_guard.rendering.output import err
from conda_cuda_guard.sources.builtin import from_catalogue

from . import environment, failing
from .advice import STOPPING, advise, command_of, with_command
from .hook_entry import last_solve
from .hook_state import ENFORCE, OFF, catalogue, mode, process, request_of
from .planning import CudaGuardError
from .solutions import as_package, check_records, mixed_with_pip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Host, Note


def before_solve() -> None:
    """Check the specs of a request that names a CUDA package."""
    failing.watch()
    if not process.planned:
        _tell(_check_specs, _specs())


def after_solve(unlinked: Iterable[Any], linked: Iterable[Any]) -> None:
    """Check the records that the solver chose."""
    unlinked, linked, specs = tuple(unlinked), tuple(linked), _specs()
    told = process.told_codes()  # what was typed was told before the solve

    def check() -> tuple[Note, ...]:
        notes = check_records(unlinked, linked, specs)
        return tuple(note for note in notes if note.code not in told)

    _tell(check, *_requests(specs, unlinked, linked))


def _specs() -> tuple[str, ...]:
    return tuple(sorted(map(str, last_solve.specs)))


def _check_specs() -> tuple[Note, ...]:
    request = request_of(_specs())
    notes = check_specs(request, catalogue())
    lead = catalogue().family.lead.conda
    has_cuda = any(host.has_cuda for host in request.hosts)
    if has_cuda and any(spec.name == lead for spec in last_solve.specs):
        notes += mixed_with_pip(environment.target_prefix())
    return notes + check_pip_section(request.hosts)


def _requests(
    specs: tuple[str, ...], unlinked: Iterable[Any], linked: Iterable[Any]
) -> list[tuple[str, ...]]:
    """Return what to ask for in the place of a solution: the typed specs.

    Torch is named where it is a dependency (that release, any, or the installed build), and so is
    an installed CUDA build that would be replaced by one for the CPU.
    """
    problem = read_problem(request_of(specs), catalogue())
    lead = problem.family.lead.conda
    after, before = list(map(as_package, linked)), list(map(as_package, unlinked))
    kept = [
        f"{one.name}=={one.version}={one.build}"
        for one in before
        for note in swapped(after, before, problem, catalogue())
        if one.name == note.facts["package"]
    ]
    torch = next((one for one in after if one.name == lead), None)
    if torch is None or problem.of(LEAD):
        return [specs, *((*specs, spec) for spec in kept)]
    was = next((one for one in before if one.name == lead), None)
    kept += [f"{lead}=={was.version}={was.build}"] if was else []
    return [(*specs, spec) for spec in (f"{lead}={torch.version}", lead, *kept)]


def _tell(check: Callable[[], tuple[Note, ...]], *requests: tuple[str, ...]) -> None:
    """Run a check and tell what it found that is new; stop where the setting or a promise says.

    The command to type is looked for only then, in these requests.
    """
    if mode() == OFF and not process.promised:
        return
    fresh = [note for note in check() if not process.is_told(note)]
    if not fresh:
        return
    fresh = _with_commands(fresh, requests)
    stopping = [note for note in fresh if note.code in STOPPING and not _is_wished(note)]
    if any(_breaks_promise(note) for note in stopping):
        raise _stop(translated("Refused: nothing was installed."), stopping)
    if stopping and mode() == ENFORCE:
        raise _stop(translated("Stopped by cuda_guard: enforce."), stopping)
    if not context.quiet:
        for line in ("cuda-guard:", *note_lines(fresh, least="warning")):
            err(line)


def _stop(headline: str, notes: list[Note]) -> CudaGuardError:
    process.stopped = True
    return CudaGuardError("\n".join([headline, *note_lines(notes)]))


def _breaks_promise(note: Note) -> bool:
    return process.promised and note.code == "cpu-build-chosen" and note.case in _OF_TORCH


_OF_TORCH = ("solved", "swapped")


def _is_wished(note: Note) -> bool:
    """Return whether a note is about a CPU build that was typed: told, as it may be a slip."""
    return note.code == "cpu-build-chosen" and note.case == "typed"


def _with_commands(notes: list[Note], requests: tuple[tuple[str, ...], ...]) -> list[Note]:
    """Add the command to type: that of the note's own specs, where it has some."""
    common: str | None = None
    found = []
    for note in notes:
        if note.code in _WITHOUT_COMMAND or "command" in note.facts:
            found.append(note)
            continue
        specs = note.facts.get("specs")
        if not specs and common is None:
            common = advise(*requests).command
        command = command_of(specs) if specs else common or ""
        process.advised.add(command)
        found.append(with_command(note, command, requests[0]))
    return found


_WITHOUT_COMMAND = (
    "pip-conda-mix",
    "driver-minor-compatible",
    "driver-fails",
    "driver-gives-no-gpu",
    "channel-priority-hides-cuda",
)


_TOLD = ("cuda-newer-than-driver", "gpu-not-covered")
_INDEXES = ("-i", "--index-url", "--extra-index-url")
_PAGES = ("-f", "--find-links")


def check_pip_section(hosts: tuple[Host, ...]) -> tuple[Note, ...]:
    """Return what is wrong with the torch that pip will take, by the built-in catalogue.

    The cure rewrites the file, which stays in force: the whole of it, not one install.
    """
    file = environment.environment_file()
    if file is None or not file.pip or not any(host.has_cuda for host in hosts):
        return ()
    wanted = tuple(one for one in file.pip if not one.startswith("-"))
    sources = Sources(
        index_urls=_options(file.pip, _INDEXES), find_links=_options(file.pip, _PAGES)
    )
    request = Request("pip", wanted, hosts, sources=sources, as_is=True)
    plan = make_plan(request, from_catalogue("pip", hosts[0].platform))
    command = quoted(("pipcuda", "rewrite", file.path))
    return tuple(
        replace(
            note, case="pip-section", facts={**note.facts, "file": file.path, "command": command}
        )
        for note in plan.notes
        if note.code in _TOLD
    )


def _options(lines: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the values of pip's options that stand on lines of their own."""
    pairs = (re.split(r"[\s=]+", line, maxsplit=1) for line in lines if line.startswith("-"))
    return tuple(pair[1].strip() for pair in pairs if pair[0] in names and len(pair) > 1)
