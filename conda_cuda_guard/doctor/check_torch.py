"""The last links: torch and its companions, judged by the planner's rules for this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.host.packages import read_build_label
from conda_cuda_guard.model import Phrase, joined, read_cuda
from conda_cuda_guard.planner.compatibility import DIRECT, covers, level
from conda_cuda_guard.sources.builtin import from_catalogue

from .report import CheckResult, Link
from .rules import FACT_WORDS

if TYPE_CHECKING:
    import re

    from conda_cuda_guard.host.finding import Detection
    from conda_cuda_guard.host.packages import Packages
    from conda_cuda_guard.model import Build, Catalogue, Host, Installed

    from .report import DetectedMachine


# The link and the fact of the lead; rules and reports name them so, whatever leads.
TORCH = "torch"


def torch(detected: DetectedMachine, packages: Packages) -> CheckResult:
    """Return the link of torch: its build, its installer, whether driver and GPU run it."""
    there = packages.torch
    facts: dict[str, str | None] = {
        "platform": detected.host.platform,
        **{name: packages.versions.get(name) for name in _conflicting()},
        "installed_by": _installed_by(packages),
    }
    if there is None:
        hint = Phrase("to install it: pipcuda install torch, or conda cuda-install pytorch")
        absent = Link(TORCH, None, "package metadata", (TORCH,), (hint,))
        return CheckResult((absent,), facts)
    facts[TORCH] = there.version
    facts["torch_cuda"] = there.cuda or ("other" if there.is_other else "none")
    facts.update(_judged(there, detected.host))
    facts["gpu_for_torch"] = _gpu_for(there, detected.detection)
    return CheckResult((_link(facts),), facts, slots={"torch_cuda": there.cuda})


def _conflicting() -> list[str]:
    """Return the packages that break some releases, and that rules have a fact for."""
    names = dict.fromkeys(one.package for one in catalogue.family().conflicts)
    return [name for name in names if name in FACT_WORDS]


def _gpu_for(there: Installed, found: Detection) -> str | None:
    """Return why there is no GPU for a CUDA build, where there is none."""
    if there.cuda is None:
        return None
    if found.driver is None and found.cuda is None:
        if any(one.is_open for one in found.trail):
            return None
        return Phrase("none: no NVIDIA driver answers")
    return Phrase("none: the driver shows no GPU") if found.gpus == () else None


def _link(facts: dict[str, str | None]) -> Link:
    cuda = facts["torch_cuda"]
    value = {
        "none": Phrase("{torch}, built for the CPU", torch=facts[TORCH]),
        "other": Phrase("{torch}, built for another accelerator", torch=facts[TORCH]),
    }.get(cuda or "", Phrase("{torch}, built for CUDA {cuda}", torch=facts[TORCH], cuda=cuda))
    names = (
        TORCH, "torch_cuda", "torch_on_driver", "torch_on_gpu", "gpu_for_torch", "installed_by",
        *_conflicting(),
    )  # fmt: skip
    told = {
        "torch_on_driver": Phrase("on this driver: {x}", x=facts.get("torch_on_driver")),
        "torch_on_gpu": Phrase("on this GPU: {x}", x=facts.get("torch_on_gpu")),
        "torch_architectures": Phrase("has code for: {x}", x=facts.get("torch_architectures")),
        "installed_by": Phrase("installed by: {x}", x=facts.get("installed_by")),
    }
    details = tuple(text for name, text in told.items() if facts.get(name))
    return Link(TORCH, value, "package metadata", names, details)


def _installed_by(packages: Packages) -> str | None:
    if packages.torch is None:
        return None
    if packages.torch.by_conda:
        return "conda"
    both = catalogue.family().lead.conda in packages.by_conda
    return Phrase("pip over conda") if both else "pip"


def _judged(there: Installed, host: Host) -> dict[str, str | None]:
    """Return how a CUDA build runs: on the driver by the contract's rule 2, on the GPUs by 3."""
    if there.cuda is None:
        return {}
    catalogue = from_catalogue("conda" if there.by_conda else "pip", host.platform)
    build = _build(there, catalogue)
    facts = {"torch_architectures": _listed(build) if build else None}
    if not host.has_cuda:
        return facts
    runs = level(there.cuda, host, catalogue.drivers)
    facts["torch_on_driver"] = Phrase(runs) if runs else _too_old(there, host)
    if build is not None:
        # A driver that is too old does not hide a GPU that no driver helps.
        facts["torch_on_gpu"] = _on_gpus(build, host, runs or DIRECT, catalogue)
    return facts


