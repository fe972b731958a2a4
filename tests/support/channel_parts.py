"""Packages that several of the modelled channels have, in one form or another."""

from __future__ import annotations

import hashlib

from .conda_package import CondaPackage

PYTHON_PATCH = {"3.10": "3.10.13", "3.11": "3.11.7", "3.12": "3.12.1"}


def short_hash(*parts: str) -> str:
    """Make the seven digits that conda-build puts into a build string, the same every time."""
    return "h" + hashlib.sha256("-".join(parts).encode()).hexdigest()[:7]


def tag(python: str) -> str:
    """Spell `"3.11"` as `"py311"`."""
    return "py" + python.replace(".", "")


def on_python(python: str) -> str:
    """Give the dependency of a package that was built for one Python."""
    major, minor = python.split(".")
    return f"python >={python},<{major}.{int(minor) + 1}.0a0"


def within(version: str) -> str:
    """Give the bounds `>=12.1,<12.2` of a minor version."""
    major, minor = version.split(".")[:2]
    return f">={major}.{minor},<{major}.{int(minor) + 1}"


def pythons(origin: str) -> list[CondaPackage]:
    """Make stand-ins of Python: their file `bin/python` says its version and no more."""
    return [
        CondaPackage(
            "python",
            patch,
            f"{short_hash(origin, patch)}_0_cpython" if origin == "conda-forge" else "h955ad1f_0",
            files={
                "bin/python": f"#!/bin/sh\necho Python {patch}\n",
                f"bin/python{minor}": f"#!/bin/sh\necho Python {patch}\n",
                f"lib/python{minor}/LICENSE.txt": "a stand-in\n",
            },
        )
        for minor, patch in PYTHON_PATCH.items()
    ]


def numpy(origin: str) -> list[CondaPackage]:
    """Make numpy, below and above the 2.0 that older torch cannot stand."""
    return [
        CondaPackage(
            "numpy",
            version,
            f"{tag(python)}{short_hash(origin, 'numpy', version, python)}_0",
            depends=(on_python(python),),
        )
        for version in ("1.26.4", "2.2.0")
        for python in PYTHON_PATCH
    ]


def torch_files(version: str, python: str, cuda: str | None, info: str) -> dict[str, str]:
    """Make what an installed torch is recognised by; `info` is the metadata folder's ending."""
    site = f"lib/python{python}/site-packages"
    cuda_line = f"cuda: Optional[str] = {cuda!r}"
    metadata = "PKG-INFO" if info.endswith("egg-info") else "METADATA"
    return {
        f"{site}/torch/__init__.py": "from torch.version import __version__\n",
        f"{site}/torch/version.py": (
            f"from typing import Optional\n__version__ = {version!r}\n{cuda_line}\n"
        ),
        f"{site}/torch-{version}{info}/{metadata}": (
            f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n"
        ),
    }
