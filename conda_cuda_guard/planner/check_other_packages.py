"""After conda's solve: builds of other packages than pytorch that do not use the GPU here."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note
from conda_cuda_guard.model.versions import minor_version, version

from .check_solution import cuda_of_build, is_cpu_build
from .check_specs import is_planned, with_older_cuda
from .compatibility import level
from .conda_asks import family_of, packages_asked
from .requirement import CUDA_PACKAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conda_cuda_guard.model import Catalogue, Host, Package

    from .problem import Problem


# conda-forge's packages name their CUDA so: `cuda-version >=12.6,<13`, `cudatoolkit 11.3.*`.
_NEEDS = re.compile(r"^(?:cuda-version|cudatoolkit)\s+[>=~]*(\d+(?:\.\d+)?)")


def _is_cuda(name: str, problem: Problem) -> bool:
    """Return whether a package's version is a CUDA version."""
    conda = problem.family.conda
    return name in (*conda.selectors, *CUDA_PACKAGES) and name != conda.cpu_selector


def is_cpu_package(package: Package, catalogue: Catalogue) -> bool:
    """Return whether a package is a CPU build, by its family's row where it has one."""
    family = family_of(package.name, catalogue)
    return family.is_cpu_build(package.build) if family else is_cpu_build(package.build)


def _cudas_of_file(package: Package, build: str, catalogue: Catalogue) -> list[str]:
    """Return the CUDA versions of another build of a package's release."""
    family = family_of(package.name, catalogue)
    if family is not None:
        is_cuda = family.is_cuda_build(build)
        return list(family.cudas_of(package.version, build)) if is_cuda else []
    cuda = cuda_of_build(build)
    return [cuda] if cuda else []


def cuda_of_package(package: Package, problem: Problem) -> str | None:
    """Return the oldest CUDA version that a package runs with; None where it names none."""
    if _is_cuda(package.name, problem):
        return minor_version(package.version)
    needs = (found[1] for text in package.depends if (found := _NEEDS.match(text)))
    return next(needs, None) or cuda_of_build(package.build)


def too_new(linked: Iterable[Package], problem: Problem, catalogue: Catalogue) -> tuple[Note, ...]:
    """Return one note on the packages whose CUDA version a driver does not run, if any."""
    for host in problem.with_driver:
        found = [
            (package, cuda)
            for package in linked
            if package.name not in problem.family.conda_names
            and (cuda := cuda_of_package(package, problem)) is not None
            and level(cuda, host, catalogue.drivers) is None
        ]
        if found:
            return (_too_new(found, host, problem, catalogue),)
    return ()


def _too_new(
    found: list[tuple[Package, str]], host: Host, problem: Problem, catalogue: Catalogue
) -> Note:
    named = {requirement.bare_name for requirement in problem.requirements}
    found.sort(
        key=lambda pair: (
            pair[0].name not in named,
            _is_cuda(pair[0].name, problem),  # these are dependencies of others
            pair[0].name,
        )
    )
    package, cuda = found[0]
    facts = {
        "build": package.described,
        "cuda": cuda,
        **host.as_facts,
        "specs": "" if is_planned(problem, catalogue) else with_older_cuda(problem, host),
    }
    return Note("cuda-newer-than-driver", "warning", "solved", facts)


def twins(
    suspects: Iterable[Package],
    offered: Mapping[str, Sequence[tuple[str, str]]],
    problem: Problem,
    catalogue: Catalogue,
) -> tuple[Note, ...]:
    """Return notes on CPU builds (`cpu_builds`) of which the same channels have CUDA builds.

    `offered` maps a package's name to the (version, build) pairs that the channels have. Where none
    of the CUDA builds runs here, the driver is why the solver took the CPU build.
    """
    notes = []
    for package in suspects:
        same = [
            build for number, build in offered.get(package.name, ()) if number == package.version
        ]
        cudas = {cuda for one in same for cuda in _cudas_of_file(package, one, catalogue)}
        known = sorted(cudas, key=version)
        if known:
            notes.append(_twin(package, known, problem, catalogue))
    return tuple(notes)


