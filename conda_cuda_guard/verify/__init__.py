"""Do an environment's torch and other CUDA packages work here? Tried in child processes, judged."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.host.detection import detect
from conda_cuda_guard.host.packages import find_versions
from conda_cuda_guard.model import Note
from conda_cuda_guard.model.spelt_found import found_in

from .run_probe import TIMEOUT, how_it_ended, one_line, probing, run_probe
from .verdict import FamilyVerdict, Machine, Verification, judge_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.model import FoundPackage, SpeltFamily

    from .run_probe import Findings

__all__ = ["TIMEOUT", "Verification", "verify"]


def verify(
    python: Path, families: Iterable[SpeltFamily], *, timeout: float = TIMEOUT
) -> Verification:
    """Return the verdict on an interpreter's torch and other families, tried on this machine."""
    end = time.monotonic() + timeout
    findings = run_probe(python, timeout=timeout)
    found = detect()
    verdict = judge_findings(findings, Machine(found.driver, found.cuda, _hidden(found.gpus)))
    return with_families(verdict, families, end - time.monotonic())


def _hidden(gpus: tuple[object, ...] | None) -> str | None:
    """Return the setting of CUDA_VISIBLE_DEVICES where it leaves no GPU."""
    setting = os.environ.get("CUDA_VISIBLE_DEVICES")
    if setting is None or gpus:
        return None
    return f"CUDA_VISIBLE_DEVICES={setting}"


# What a package raises that does not find a library, or another package.
_IMPORTS = ("ImportError", "ModuleNotFoundError", "OSError")


def with_families(
    verdict: Verification, families: Iterable[SpeltFamily], timeout: float
) -> Verification:
    """Return a verdict with those on the installed packages of other families.

    They are tried where there is a driver, all at once and for `timeout` seconds. Without a torch
    the verdict rests on them.
    """
    found = list(_installed(verdict.findings, families))
    if not found:
        return verdict
    tried = tuple(_tried(found, verdict, timeout))
    ok = verdict.ok and all(one.ok for one in tried)
    if verdict.status != "no-torch" or not any(one.status == "works" for one in tried):
        return replace(verdict, families=tried, ok=ok)
    notes = tuple(replace(note, severity="info") for note in verdict.notes)
    return replace(verdict, families=tried, notes=notes, ok=all(one.ok for one in tried))


def _installed(findings: Findings, families: Iterable[SpeltFamily]) -> Iterator[FoundPackage]:
    """Yield the package of each family that can be tried, for CUDA before one for the CPU."""
    paths = [str(one) for one in findings.report.get("paths", ())]
    for family in sorted(families, key=lambda one: one.name):
        if family.verify:
            names = (name for stem in family.stems for name in _names(family, stem))
            found = list(found_in(family, find_versions(paths, dict.fromkeys(names))))
            yield from sorted(found, key=lambda one: one.is_cpu)[:1]


def _names(family: SpeltFamily, stem: str) -> Iterator[str]:
    """Yield the names of all packages that tell what is installed of a family."""
    yield stem
    yield from (one.distribution(stem) for one in family.builds)
    yield from (name for names in family.brings.values() for name in names)


def _tried(
    found: Iterable[FoundPackage], verdict: Verification, timeout: float
) -> Iterator[FamilyVerdict]:
    python, machine = Path(verdict.findings.python), verdict.machine
    case = "" if machine.has_driver else "no-driver"
    if case or timeout <= 0:
        for one in found:
            facts = {"package": one.title}
            yield FamilyVerdict(one, "not-tried", Note("family-not-tried", "info", case, facts))
        return
    end = time.monotonic() + timeout
    with ExitStack() as stack:
        running = [
            (one, stack.enter_context(probing(python, "\n".join(one.family.verify))))
            for one in found
        ]
        for one, ended in running:
            findings = replace(ended(end - time.monotonic()), limit=timeout)
            yield judge_family(one, findings, machine)


def judge_family(package: FoundPackage, findings: Findings, machine: Machine) -> FamilyVerdict:
    """Return the verdict on what a package did."""
    facts = {
        "package": package.title,
        "cuda": package.cuda or "",
        "install": f"pipcuda install {package.stem}",
        "driver": machine.driver or f"CUDA {machine.cuda}",
        "hidden": machine.hidden or "",
    }
    step = findings.step("family")
    if not findings.is_complete:
        return _early(package, findings, facts)
    if "error" in step:
        facts["error"] = one_line(f"{step.get('kind')}: {step['error']}")
        case = "import" if step.get("kind") in _IMPORTS else "hidden" if machine.hidden else ""
        note = Note("family-fails", "error", case, facts)
        return FamilyVerdict(package, "broken", note, findings)
    if not step.get("right"):
        note = Note("family-fails", "error", "wrong", facts)
        return FamilyVerdict(package, "broken", note, findings)
    if step.get("gpu"):
        return FamilyVerdict(package, "works", None, findings)
    facts["told"] = one_line(str(step.get("told") or ""))
    return FamilyVerdict(package, "cpu-only", _on_cpu(package, machine, facts), findings)


def _on_cpu(package: FoundPackage, machine: Machine, facts: dict[str, str]) -> Note:
    """Return the note on a package that leaves the GPU alone: an error where it is for CUDA."""
    if package.is_other_name:
        return Note("family-on-cpu", "info", "cpu-build", facts)
    if package.cuda is None:
        return Note("family-on-cpu", "warning", "without-cuda", facts)
    return Note("family-on-cpu", "error", "hidden" if machine.hidden else "", facts)


def _early(package: FoundPackage, findings: Findings, facts: dict[str, str]) -> FamilyVerdict:
    """Return the verdict on a package whose process did not come to its end."""
    if findings.status is None:
        facts["limit"] = f"{findings.limit:.0f}"
        return FamilyVerdict(
            package, "timeout", Note("family-timeout", "error", "", facts), findings
        )
    facts.update(how=how_it_ended(findings.status), output=one_line(findings.output[-300:]))
    return FamilyVerdict(package, "broken", Note("family-fails", "error", "crash", facts), findings)
