"""The examination: every check of an environment and its machine, and the rules that they show."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from conda_cuda_guard import catalogue
from conda_cuda_guard.host.detection import detect
from conda_cuda_guard.host.finding import Detection
from conda_cuda_guard.host.packages import Packages, read_packages
from conda_cuda_guard.model import Host, Phrase, this_platform
from conda_cuda_guard.model.time_limit import time_limit
from conda_cuda_guard.planner.compatibility import complete_host

from . import (
    check_driver,
    check_environment,
    check_families,
    check_sources,
    check_toolkit,
    check_torch,
    gather_rules,
)
from .commands import environment_slots
from .report import UNKNOWN, CheckResult, DetectedMachine, Link, Report, diagnose, judged_link
from .rules import Evidence

if TYPE_CHECKING:
    from collections.abc import Callable

    from .report import Environment, Source

# Seconds for all that is asked of the driver; everything else reads files.
BUDGET = time_limit(1.5)


def examine(environment: Environment) -> Report:
    """Return the report; a check that fails is a line of it."""
    # Other programs answer while files are read here. No threads: an import in two at once may
    # lock up, since six of pip's vendored packages imports under the lock of all imports.
    asked = [(name, _begun(name, start)) for name, start in environment.sources.items()]
    results = _results(environment)
    sources = [_safely(name, end) for name, end in asked]
    facts: dict[str, Any] = {}
    if not environment.offline:
        sources, facts = check_sources.with_reach(sources, environment.environ)
    return _report([*results, *sources], facts)


def _report(results: list[CheckResult], facts: dict[str, Any]) -> Report:
    slots: dict[str, str] = {}
    for result in results:
        facts.update(result.facts)
        slots.update({name: value for name, value in result.slots.items() if value})
    facts["container_gpu"] = facts.get("container_gpu") or _silent_container(facts)
    if facts.get("shadowing") and any(result.torch_works for result in results):
        facts["shadowing"] = Phrase(
            "{copies} (torch was tried, and works all the same)", copies=facts["shadowing"]
        )
    evidence, gathered = Evidence(**facts), gather_rules()
    shown = diagnose(gathered.rules.values(), evidence)
    links = judged_link((link for result in results for link in result.links), shown)
    return Report(links, evidence, shown, gathered.problems, slots)


def _silent_container(facts: dict[str, Any]) -> str | None:
    """Return why a container has no GPU, where its driver is silent and torch wants one."""
    # An error of the driver's own says more than that there is none.
    silent = not facts.get("driver") and not facts.get("driver_error")
    return facts.get("gpu_for_torch") if facts.get("container") and silent else None


def _results(environment: Environment) -> list[CheckResult]:
    problems: list[CheckResult] = []
    packages = _read_packages(environment, problems)
    detected = _declared(environment.declared) if environment.declared else _detected(environment)
    checks = {
        "Python": partial(check_environment.python, environment, detected),
        check_torch.TORCH: partial(check_torch.torch, detected, packages),
        "companions": partial(check_torch.companions, detected, packages),
        "extensions": partial(check_torch.extensions, packages),
        "CUDA packages": partial(check_families.other_families, environment, detected, packages),
    }
    if environment.declared:
        checks = {
            "driver": partial(check_driver.machine_as_declared, environment, detected),
            **checks,
        }
    else:
        checks = {
            "driver": partial(check_driver.machine, environment, detected),
            "CUDA toolkits": partial(check_toolkit.toolkits_link, environment, detected, packages),
            "CUDA libraries": partial(check_environment.libraries, environment, packages),
            **checks,
            "Jupyter": partial(check_environment.jupyter, environment, packages),
            "disk": partial(check_environment.disk, environment),
        }
    slots = CheckResult(slots=environment_slots(environment, packages))
    return [slots, *(_safely(name, check) for name, check in checks.items()), *problems]


def _detected(environment: Environment) -> DetectedMachine:
    found = detect(
        environ=environment.environ, roots=environment.roots, budget=BUDGET, everything=True
    )
    host = Host(this_platform(), environment.python, found.driver, found.cuda, found.gpus or ())
    # Where the kernel alone told the driver, its CUDA follows from the table.
    return DetectedMachine(found, complete_host(host, catalogue.drivers()))


def _declared(declared: Host) -> DetectedMachine:
    """Return a machine as declared; GPUs that are not named are not known, not absent."""
    host = complete_host(declared, catalogue.drivers())
    return DetectedMachine(Detection(host.driver, host.cuda, host.gpus or None), host)


def _read_packages(environment: Environment, problems: list[CheckResult]) -> Packages:
    try:
        return read_packages(environment.paths, environment.prefix)
    except Exception as error:  # noqa: BLE001  (an environment may hold anything)
        problems.append(_failed("packages", error))
        return Packages()


def _begun(name: str, start: Source) -> Callable[[], CheckResult]:
    try:
        return start()
    except Exception as error:  # noqa: BLE001  (whatever a broken machine makes it do)
        return partial(_failed, name, error)


def _safely(name: str, check: Callable[[], CheckResult]) -> CheckResult:
    try:
        return check()
    except Exception as error:  # noqa: BLE001  (whatever a broken machine makes it do)
        return _failed(name, error)


def _failed(name: str, error: Exception) -> CheckResult:
    """Return the line of a check that could not be made."""
    told = Phrase("could not be examined: {kind}: {error}", kind=type(error).__name__, error=error)
    return CheckResult((Link(name, told, verdict=UNKNOWN),))
