"""The first links: GPUs, driver, newest CUDA, and what is around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.host.surroundings import look_around
from conda_cuda_guard.model import Phrase, joined

from .facts_of_driver import driver_facts
from .report import Link
from .scene import Part
from .unlocking import next_branch

if TYPE_CHECKING:
    from conda_cuda_guard.host.finding import Detection, Finding
    from conda_cuda_guard.host.surroundings import Surroundings

    from .scene import Patient, Seen


def machine(patient: Patient, seen: Seen) -> Part:
    """Examine GPUs, driver and newest CUDA."""
    around = look_around(patient.environ, patient.roots)
    found = seen.detection
    facts = driver_facts(found, around, patient.environ)
    gpus = _gpus(found, around, facts["gpu_memory"])
    return Part((gpus, _driver(seen, patient), _cuda(found), _place(around)), facts)


def _gpus(found: Detection, around: Surroundings, memory: str | None) -> Link:
    facts = (
        "gpu", "compute_capability", "gpu_memory", "cards", "cuda_visible_devices", "device_files",
    )  # fmt: skip
    shown = [
        Phrase(
            "{gpu} (compute capability {capability})",
            gpu=gpu.name or "GPU",
            capability=gpu.compute_capability or "?",
        )
        for gpu in found.gpus or ()
    ]
    details = [found.visible_note] if found.visible_note else []
    if memory:
        details.append(Phrase("memory: {memory}", memory=memory))
    if around.cards and not found.gpus:
        details.append(Phrase("{count} NVIDIA card(s) on the PCI bus", count=around.cards))
    source = next((one.source for one in found.trail if one.gpus is not None), "")
    return Link("GPU", joined("; ", shown) or None, source, facts, tuple(details))


def _driver(seen: Seen, patient: Patient) -> Link:
    found = seen.detection
    facts = ("driver", "driver_libraries", "driver_error", "kernel_driver", "torch_on_driver")
    details = [*found.disagreements, *map(_trail, found.trail)]
    source = next((one.source for one in found.trail if one.driver), "")
    if found.driver:
        details = [*next_branch(seen.host, patient.manager), *details]
    return Link("driver", found.driver, source, facts, tuple(details))


def _trail(one: Finding) -> str:
    told = [
        Phrase("driver {version}", version=one.driver) if one.driver else "",
        f"CUDA {one.cuda}" if one.cuda else "",
        "" if one.gpus is None else Phrase("{count} GPU(s)", count=len(one.gpus)),
        one.problem or "",
    ]
    found = joined(", ", filter(None, told)) or Phrase("nothing")
    return Phrase(
        "{source}: {found} ({time:.0f} ms)",
        source=one.source,
        found=found,
        time=one.seconds * 1000,
    )


def _cuda(found: Detection) -> Link:
    source = next((one.source for one in found.trail if one.cuda), "")
    return Link("newest CUDA of the driver", found.cuda, source, ("driver_cuda",))


def _place(around: Surroundings) -> Link:
    told = [
        Phrase("container ({kind})", kind=around.container) if around.container else "",
        f"WSL ({around.wsl})" if around.wsl else "",
        Phrase("session ({kind})", kind=around.remote) if around.remote else "",
    ]
    value = joined(", ", filter(None, told)) or Phrase("the system itself")
    return Link("runs in", value, "files, variables", ("container", "wsl"))
