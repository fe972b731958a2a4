"""The links between driver and torch: toolkits, nvcc, cuDNN, the library path, the disk."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from conda_cuda_guard.host.libraries import shadowing, system_cudnn
from conda_cuda_guard.host.toolkits import find_toolkits, host_compiler
from conda_cuda_guard.model import Phrase

from .report import Link
from .scene import Part

if TYPE_CHECKING:
    from conda_cuda_guard.host.packages import Packages
    from conda_cuda_guard.host.toolkits import Toolkit, Toolkits

    from .scene import Patient

_GIB = 2**30


def toolkits(patient: Patient, packages: Packages) -> Part:
    """Examine the toolkits; torch's wheels need none, building extensions does."""
    found = find_toolkits(patient.environ, patient.roots, patient.prefix)
    cuda = packages.torch.cuda if packages.torch else None
    facts = {
        "toolkits": "; ".join(map(_named, found.found)) or None,
        "nvcc": _named(found.nvcc) if found.nvcc else None,
        "cuda_home": found.home_variable,
        "toolkit_conflict": _conflict(found),
        "nvcc_for_torch": _against(found.nvcc, cuda),
        "host_compiler": host_compiler(patient.environ) if found.nvcc else None,
    }
    how = found.nvcc.origin if found.nvcc else ""
    details = [facts["cuda_home"]] if facts["cuda_home"] else []
    if not found.nvcc and found.found:
        details.append(
            Phrase("to use it: export PATH={folder}/bin:$PATH", folder=found.found[0].folder)
        )
    if facts["host_compiler"]:
        details.append(Phrase("C++ compiler: {compiler}", compiler=facts["host_compiler"]))
    links = (
        Link("CUDA toolkits", facts["toolkits"], "files", ("toolkits", "toolkit_conflict")),
        Link("nvcc", facts["nvcc"], how, ("nvcc", "nvcc_for_torch"), tuple(filter(None, details))),
    )
    return Part(links, facts)


def _named(toolkit: Toolkit) -> str:
    return f"CUDA {toolkit.cuda or '?'} ({toolkit.folder})"


def _conflict(found: Toolkits) -> str | None:
    nvcc, home = found.nvcc, found.home
    if nvcc is None or home is None or nvcc.cuda == home.cuda:
        return None
    return Phrase(
        "CUDA_HOME has CUDA {home}, nvcc on PATH is of CUDA {nvcc}", home=home.cuda, nvcc=nvcc.cuda
    )


def _against(nvcc: Toolkit | None, cuda: str | None) -> str | None:
    """Compare majors: torch builds extensions across the minor versions of one major."""
    if nvcc is None or nvcc.cuda is None or cuda is None:
        return None
    same = nvcc.cuda.partition(".")[0] == cuda.partition(".")[0]
    told = Phrase("another: nvcc is of CUDA {nvcc}, torch of {cuda}", nvcc=nvcc.cuda, cuda=cuda)
    return "same" if same else told


def libraries(patient: Patient, packages: Packages) -> Part:
    """Examine cuDNN, and the copies of libraries that hide torch's own."""
    hiding = shadowing(patient.environ, patient.prefix)
    name, own = _own_cudnn(packages)
    wanted = packages.wants.get(name or "")
    system = system_cudnn(patient.roots)
    places = [f"{own} ({name})" if own else "", f"{system[0]} ({system[1]})" if system else ""]
    path = patient.environ.get("LD_LIBRARY_PATH") or None
    facts = {
        "cudnn": "; ".join(filter(None, places)) or None,
        "cudnn_for_torch": None if not wanted else _pinned(own, wanted),
        "ld_library_path": path,
        "shadowing": ", ".join(hiding) or None,
    }
    details = (Phrase("torch was made with {wanted}", wanted=wanted),) if wanted else ()
    links = (
        Link("cuDNN", facts["cudnn"], "packages, files", ("cudnn", "cudnn_for_torch"), details),
        Link("LD_LIBRARY_PATH", path, "variable", ("ld_library_path", "shadowing"), hiding),
    )
    return Part(links, facts)


def _own_cudnn(packages: Packages) -> tuple[str | None, str | None]:
    for name, version in packages.versions.items():
        if name.startswith("nvidia-cudnn"):
            return name, version
    conda = packages.by_conda.get("cudnn")
    return ("cudnn", conda) if conda else (None, None)


def _pinned(own: str | None, wanted: str) -> str:
    if own == wanted:
        return "same"
    there = own or Phrase("none")
    return Phrase("another: {own} is there, torch wants {wanted}", own=there, wanted=wanted)


def disk(patient: Patient) -> Part:
    """Examine the free space where packages go: a CUDA torch takes several GiB."""
    free = shutil.disk_usage(patient.prefix).free
    text = Phrase("{free:.1f} GiB free", free=free / _GIB)
    return Part((Link("disk", text, str(patient.prefix), ("disk",)),), {"disk": text})
