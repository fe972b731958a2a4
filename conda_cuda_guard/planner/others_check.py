"""After conda's solve: the packages beside pytorch that have a CUDA version of their own."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note

from .asking import COMPANIONS, METAPACKAGES, SELECTORS
from .driver import level
from .lone_selector import with_older_cuda
from .solution_check import cuda_of_build, is_cpu_build
from .versions import minor_version, version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conda_cuda_guard.model import Catalogue, Host
    from conda_cuda_guard.model.package import Package

    from .situation import Situation

_TORCH_FAMILY = ("pytorch", *COMPANIONS)
_VERSION_IS_CUDA = tuple(name for name in (*SELECTORS, *METAPACKAGES) if name != "cpuonly")
# conda-forge's packages name their CUDA so: `cuda-version >=12.6,<13`, `cudatoolkit 11.3.*`.
_NEEDS = re.compile(r"^(?:cuda-version|cudatoolkit)\s+[>=~]*(\d+(?:\.\d+)?)")


def cuda_of(package: Package) -> str | None:
    """Give the oldest CUDA version that a package runs with; None where it names none."""
    if package.name in _VERSION_IS_CUDA:
        return minor_version(package.version)
    needs = (found[1] for text in package.depends if (found := _NEEDS.match(text)))
    return next(needs, None) or cuda_of_build(package.build)


def too_new(
    linked: Iterable[Package], situation: Situation, catalogue: Catalogue
) -> tuple[Note, ...]:
    """Name the packages whose CUDA no driver of these machines runs, in one note."""
    for host in situation.with_driver:
        found = [
            (package, cuda)
            for package in linked
            if package.name not in _TORCH_FAMILY
            and (cuda := cuda_of(package)) is not None
            and level(cuda, host, catalogue.drivers) is None
        ]
        if found:
            return (_too_new(found, host, situation),)
    return ()


def _too_new(found: list[tuple[Package, str]], host: Host, situation: Situation) -> Note:
    named = {ask.head.rpartition("::")[2] for ask in situation.asks}
    found.sort(key=lambda pair: (pair[0].name not in named, pair[0].name))
    package, cuda = found[0]
    facts = {
        "build": f"{package.name} {package.version} ({package.build})",
        "cuda": cuda,
        "host_cuda": host.cuda or "",
        "driver": host.driver or "",
        "specs": "" if situation.family else with_older_cuda(situation, host),
    }
    return Note("cuda-newer-than-driver", "warning", "solved", facts)


def twins(
    suspects: Iterable[Package],
    offered: Mapping[str, Sequence[tuple[str, str]]],
    situation: Situation,
    catalogue: Catalogue,
) -> tuple[Note, ...]:
    """Name those of the `cpu_builds` of which the same channels have a CUDA build that runs here.

    `offered` maps a package's name to the (version, build) pairs that the channels have.
    """
    notes = []
    for package in suspects:
        same = [
            build for number, build in offered.get(package.name, ()) if number == package.version
        ]
        cuda = _best(same, situation, catalogue)
        if cuda is not None:
            facts = {
                "build": f"{package.name} {package.version} ({package.build})",
                "cuda": cuda,
                "specs": _with_build(package, cuda, situation),
            }
            notes.append(Note("cpu-build-chosen", "warning", "twin", facts))
    return tuple(notes)


def cpu_builds(linked: Iterable[Package], situation: Situation) -> list[Package]:
    """Find the CPU builds that nobody asked for; those that were named come first.

    Of a family of packages that come together (tensorflow, tensorflow-base) one is enough.
    """
    asked = {ask.head.rpartition("::")[2]: ask for ask in situation.asks if ask.head}
    found = [
        package
        for package in linked
        if package.name not in _TORCH_FAMILY
        and is_cpu_build(package.build)
        and not ("cpu" in asked[package.name].text if package.name in asked else False)
    ]
    named = [package for package in found if package.name in asked]
    return named or sorted(found, key=lambda package: package.name)[:1]


def _best(builds: Iterable[str], situation: Situation, catalogue: Catalogue) -> str | None:
    """Give the newest CUDA, of these builds, that every driver runs."""
    known = {cuda for build in builds if (cuda := cuda_of_build(build)) is not None}
    fitting = [
        cuda
        for cuda in known
        if all(level(cuda, host, catalogue.drivers) for host in situation.with_driver)
    ]
    return max(fitting, key=version, default=None)


def _with_build(package: Package, cuda: str, situation: Situation) -> str:
    spec = f"{package.name}=={package.version}[build=*cuda{cuda.replace('.', '')}*]"
    specs = [
        spec if ask.head.rpartition("::")[2] == package.name else ask.text for ask in situation.asks
    ]
    return shlex.join(specs if spec in specs else [*specs, spec])