def _on_gpus(build: Build, host: Host, runs: str, catalogue: Catalogue) -> str | None:
    known = [gpu for gpu in host.gpus if gpu.compute_capability]
    for gpu in known:
        if not covers(build, gpu.compute_capability or "", runs, catalogue.toolkits):
            name = gpu.name or Phrase("the GPU")
            capability = gpu.compute_capability
            return Phrase("not covered: {name} ({capability})", name=name, capability=capability)
    return Phrase("covered") if known else None


def _build(there: Installed, catalogue: Catalogue) -> Build | None:
    same = (b for b in catalogue.builds if (b.release, b.cuda) == (there.release, there.cuda))
    return next(same, None)


def _too_old(there: Installed, host: Host) -> str:
    return Phrase(
        "too old: it runs up to CUDA {newest}, torch is built for {cuda}",
        newest=host.cuda,
        cuda=there.cuda,
    )


def _listed(build: Build) -> str | None:
    if build.architectures is None:
        return None
    ptx = (f"{one} (PTX)" for one in build.architectures.ptx)
    return ", ".join((*build.architectures.machine_code, *ptx))


def companions(detected: DetectedMachine, packages: Packages) -> CheckResult:
    """Return the link of the companions, and whether they belong to the installed torch."""
    there = packages.torch
    found = {
        n: packages.versions[n] for n in catalogue.family().own_names[1:] if n in packages.versions
    }
    # Those that rules have facts for.
    judged = [n for n in catalogue.family().companions if f"{n}_for_torch" in FACT_WORDS]
    facts: dict[str, str | None] = {name: found.get(name) for name in judged}
    if there is None and found:
        facts["companions_alone"] = ", ".join(f"{name} {one}" for name, one in found.items())
    if there is not None:
        facts.update({f"{n}_for_torch": _pair(there, n, found.get(n), detected) for n in judged})
    value = ", ".join(f"{name} {version}" for name, version in found.items()) or None
    details = (facts.get(f"{name}_for_torch") for name in judged)
    names = ("companions_alone", *facts)
    told = tuple(one for one in details if one and one != "belongs")
    return CheckResult((Link("companions", value, "package metadata", names, told),), facts)


def _pair(
    there: Installed, name: str, version: str | None, detected: DetectedMachine
) -> str | None:
    """Return whether a companion belongs to this release and is of the same build."""
    catalogue = from_catalogue("pip", detected.host.platform)
    release = next((one for one in catalogue.releases if one.version == there.release), None)
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


def extensions(packages: Packages) -> CheckResult:
    """Return the link of compiled extensions, and whether the installed torch is theirs."""
    there = packages.torch
    found = {
        name: one
        for name, version in packages.versions.items()
        if (one := read_build_label(version))
    }
    told = [f"{name} {packages.versions[name]}" for name in found]
    wrong = [
        Phrase(
            "{name} {version} is for torch {torch}",
            name=name,
            version=packages.versions[name],
            torch=f"{one['major']}.{one['minor']}",
        )
        for name, one in found.items()
        if there is not None and not _belongs(one, there)
    ]
    fact = "; ".join(told) or None
    if wrong:
        fact = Phrase("another: {what}", what=joined("; ", wrong))
    link = Link("extensions", fact, "package metadata", ("extensions",))
    named = " ".join(name for name, one in found.items() if there and not _belongs(one, there))
    return CheckResult((link,), {"extensions": fact}, slots={"extension": named or None})


def _belongs(label: re.Match[str], there: Installed) -> bool:
    """Return whether torch's minor version and CUDA's major one (`cu12`, `cu121`) are the same."""
    if there.release.split(".")[:2] != [label["major"], label["minor"]]:
        return False
    named, own = (read_cuda(text) if text else None for text in (label["cuda"], there.cuda))
    return named is None or own is None or named.major == own.major
