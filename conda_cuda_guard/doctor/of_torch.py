"""The last links: torch and its companions, judged by the planner's rules for this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase, Request
from conda_cuda_guard.planner.asking import COMPANIONS
from conda_cuda_guard.planner.choose import judge
from conda_cuda_guard.planner.driver import level
from conda_cuda_guard.planner.situation import read
from conda_cuda_guard.planner.standing import public
from conda_cuda_guard.sources import from_catalogue

from .report import Link
from .scene import Part

if TYPE_CHECKING:
    from conda_cuda_guard.host.packages import Packages
    from conda_cuda_guard.model import Build, Catalogue, Host, Installed
    from conda_cuda_guard.planner.choose import Verdict

    from .scene import Seen

_JUDGED = ("torchvision", "torchaudio")


def torch(seen: Seen, packages: Packages) -> Part:
    """Examine torch: its build, who installed it, whether driver and GPU run it."""
    there = packages.torch
    facts: dict[str, str | None] = {
        "platform": seen.host.platform,
        "numpy": packages.versions.get("numpy"),
        "installed_by": _installed_by(packages),
    }
    if there is None:
        hint = Phrase("to install it: pipcuda install torch, or conda cuda-install pytorch")
        absent = Link("torch", None, "package metadata", ("torch",), (hint,))
        return Part((absent,), facts)
    facts["torch"] = there.version
    facts["torch_cuda"] = there.cuda or ("other" if there.is_other else "none")
    verdict, architectures = _judged(there, seen.host)
    facts["torch_architectures"] = architectures
    facts.update(verdict)
    return Part((_link(facts),), facts)


def _link(facts: dict[str, str | None]) -> Link:
    cuda = facts["torch_cuda"]
    value = {
        "none": Phrase("{torch}, built for the CPU", torch=facts["torch"]),
        "other": Phrase("{torch}, built for another accelerator", torch=facts["torch"]),
    }.get(cuda or "", Phrase("{torch}, built for CUDA {cuda}", torch=facts["torch"], cuda=cuda))
    names = ("torch", "torch_cuda", "torch_on_driver", "torch_on_gpu", "installed_by", "numpy")
    told = {
        "torch_on_driver": Phrase("on this driver: {x}", x=facts.get("torch_on_driver")),
        "torch_on_gpu": Phrase("on this GPU: {x}", x=facts.get("torch_on_gpu")),
        "torch_architectures": Phrase("has code for: {x}", x=facts.get("torch_architectures")),
        "installed_by": Phrase("installed by: {x}", x=facts.get("installed_by")),
    }
    details = tuple(text for name, text in told.items() if facts.get(name))
    return Link("torch", value, "package metadata", names, details)


def _installed_by(packages: Packages) -> str | None:
    if packages.torch is None:
        return None
    if packages.torch.by_conda:
        return "conda"
    return Phrase("pip over conda") if "pytorch" in packages.by_conda else "pip"


def _judged(there: Installed, host: Host) -> tuple[dict[str, str | None], str | None]:
    """Judge a CUDA build: on the driver by rule 2, on the GPUs by rule 3 of the contract."""
    if there.cuda is None or not host.has_cuda:
        return {}, None
    manager = "conda" if there.by_conda else "pip"
    catalogue = from_catalogue(manager, host.platform)
    build = _build(there, catalogue)
    if build is None:
        runs = level(there.cuda, host, catalogue.drivers)
        return {"torch_on_driver": Phrase(runs) if runs else _too_old(there, host)}, None
    situation = read(Request(manager, (), (host,)), catalogue)
    verdict = judge(build, situation, catalogue)
    known = any(gpu.compute_capability for gpu in host.gpus)
    on_gpu = _not_covered(verdict) if verdict.problem == "gpu" else Phrase("covered")
    facts = {
        "torch_on_driver": _too_old(there, host)
        if verdict.problem == "driver"
        else Phrase(verdict.level or ""),
        "torch_on_gpu": on_gpu if known and verdict.problem != "driver" else None,
    }
    return facts, _listed(build)


def _build(there: Installed, catalogue: Catalogue) -> Build | None:
    same = (b for b in catalogue.builds if (b.release, b.cuda) == (public(there), there.cuda))
    return next(same, None)


def _too_old(there: Installed, host: Host) -> str:
    return Phrase(
        "too old: it runs up to CUDA {newest}, torch is built for {cuda}",
        newest=host.cuda,
        cuda=there.cuda,
    )


def _not_covered(verdict: Verdict) -> str:
    gpu = verdict.gpu
    if gpu is None:
        return ""
    name, capability = gpu.name or Phrase("the GPU"), gpu.compute_capability
    return Phrase("not covered: {name} ({capability})", name=name, capability=capability)


def _listed(build: Build) -> str | None:
    if build.architectures is None:
        return None
    ptx = (f"{one} (PTX)" for one in build.architectures.ptx)
    return ", ".join((*build.architectures.machine_code, *ptx))


def companions(seen: Seen, packages: Packages) -> Part:
    """Examine whether torchvision and torchaudio belong to the torch that is there."""
    there = packages.torch
    found = {n: packages.versions[n] for n in COMPANIONS if n in packages.versions}
    facts: dict[str, str | None] = {name: found.get(name) for name in _JUDGED}
    if there is not None:
        facts.update({f"{n}_for_torch": _pair(there, n, found.get(n), seen) for n in _JUDGED})
    value = ", ".join(f"{name} {version}" for name, version in found.items()) or None
    details = (facts.get(f"{name}_for_torch") for name in _JUDGED)
    names = tuple(facts)
    told = tuple(one for one in details if one and one != "belongs")
    return Part((Link("companions", value, "package metadata", names, told),), facts)


def _pair(there: Installed, name: str, version: str | None, seen: Seen) -> str | None:
    """Compare with the companion that belongs to this release, and with its label."""
    catalogue = from_catalogue("pip", seen.host.platform)
    release = next((one for one in catalogue.releases if one.version == public(there)), None)
    known = release.pip.get(name) if release else None
    if version is None or known is None:
        return None
    number, _, label = version.partition("+")
    if number not in known.versions:
        return Phrase(
            "another: {name} {version} is there, {right} belongs to torch {torch}",
            name=name,
            version=version,
            right=known.versions[0],
            torch=there.version,
        )
    own = there.version.partition("+")[2]
    if label and own and label != own:
        return Phrase(
            "another: {name} {version} is not of the build of torch {torch}",
            name=name,
            version=version,
            torch=there.version,
        )
    return Phrase("belongs")
