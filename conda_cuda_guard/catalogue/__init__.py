"""The built-in catalogue: the known PyTorch builds, drivers, GPUs and mirrors, from data files."""

from .files import CatalogueError, folder
from .loader import (
    built_families,
    built_names,
    closest_gpu_names,
    conda_builds,
    cuda_version_packages,
    drivers,
    families,
    family,
    gpu_capability,
    mirrors,
    plain,
    releases,
    spelt_families,
    spelt_names,
    toolkits,
    unusable_families,
    wheels,
)

__all__ = [
    "CatalogueError",
    "built_families",
    "built_names",
    "closest_gpu_names",
    "conda_builds",
    "cuda_version_packages",
    "drivers",
    "families",
    "family",
    "folder",
    "gpu_capability",
    "mirrors",
    "plain",
    "releases",
    "spelt_families",
    "spelt_names",
    "toolkits",
    "unusable_families",
    "wheels",
]