def _twin(package: Package, known: list[str], problem: Problem, catalogue: Catalogue) -> Note:
    """Return the note on a CPU build beside CUDA builds for these versions, oldest first."""
    facts = {"build": package.described}
    fitting = [
        cuda
        for cuda in known
        if all(level(cuda, host, catalogue.drivers) for host in problem.with_driver)
    ]
    planned = package.name in packages_asked(problem, catalogue)
    if fitting:
        specs = "" if planned else _with_build(package, fitting[-1], problem)
        facts.update(cuda=fitting[-1], specs=specs)
        return Note("cpu-build-chosen", "warning", "twin", facts)
    host = min(problem.with_driver, key=lambda one: version(one.cuda or "0"))
    facts.update(cuda=known[0], **host.as_facts)
    facts["specs"] = "" if planned else _for_older_cuda(package, host, problem)
    return Note("cpu-build-chosen", "warning", "driver", facts)


def cpu_builds(linked: Iterable[Package], problem: Problem, catalogue: Catalogue) -> list[Package]:
    """Return the CPU builds that were not asked for as such; packages that were named come first.

    Of a family of packages that come together (tensorflow, tensorflow-base) one is enough.
    """
    asked = {one.bare_name for one in problem.requirements if one.head}
    asked.update(packages_asked(problem, catalogue))
    found = _unasked(linked, problem, catalogue)
    named = [package for package in found if package.name in asked]
    return named or sorted(found, key=lambda package: package.name)[:1]


def swapped(
    linked: Iterable[Package], removed: Iterable[Package], problem: Problem, catalogue: Catalogue
) -> tuple[Note, ...]:
    """Return the note on a CPU build, not asked for, that replaces the CUDA build of a package."""
    before = {package.name: package.build for package in removed}
    notes = []
    for package in _unasked(linked, problem, catalogue):
        was = before.get(package.name, "")
        if was and _cudas_of_file(package, was, catalogue):
            facts = {"build": package.described, "before": was, "package": package.name}
            notes.append(Note("cpu-build-chosen", "warning", "swapped", facts))
    return tuple(notes[:1])  # packages that come together are one swap


def _unasked(linked: Iterable[Package], problem: Problem, catalogue: Catalogue) -> list[Package]:
    """Return the CPU builds, but for the lead's own family, that no spec means."""
    linked = tuple(linked)
    meant = {one.bare_name for one in problem.requirements if "cpu" in one.text}
    wished = _brought_in(linked, meant)
    return [
        package
        for package in linked
        if package.name not in problem.family.conda_names
        and is_cpu_package(package, catalogue)
        and package.name not in wished
    ]


def _brought_in(linked: Iterable[Package], names: set[str]) -> set[str]:
    """Return these packages and all that they depend on: `tensorflow-cpu` means tensorflow's."""
    depends = {one.name: {text.split()[0] for text in one.depends} for one in linked}
    found, more = set[str](), set(names)
    while more:
        found |= more
        more = set[str]().union(*(depends.get(name, ()) for name in more)) - found
    return found


def _with_build(package: Package, cuda: str, problem: Problem) -> str:
    spec = f"{package.name}=={package.version}[build=*cuda{cuda.replace('.', '')}*]"
    return shlex.join(_in_place_of(package.name, spec, problem))


def _for_older_cuda(package: Package, host: Host, problem: Problem) -> str:
    """Return the specs that ask for any CUDA build of a package for a host's CUDA or older."""
    if not host.cuda:
        return ""
    specs = _in_place_of(package.name, f"{package.name}[build=*cuda*]", problem)
    return shlex.join([*specs, f"cuda-version<={host.cuda}"])


def _in_place_of(name: str, spec: str, problem: Problem) -> list[str]:
    specs = [
        spec if requirement.bare_name == name else requirement.text
        for requirement in problem.requirements
    ]
    return specs if spec in specs else [*specs, spec]
