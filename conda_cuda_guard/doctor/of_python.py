"""The interpreter: whether there is a torch for it, and whether pip may install into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase
from conda_cuda_guard.planner.recommending import pythons_of
from conda_cuda_guard.sources import from_catalogue

from .report import Link
from .scene import Part

if TYPE_CHECKING:
    from .scene import Patient, Seen


def python(patient: Patient, seen: Seen) -> Part:
    """Examine the interpreter that is installed into."""
    # https://packaging.python.org/en/latest/specifications/externally-managed-environments/
    managed = next(patient.prefix.glob("lib/python3*/EXTERNALLY-MANAGED"), None)
    facts = {
        "python": patient.python,
        "python_for_torch": _for_torch(patient, seen) if patient.manager == "pip" else None,
        "externally_managed": str(managed) if managed else None,
    }
    names = tuple(facts)
    return Part((Link("Python", patient.python, str(patient.prefix), names),), facts)


def _for_torch(patient: Patient, seen: Seen) -> str | None:
    """Tell whether any release was made for it; conda would take another Python by itself."""
    builds = from_catalogue("pip", seen.host.platform).builds
    known = {one for build in builds for one in build.pythons}
    if patient.python is None or not known:
        return None
    if patient.python in known:
        return Phrase("there is one")
    return Phrase("none: torch is known for Python {pythons}", pythons=pythons_of(builds))
