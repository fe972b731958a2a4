"""The packages of an environment, read from its files: nothing is imported or run."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from glob import escape as glob_escape
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from conda_cuda_guard.model import Dependent, Installed, Package, cuda_of, read_cuda

from .system import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conda_cuda_guard.model import Family

_CUDA = re.compile(r"^cuda\b[^=\n]*=\s*['\"](\d+\.\d+)", re.MULTILINE)
_OTHER = re.compile(r"^(hip|rocm|xpu)\b[^=\n]*=\s*['\"]\d", re.MULTILINE)
_ACCELERATORS = {"hip": "ROCm", "rocm": "ROCm", "xpu": "XPU"}
_RECORD = re.compile(r"(.+)-([^-]+)-([^-]+)\.json")
CUDNN_OF_PIP = "nvidia-cudnn-cu"  # with the major version of its CUDA, from 11 on
_NAME = re.compile(r"^Name:[ \t]*(\S+)", re.MULTILINE)
_VERSION = re.compile(r"^Version:[ \t]*(\S+)", re.MULTILINE)
_REQUIRES = re.compile(r"^Requires-Dist:[ \t]*(.+)", re.MULTILINE)
_BUILD_LABELS = (
    re.compile(r"cu(?P<cuda>\d+)torch(?P<major>\d)\.(?P<minor>\d+)"),
    re.compile(r"pt(?P<major>\d)(?P<minor>\d+)(?:cu(?P<cuda>\d+))?"),
)


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


def conda_records(prefix: Path, names: Iterable[str]) -> Iterator[Package]:
    """Yield these packages as conda has put them into an environment.

    Without dependencies where a record cannot be read.
    """
    for name in names:
        for path in prefix.glob(f"conda-meta/{glob_escape(name)}-*.json"):
            found = _RECORD.fullmatch(path.name)
            if found is None or found[1] != name:
                continue
            record: object = None
            with suppress(ValueError):
                record = json.loads(text_of(path))
            depends = record.get("depends") if isinstance(record, dict) else None
            listed = depends if isinstance(depends, list) else ()
            texts = tuple(one for one in listed if isinstance(one, str))
            yield Package(name, found[2], found[3], "", texts)


def find_torch(paths: Iterable[str]) -> Installed | None:
    """Return the torch that an interpreter with these import paths sees."""
    return next((read_torch(one) for _, one in _found(paths, ["torch"])), None)


def read_torch(found: Distribution) -> Installed:
    """Return it with its variant: by its local version label, or its own version file."""
    version = found.version.lower()
    label = version.partition("+")[2]
    by_conda = _is_condas(found)
    if label == "cpu" or cuda_of(label):
        return Installed(version, cuda_of(label), by_conda=by_conda)
    own = _version_file(found)
    cuda, other = _CUDA.search(own), _OTHER.search(own) or re.match(r"(rocm|xpu)", label)
    return Installed(
        version,
        cuda[1] if cuda else None,
        is_other=other is not None,
        by_conda=by_conda,
        accelerator=_ACCELERATORS[other[1]] if other else "",
    )


def find_set(paths: Iterable[str], family: Family) -> Installed | None:
    """Return the lead that an interpreter with these import paths sees, and what depends on it."""
    searched = list(paths)
    there = find_torch(searched)
    if there is None:
        return None
    return replace(there, beside=tuple(_beside(searched, family)))


def find_versions(paths: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """Return the versions of these packages that an interpreter with these import paths sees."""
    return {name: one.version for name, one in _found(paths, names)}


def by_conda(paths: Iterable[str], names: Iterable[str]) -> frozenset[str]:
    """Return those of these packages that conda installed, as they say themselves."""
    return frozenset(name for name, one in _found(paths, names) if _installer(one) == "conda")


def _found(paths: Iterable[str], names: Iterable[str]) -> Iterator[tuple[str, Distribution]]:
    """Yield those of these packages that an interpreter with these import paths sees."""
    searched = list(paths)
    for name in names:
        one = next(iter(distributions(name=name, path=searched)), None)
        if one is not None:
            yield name, one


def _beside(paths: list[str], family: Family) -> Iterator[Dependent]:
    """Yield the companions, and what else names the lead; of a name the first counts."""
    seen = {family.lead.pip}
    for found in distributions(path=paths):
        # The whole metadata, parsed, of some hundred packages would be felt.
        head = (found.read_text("METADATA") or "").partition("\n\n")[0]
        named, numbered = _NAME.search(head), _VERSION.search(head)
        name = canonicalize_name(named[1]) if named else ""
        if numbered is None or not name or name in seen:
            continue
        seen.add(name)
        one = _dependent(name, numbered[1], head, family.lead.pip)
        if one is not None or name in family.moving:
            yield one or Dependent(name, numbered[1])


def _dependent(name: str, version: str, head: str, lead: str) -> Dependent | None:
    """Return a package that asks for the lead by its metadata, or was built for one."""
    asks = [one for text in _REQUIRES.findall(head) if (one := _asked_of(lead, text)) is not None]
    label = read_build_label(version)
    if not asks and label is None:
        return None
    needs = [one for one in asks if one]
    if label is not None:
        needs.append(f"=={label['major']}.{label['minor']}.*")
    cuda = read_cuda(label["cuda"]) if label is not None and label["cuda"] else None
    return Dependent(name, version, tuple(needs), cuda.major if cuda else None)


def _asked_of(lead: str, text: str) -> str | None:
    """Return the specifier of a dependency on the lead; None for one on another package."""
    if not text.lower().startswith(lead):
        return None
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return None
    if canonicalize_name(requirement.name) != lead or "extra" in str(requirement.marker or ""):
        return None
    return str(requirement.specifier)


def read_build_label(version: str) -> re.Match[str] | None:
    """Return the groups `major`, `minor` and `cuda` of a label that names a torch; None of others.

    flash-attn's wheels have `+cu122torch2.3cxx11abiFALSE`, those of PyTorch Geometric `+pt23cu121`.
    """
    label = version.partition("+")[2]
    return next((match for one in _BUILD_LABELS if (match := one.match(label))), None)


def _is_condas(found: Distribution) -> bool:
    """Return whether conda installed it; some of its packages do not record the installer."""
    installer = _installer(found)
    if installer:
        return installer == "conda"
    folders = Path(str(found.locate_file(""))).parents
    return any(any(one.glob("conda-meta/pytorch-*.json")) for one in folders)


def _installer(found: Distribution) -> str:
    """Return what says of itself that it installed a package; empty where nothing does."""
    return (found.read_text("INSTALLER") or "").strip()


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
