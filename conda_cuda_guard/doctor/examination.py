"""A word to who waits."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import partial
from threading import Timer
from typing import TYPE_CHECKING, Any

from conda_cuda_guard import catalogue
from conda_cuda_guard.host import this_platform
from conda_cuda_guard.host.detection import detect
from conda_cuda_guard.host.interpreter import interpreter_of
from conda_cuda_guard.host.packages import Packages, read_packages
from conda_cuda_guard.model import Host, Phrase
from conda_cuda_guard.model.time_limit import time_limit
from conda_cuda_guard.planner.compatibility import complete
from conda_cuda_guard.rendering.language import said
from conda_cuda_guard.rendering.verify_text import verdict_text
from conda_cuda_guard.verify import verify

from . import check_driver, check_environment, check_toolkit, check_torch
from .report import OK, UNKNOWN, Link, Part, Report, Seen, diagnose, judged_link
from .rule_base import gather_rules
from .rules import Evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .report import Patient, Source

_PATIENCE = time_limit(1.0)  # seconds


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Say on stderr what is going on, once it takes longer than a second."""
    text = said(what)  # here, since the thread is to do nothing but print
    timer = Timer(_PATIENCE, lambda: print(text, file=sys.stderr, flush=True))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def tried(python: Path) -> Part:
    """Let the environment's torch compute, in a child process."""
    verdict = verify(interpreter_of(python))
    first, *details = verdict_text(verdict).splitlines()
    state = OK if verdict.ok else "error"
    told = tuple(one.strip() for one in details)
    return Part((Link("what torch sees", first, "child process", details=told, verdict=state),))


# Seconds for all that is asked of the driver; everything else reads files.
BUDGET = time_limit(1.5)


def examine(patient: Patient) -> Report:
    """Make the report; an examination that fails is a line of it."""
    # Other programs answer while files are read here. No threads: an import in two at once may
    # lock up, since six of pip's vendored packages imports under the lock of all imports.
    asked = [(name, _begun(name, start)) for name, start in patient.sources.items()]
    parts = _parts(patient)
    parts += [_safely(name, end) for name, end in asked]
    facts: dict[str, Any] = {}
    for part in parts:
        facts.update(part.facts)
    evidence, gathered = Evidence(**facts), gather_rules()
    shown = diagnose(gathered.rules.values(), evidence)
    links = judged_link((link for part in parts for link in part.links), shown)
    return Report(links, evidence, shown, gathered.problems)


def _parts(patient: Patient) -> list[Part]:
    seen = _see(patient)
    problems: list[Part] = []
    packages = _read_packages(patient, problems)
    examinations: dict[str, Callable[[], Part]] = {
        "driver": partial(check_driver.machine, patient, seen),
        "CUDA toolkits": partial(check_toolkit.toolkits_link, patient, seen, packages),
        "CUDA libraries": partial(check_environment.libraries, patient, packages),
        "Python": partial(check_environment.python, patient, seen),
        "torch": partial(check_torch.torch, seen, packages),
        "companions": partial(check_torch.companions, seen, packages),
        "extensions": partial(check_torch.extensions, packages),
        "Jupyter": partial(check_environment.jupyter, patient, packages),
        "disk": partial(check_environment.disk, patient),
    }
    return [*(_safely(name, ask) for name, ask in examinations.items()), *problems]


def _see(patient: Patient) -> Seen:
    found = detect(environ=patient.environ, roots=patient.roots, budget=BUDGET, everything=True)
    host = Host(this_platform(), patient.python, found.driver, found.cuda, found.gpus or ())
    # Where the kernel alone told the driver, its CUDA follows from the table.
    return Seen(found, complete(host, catalogue.drivers()))


def _read_packages(patient: Patient, problems: list[Part]) -> Packages:
    try:
        return read_packages(patient.paths, patient.prefix)
    except Exception as error:  # noqa: BLE001  (whatever lies in somebody's environment)
        problems.append(_failed("packages", error))
        return Packages()


def _begun(name: str, start: Source) -> Callable[[], Part]:
    try:
        return start()
    except Exception as error:  # noqa: BLE001  (whatever a broken machine makes it do)
        return partial(_failed, name, error)


def _safely(name: str, ask: Callable[[], Part]) -> Part:
    try:
        return ask()
    except Exception as error:  # noqa: BLE001  (whatever a broken machine makes it do)
        return _failed(name, error)


def _failed(name: str, error: Exception) -> Part:
    """Give the line of an examination that could not be made."""
    told = Phrase("could not be examined: {kind}: {error}", kind=type(error).__name__, error=error)
    return Part((Link(name, told, verdict=UNKNOWN),))
