"""The examination: every check of an environment and its machine, and the rules that they show."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from conda_cuda_guard import catalogue
from conda_cuda_guard.host import this_platform
from conda_cuda_guard.host.detection import detect
from conda_cuda_guard.host.packages import Packages, read_packages
from conda_cuda_guard.model import Host, Phrase
from conda_cuda_guard.planner.compatibility import complete

from . import check_driver, check_environment, check_toolkit, check_torch
from .report import UNKNOWN, CheckResult, DetectedMachine, Link, Report, diagnose, judged_link
from .rule_base import gather_rules
from .rules import Evidence

if TYPE_CHECKING:
    from collections.abc import Callable

    from .report import Environment, Source

# Seconds for all that is asked of the driver; everything else reads files.
BUDGET = 1.5


def examine(environment: Environment) -> Report:
    """Make the report; an examination that fails is a line of it."""
    # Other programs answer while files are read here. No threads: an import in two at once may
    # lock up, since six of pip's vendored packages imports under the lock of all imports.
    asked = [(name, _begun(name, start)) for name, start in environment.sources.items()]
    results = _results(environment)
    results += [_safely(name, end) for name, end in asked]
    facts: dict[str, Any] = {}
    for result in results:
        facts.update(result.facts)
    evidence, gathered = Evidence(**facts), gather_rules()
    shown = diagnose(gathered.rules.values(), evidence)
    links = judged_link((link for result in results for link in result.links), shown)
    return Report(links, evidence, shown, gathered.problems)


def _results(environment: Environment) -> list[CheckResult]:
    detected = _detected(environment)
    problems: list[CheckResult] = []
    packages = _read_packages(environment, problems)
    examinations: dict[str, Callable[[], CheckResult]] = {
        "driver": partial(check_driver.machine, environment, detected),
        "CUDA toolkits": partial(check_toolkit.toolkits_link, environment, detected, packages),
        "CUDA libraries": partial(check_environment.libraries, environment, packages),
        "Python": partial(check_environment.python, environment, detected),
        "torch": partial(check_torch.torch, detected, packages),
        "companions": partial(check_torch.companions, detected, packages),
        "extensions": partial(check_torch.extensions, packages),
        "Jupyter": partial(check_environment.jupyter, environment, packages),
        "disk": partial(check_environment.disk, environment),
    }
    return [*(_safely(name, ask) for name, ask in examinations.items()), *problems]


def _detected(environment: Environment) -> DetectedMachine:
    found = detect(
        environ=environment.environ, roots=environment.roots, budget=BUDGET, everything=True
    )
    host = Host(this_platform(), environment.python, found.driver, found.cuda, found.gpus or ())
    # Where the kernel alone told the driver, its CUDA follows from the table.
    return DetectedMachine(found, complete(host, catalogue.drivers()))


def _read_packages(environment: Environment, problems: list[CheckResult]) -> Packages:
    try:
        return read_packages(environment.paths, environment.prefix)
    except Exception as error:  # noqa: BLE001  (whatever lies in somebody's environment)
        problems.append(_failed("packages", error))
        return Packages()


def _begun(name: str, start: Source) -> Callable[[], CheckResult]:
    try:
        return start()
    except Exception as error:  # noqa: BLE001  (whatever a broken machine makes it do)
        return partial(_failed, name, error)


def _safely(name: str, ask: Callable[[], CheckResult]) -> CheckResult:
    try:
        return ask()
    except Exception as error:  # noqa: BLE001  (whatever a broken machine makes it do)
        return _failed(name, error)


def _failed(name: str, error: Exception) -> CheckResult:
    """Give the line of an examination that could not be made."""
    told = Phrase("could not be examined: {kind}: {error}", kind=type(error).__name__, error=error)
    return CheckResult((Link(name, told, verdict=UNKNOWN),))
