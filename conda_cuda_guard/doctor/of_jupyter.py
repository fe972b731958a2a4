"""Jupyter: which kernel starts which interpreter, which sees which torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.host.kernels import find_kernels, paths_beside
from conda_cuda_guard.host.packages import find_torch
from conda_cuda_guard.model import Phrase, joined

from .report import Link
from .scene import Part

if TYPE_CHECKING:
    from conda_cuda_guard.host.kernels import Kernel
    from conda_cuda_guard.host.packages import Packages

    from .scene import Patient

# Made for the classic notebook, which notebook 7 is not.
_OLD_EXTENSIONS = ("jupyter-contrib-nbextensions", "jupyter-nbextensions-configurator")


def jupyter(patient: Patient, packages: Packages) -> Part:
    """Examine the kernels and the notebook of the environment."""
    kernels = find_kernels(patient.environ, patient.prefix)
    torches = {kernel: _torch(kernel) for kernel in kernels}
    extensions = [f"{n} {packages.versions[n]}" for n in _OLD_EXTENSIONS if n in packages.versions]
    facts = {
        "kernel_python": ", ".join(str(kernel.python) for kernel in kernels) or None,
        "kernel_torch": ", ".join(filter(None, torches.values())) or ("none" if kernels else None),
        "notebook": packages.versions.get("notebook"),
        "notebook_extensions": ", ".join(extensions) or None,
    }
    details = tuple(
        joined(": ", (kernel.name, str(kernel.python), _told(torch)))
        for kernel, torch in torches.items()
    )
    names = ("kernel_torch", "notebook", "notebook_extensions", "kernel_python")
    value = ", ".join(kernel.name for kernel in kernels) or None
    return Part((Link("Jupyter kernels", value, "kernel.json", names, details),), facts)


def _told(torch: str | None) -> str:
    return f"torch {torch}" if torch else Phrase("no torch")


def _torch(kernel: Kernel) -> str | None:
    found = find_torch(paths_beside(kernel.python))
    return found.version if found else None
