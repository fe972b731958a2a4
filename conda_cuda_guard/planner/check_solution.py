"""After conda's solve: whether the builds that the solver chose run on this machine."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Build, Note
from conda_cuda_guard.model.versions import cuda_in_build, minor_version, variant_of, version

from .alternatives import gpu_name
from .candidates import FAMILY_CHANNEL, FORGE, channel_name
from .check_specs import is_planned, with_older_cuda
from .compatibility import level
from .conda_asks import family_of, packages_asked
from .ranking import judge
from .requirement import CUDA_PACKAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conda_cuda_guard.model import Catalogue, Host
    from conda_cuda_guard.model.channels import Package

    from .problem import Problem

_CPU = re.compile(r"(?:^|_)cpu(?=_|py|h|$)")
_CPU_SPEC = re.compile(r"\scpu|_cpu|\*cpu")  # `pytorch 2.1.1 cpu*`, as a dependency names a build


def cuda_of_build(build: str) -> str | None:
    """Return the CUDA version that a build string names, if it names one."""
    found = cuda_in_build(build)
    return str(found) if found else None


def is_cpu_build(build: str) -> bool:
    """Return whether a build string says that it is a CPU build."""
    return _CPU.search(build) is not None


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


def check_solution(
    linked: Iterable[Package],
    removed: Iterable[Package],
    problem: Problem,
    catalogue: Catalogue,
    *,
    cpu_wanted: bool = False,
) -> tuple[Note, ...]:
    """Judge the pytorch that is about to be linked, on a machine with a driver."""
    linked = tuple(linked)
    lead = problem.family.lead.conda
    torch = next((package for package in linked if package.name == lead), None)
    before = next((package for package in removed if package.name == lead), None)
    if torch is None or not problem.with_driver:
        return ()
    cuda = cuda_of_build(torch.build)
    facts = {"build": f"{torch.name} {torch.version} ({torch.build})"}
    if cuda is None:
        if cpu_wanted or not is_cpu_build(torch.build):
            return ()
        swapped = before is not None and cuda_of_build(before.build) is not None
        facts["asker"] = cpu_asker(linked, problem)
        if before is not None:
            facts["before"] = before.build
        note = Note("cpu-build-chosen", "warning", "swapped" if swapped else "solved", facts)
        return (note, *_hidden(torch, problem))
    return _judged(_as_build(torch, cuda, problem, catalogue), facts, problem, catalogue)


def cpu_asker(linked: Iterable[Package], problem: Problem) -> str:
    """Return the package outside the family that asks for its CPU build; empty without one."""
    family = problem.family
    cpu_names = {name for name, one in family.by_conda_name.items() if one.variant == "cpu"}
    always = {*cpu_names, family.conda.cpu_selector}
    for package in linked:
        if package.name in (*family.conda_names, *always):
            continue
        for text in package.depends:
            name, _, rest = text.partition(" ")
            is_cpu = _CPU_SPEC.search(rest) and name.startswith(family.lead.conda)
            if name in always or is_cpu:
                return f"{package.name} {package.version} ({text})"
    return ""


def _hidden(torch: Package, problem: Problem) -> tuple[Note, ...]:
    """Note a channel without CUDA builds that comes before one that has them."""
    sources = problem.request.sources
    with_cuda = (problem.family.conda.channel, FORGE)
    carriers = [name for name in map(channel_name, sources.channels) if name in with_cuda]
    if sources.priority == "disabled" or channel_name(torch.channel) in with_cuda or not carriers:
        return ()
    facts = {"first": torch.channel, "other": carriers[0]}
    return (Note("channel-priority-hides-cuda", "warning", "", facts),)


def _as_build(torch: Package, cuda: str, problem: Problem, catalogue: Catalogue) -> Build:
    """Return the catalogue's build of a record, or a new one where it has none."""
    source = FORGE if channel_name(torch.channel) == FORGE else FAMILY_CHANNEL
    for build in catalogue.builds:
        if (build.release, build.cuda, build.source) == (torch.version, cuda, source):
            return build
    package = problem.family.lead.pip
    variant = variant_of(cuda)
    return Build(torch.version, variant, cuda, problem.platform, source, package=package)


def _judged(
    build: Build, facts: dict[str, str], problem: Problem, catalogue: Catalogue
) -> tuple[Note, ...]:
    verdict = judge(build, problem, catalogue)
    host = verdict.host or problem.with_driver[0]
    facts.update(cuda=build.cuda or "", **host.as_facts)
    if verdict.reason == "driver":
        return (Note("cuda-newer-than-driver", "warning", "solved", facts),)
    if verdict.reason == "gpu" and verdict.gpu is not None:
        facts.update(gpu=gpu_name(verdict.gpu))
        facts.update(capability=verdict.gpu.compute_capability or "")
        return (Note("gpu-not-covered", "warning", "solved", facts),)
    return ()


# conda-forge's packages name their CUDA so: `cuda-version >=12.6,<13`, `cudatoolkit 11.3.*`.
_NEEDS = re.compile(r"^(?:cuda-version|cudatoolkit)\s+[>=~]*(\d+(?:\.\d+)?)")


def _is_cuda(name: str, problem: Problem) -> bool:
    """Return whether a package's version is a CUDA version."""
    conda = problem.family.conda
    return name in (*conda.selectors, *CUDA_PACKAGES) and name != conda.cpu_selector


def cuda_of_package(package: Package, problem: Problem) -> str | None:
    """Return the oldest CUDA version that a package runs with; None where it names none."""
    if _is_cuda(package.name, problem):
        return minor_version(package.version)
    needs = (found[1] for text in package.depends if (found := _NEEDS.match(text)))
    return next(needs, None) or cuda_of_build(package.build)


def too_new(linked: Iterable[Package], problem: Problem, catalogue: Catalogue) -> tuple[Note, ...]:
    """Note the packages whose CUDA no driver of these machines runs, in one note."""
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
            _is_cuda(pair[0].name, problem),  # these come for the sake of others
            pair[0].name,
        )
    )
    package, cuda = found[0]
    facts = {
        "build": f"{package.name} {package.version} ({package.build})",
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
    """Note those of the `cpu_builds` of which the same channels have CUDA builds.

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
    """Note a CPU build beside CUDA builds for these versions, oldest first."""
    facts = {"build": f"{package.name} {package.version} ({package.build})"}
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
    """Return the CPU builds that nobody asked for; those that were named come first.

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
    """Note the CPU builds that nobody asked for in the place of CUDA builds, beside the lead's."""
    before = {package.name: package.build for package in removed}
    notes = []
    for package in _unasked(linked, problem, catalogue):
        was = before.get(package.name, "")
        if was and _cudas_of_file(package, was, catalogue):
            build = f"{package.name} {package.version} ({package.build})"
            facts = {"build": build, "before": was, "package": package.name}
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
