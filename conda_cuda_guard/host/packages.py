"""The packages of an environment, read from its files: nothing is imported or run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from conda_cuda_guard.model import Installed
from conda_cuda_guard.model.versions import cuda_of

from .kernel_files import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_CUDA = re.compile(r"^cuda\b[^=\n]*=\s*['\"](\d+\.\d+)", re.MULTILINE)
_OTHER = re.compile(r"^(?:hip|rocm|xpu)\b[^=\n]*=\s*['\"]\d", re.MULTILINE)
_RECORD = re.compile(r"(.+)-([^-]+)-([^-]+)\.json")


@dataclass(frozen=True)
class Packages:
    """What is installed: versions by normalized name, of pip's view and of conda's records.

    `torch` is the one that an import would find; `wants` maps the names that it pins to versions.
    `builds` are the build strings of conda's.
    """

    torch: Installed | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    by_conda: Mapping[str, str] = field(default_factory=dict)
    wants: Mapping[str, str] = field(default_factory=dict)
    builds: Mapping[str, str] = field(default_factory=dict)


def read_packages(paths: Iterable[str], prefix: Path) -> Packages:
    """Return the packages that an interpreter with these import paths sees; the first counts."""
    versions: dict[str, str] = {}
    torch: Distribution | None = None
    for one in distributions(path=list(paths)):
        name = canonicalize_name(one.metadata["Name"] or "")
        if name and name not in versions:
            versions[name] = one.version
            torch = one if name == "torch" else torch
    names = (_RECORD.fullmatch(path.name) for path in prefix.glob("conda-meta/*.json"))
    records = [one for one in names if one]
    return Packages(
        read_torch(torch) if torch else None,
        versions,
        {record[1]: record[2] for record in records},
        _wants(torch) if torch else {},
        {record[1]: record[3] for record in records},
    )


def find_torch(paths: Iterable[str]) -> Installed | None:
    """Return the torch that an interpreter with these import paths sees."""
    found = next(iter(distributions(name="torch", path=list(paths))), None)
    return None if found is None else read_torch(found)


def read_torch(found: Distribution) -> Installed:
    """Return it with its variant: by its local version label, or its own version file."""
    version = found.version.lower()
    label = version.partition("+")[2]
    by_conda = _is_condas(found)
    if label == "cpu" or cuda_of(label):
        return Installed(version, cuda_of(label), by_conda=by_conda)
    own = _version_file(found)
    cuda = _CUDA.search(own)
    other = bool(_OTHER.search(own)) or label.startswith(("rocm", "xpu"))
    return Installed(version, cuda[1] if cuda else None, is_other=other, by_conda=by_conda)


def _is_condas(found: Distribution) -> bool:
    """Return whether conda installed it; some of its packages do not record the installer."""
    installer = (found.read_text("INSTALLER") or "").strip()
    if installer:
        return installer == "conda"
    folders = Path(str(found.locate_file(""))).parents
    return any(any(one.glob("conda-meta/pytorch-*.json")) for one in folders)


def _version_file(found: Distribution) -> str:
    return text_of(Path(str(found.locate_file("torch/version.py"))))


def _wants(torch: Distribution) -> dict[str, str]:
    """Return which versions of NVIDIA's packages torch pins: `nvidia-cudnn-cu12==8.9.2.26`."""
    wanted: dict[str, str] = {}
    for text in torch.requires or ():
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        pins = [one.version for one in requirement.specifier if one.operator == "=="]
        if pins and requirement.name.startswith("nvidia-"):
            wanted[canonicalize_name(requirement.name)] = pins[0]
    return wanted
