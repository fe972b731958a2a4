"""The built-in catalogue: the known PyTorch builds, drivers, GPUs and mirrors, from data files."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .family_rows import Names, names_in
from .files import CatalogueError, folder

if TYPE_CHECKING:
    from .loader import (
        built_families,
        closest_gpu_names,
        conda_builds,
        cuda_version_packages,
        drivers,
        families,
        families_on_conda,
        family,
        gpu_capability,
        mirrors,
        names_off_conda,
        plain,
        releases,
        spelt_families,
        toolkits,
        unusable_families,
        wheels,
    )
else:

    def __getattr__(name: str) -> object:
        """Return a function of the loader, which is loaded when the first is asked for."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f"{__name__}.loader"), name)
        return value


def names() -> Names:
    """Return the names on pip of the families, others' among them; quick where there are none."""
    return names_in(folder())


__all__ = [
    "CatalogueError",
    "Names",
    "built_families",
    "closest_gpu_names",
    "conda_builds",
    "cuda_version_packages",
    "drivers",
    "families",
    "families_on_conda",
    "family",
    "folder",
    "gpu_capability",
    "mirrors",
    "names",
    "names_off_conda",
    "plain",
    "releases",
    "spelt_families",
    "toolkits",
    "unusable_families",
    "wheels",
]
