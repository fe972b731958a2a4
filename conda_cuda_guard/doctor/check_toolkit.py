"""The links between driver and torch: toolkits, nvcc, and what stands in the way of building."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.host.toolkits import find_toolkits, host_compiler, newest_gcc
from conda_cuda_guard.model import Phrase, version
from conda_cuda_guard.planner.compatibility import toolkit_builds_for

from .report import CheckResult, Link
from .windows_commands import for_system

if TYPE_CHECKING:
    from conda_cuda_guard.host.packages import Packages
    from conda_cuda_guard.host.toolkits import InstalledToolkits, Toolkit
    from conda_cuda_guard.model import Host

    from .report import DetectedMachine, Environment

_GCC = ("g++", "gcc", "c++")


def toolkits_link(
    environment: Environment, detected: DetectedMachine, packages: Packages
) -> CheckResult:
    """Return the links of toolkits and nvcc; torch's wheels need none, building extensions does."""
    found = find_toolkits(environment.environ, environment.roots, environment.prefix)
    compiler = host_compiler(environment.environ) if found.nvcc else None
    facts = {
        "toolkits": "; ".join(map(_named, found.found)) or None,
        "nvcc": _named(found.nvcc) if found.nvcc else None,
        "cuda_home": found.home_variable,
        "toolkit_conflict": _conflict(found),
        "nvcc_for_torch": _for_torch(found.building, packages),
        "nvcc_for_gpu": _for_gpu(found.building, detected.host),
        "host_compiler": " ".join(compiler) if compiler else None,
        "compiler_for_nvcc": _for_nvcc(compiler, found.nvcc),
    }
    names = ("toolkits", "toolkit_conflict")
    several = Link("CUDA toolkits", facts["toolkits"], "files", names, _winner(found))
    of_torch = (one.folder for one in found.found if _is_for_torch(one, packages))
    slots = {
        "nvcc_cuda": found.building.cuda if found.building else None,
        "toolkit": next(of_torch, found.found[0].folder if found.found else None),
    }
    return CheckResult((several, _nvcc(found, facts)), facts, slots)


def _is_for_torch(toolkit: Toolkit, packages: Packages) -> bool:
    cuda = packages.torch.cuda if packages.torch else None
    return cuda is not None and toolkit.cuda == cuda


def _nvcc(found: InstalledToolkits, facts: dict[str, str | None]) -> Link:
    details = [facts["cuda_home"]]
    if not found.nvcc and found.found:
        (command,) = for_system([f"export PATH={found.found[0].folder}/bin:$PATH"])
        details.append(Phrase("to use it: {command}", command=command))
    if facts["host_compiler"]:
        details.append(Phrase("C++ compiler: {compiler}", compiler=facts["host_compiler"]))
    names = ("nvcc", "nvcc_for_torch", "nvcc_for_gpu", "compiler_for_nvcc")
    how = found.nvcc.origin if found.nvcc else ""
    return Link("nvcc", facts["nvcc"], how, names, tuple(filter(None, details)))


def _named(toolkit: Toolkit) -> str:
    return f"CUDA {toolkit.cuda or '?'} ({toolkit.folder})"


def _winner(found: InstalledToolkits) -> tuple[str, ...]:
    """Return which of several toolkits torch builds extensions with."""
    if len(found.found) <= 1:
        return ()
    if found.building is None:
        return (Phrase("none of them is the one that torch would build extensions with"),)
    toolkit, origin = _named(found.building), found.building.origin
    told = Phrase(
        "torch builds extensions with {toolkit}: {origin}", toolkit=toolkit, origin=origin
    )
    return (told,)


def _conflict(found: InstalledToolkits) -> str | None:
    nvcc, home = found.nvcc, found.home
    if nvcc is None or home is None or nvcc.cuda == home.cuda:
        return None
    return Phrase(
        "CUDA_HOME has CUDA {home}, nvcc on PATH is of CUDA {nvcc}", home=home.cuda, nvcc=nvcc.cuda
    )


def _for_torch(toolkit: Toolkit | None, packages: Packages) -> str | None:
    """Return whether the major versions are the same: minor ones may differ for extensions."""
    cuda = packages.torch.cuda if packages.torch else None
    if toolkit is None or toolkit.cuda is None or cuda is None:
        return None
    if toolkit.cuda.partition(".")[0] == cuda.partition(".")[0]:
        return Phrase("same")
    return Phrase("another: nvcc is of CUDA {nvcc}, torch of {cuda}", nvcc=toolkit.cuda, cuda=cuda)


def _for_gpu(toolkit: Toolkit | None, host: Host) -> str | None:
    """Return whether a toolkit's nvcc compiles for every GPU of this machine."""
    capabilities = [gpu.compute_capability for gpu in host.gpus if gpu.compute_capability]
    if toolkit is None or toolkit.cuda is None or not capabilities:
        return None
    table = catalogue.toolkits()
    for capability in capabilities:
        if not toolkit_builds_for(toolkit.cuda, capability, table):
            return Phrase(
                "unknown: nvcc of CUDA {cuda} does not compile for compute capability {capability}",
                cuda=toolkit.cuda,
                capability=capability,
            )
    return Phrase("known")


def _for_nvcc(compiler: tuple[str, str] | None, nvcc: Toolkit | None) -> str | None:
    """Return whether gcc is older than the oldest one that the toolkit's header refuses."""
    if compiler is None or nvcc is None or not Path(compiler[0]).name.startswith(_GCC):
        return None
    newest = newest_gcc(Path(nvcc.folder))
    if newest is None:
        return None
    # `12` lets all of 12 pass, `4.9` all of 4.9.
    limit = version(newest).release
    if version(compiler[1]).release[: len(limit)] <= limit:
        return Phrase("taken")
    return Phrase(
        "too new: {compiler} {version} is here, CUDA {cuda} takes gcc up to {newest}",
        compiler=compiler[0],
        version=compiler[1],
        cuda=nvcc.cuda,
        newest=newest,
    )
