"""Examine an environment on this machine: every link, then the rules that the facts show."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from conda_cuda_guard import catalogue
from conda_cuda_guard.host import this_platform
from conda_cuda_guard.host.detection import detect
from conda_cuda_guard.host.packages import Packages, read_packages
from conda_cuda_guard.model import Host, Phrase
from conda_cuda_guard.model.time_limit import time_limit
from conda_cuda_guard.planner.driver import complete

from . import of_driver, of_extensions, of_jupyter, of_libraries, of_python, of_toolkit, of_torch
from .gathering import gather_rules
from .report import UNKNOWN, Link, Report, diagnose, judged
from .rules import Evidence
from .scene import Part, Seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from .scene import Patient, Source

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
    links = judged((link for part in parts for link in part.links), shown)
    return Report(links, evidence, shown, gathered.problems)


def _parts(patient: Patient) -> list[Part]:
    seen = _see(patient)
    problems: list[Part] = []
    packages = _read_packages(patient, problems)
    examinations: dict[str, Callable[[], Part]] = {
        "driver": partial(of_driver.machine, patient, seen),
        "CUDA toolkits": partial(of_toolkit.toolkits, patient, seen, packages),
        "CUDA libraries": partial(of_libraries.libraries, patient, packages),
        "Python": partial(of_python.python, patient, seen),
        "torch": partial(of_torch.torch, seen, packages),
        "companions": partial(of_torch.companions, seen, packages),
        "extensions": partial(of_extensions.extensions, packages),
        "Jupyter": partial(of_jupyter.jupyter, patient, packages),
        "disk": partial(of_libraries.disk, patient),
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
