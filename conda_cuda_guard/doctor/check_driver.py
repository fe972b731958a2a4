"""The first links: GPUs, driver, newest CUDA, and what is around them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.catalogue import family
from conda_cuda_guard.host.surroundings import look_around
from conda_cuda_guard.host.visibility import VARIABLE
from conda_cuda_guard.model import Host, Phrase, Request, joined, redact, version
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.compatibility import minimum_driver
from conda_cuda_guard.sources.builtin import from_catalogue

from .report import OK, UNKNOWN, CheckResult, Link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.host.finding import Detection, Finding
    from conda_cuda_guard.host.surroundings import Surroundings
    from conda_cuda_guard.model import Gpu

    from .report import DetectedMachine, Environment


def machine(environment: Environment, detected: DetectedMachine) -> CheckResult:
    """Examine GPUs, driver and newest CUDA."""
    around = look_around(environment.environ, environment.roots)
    found = detected.detection
    facts = driver_facts(found, around, environment.environ)
    gpus = _gpus(found, around, facts["gpu_memory"])
    links = (gpus, _driver(detected, environment), _cuda(found), _place(around))
    return CheckResult(links, facts, slots=_slots(detected.host))


def machine_as_declared(environment: Environment, detected: DetectedMachine) -> CheckResult:
    """Return the links of a machine that was declared, of which nothing can be examined."""
    host = detected.host
    gpus = [gpu for gpu in host.gpus if gpu.name or gpu.compute_capability]
    facts = {
        "gpu": ", ".join(gpu.name or "?" for gpu in gpus) or None,
        "compute_capability": ", ".join(gpu.compute_capability or "?" for gpu in gpus) or None,
        "driver": host.driver,
        "driver_cuda": host.cuda,
    }
    details = tuple(next_branch(host, environment.manager))
    links = (
        Link("GPU", _named(host.gpus), _DECLARED, ("gpu", "compute_capability")),
        Link("driver", host.driver, _DECLARED, ("driver", "torch_on_driver"), details),
        Link("newest CUDA of the driver", host.cuda, _DECLARED, ("driver_cuda",)),
    )
    return CheckResult(links, facts, slots=_slots(host))


_DECLARED = Phrase("as declared")


def _slots(host: Host) -> dict[str, str | None]:
    known = dict.fromkeys(gpu.compute_capability for gpu in host.gpus if gpu.compute_capability)
    return {"architectures": ";".join(filter(None, known)) or None}


def _named(gpus: tuple[Gpu, ...]) -> str | None:
    shown = [
        Phrase(
            "{gpu} (compute capability {capability})",
            gpu=gpu.name or "GPU",
            capability=gpu.compute_capability or "?",
        )
        for gpu in gpus
    ]
    return joined("; ", shown) if shown else None


def _gpus(found: Detection, around: Surroundings, memory: str | None) -> Link:
    facts = (
        "gpu", "compute_capability", "gpu_memory", "cards", "cuda_visible_devices", "device_files",
    )  # fmt: skip
    details = [found.visible_note] if found.visible_note else []
    if memory:
        details.append(Phrase("memory: {memory}", memory=memory))
    if around.cards and not found.gpus:
        details.append(Phrase("{count} NVIDIA card(s) on the PCI bus", count=around.cards))
    source = next((one.source for one in found.trail if one.gpus is not None), "")
    return Link("GPU", _named(found.gpus or ()), source, facts, tuple(details))


def _driver(detected: DetectedMachine, environment: Environment) -> Link:
    found = detected.detection
    facts = (
        "driver", "driver_libraries", "driver_error", "driver_unknown", "driver_disagreement",
        "kernel_driver", "torch_on_driver",
    )  # fmt: skip
    details = [*found.disagreements, *map(_trail, found.trail)]
    source = next((one.source for one in found.trail if one.driver), "")
    if found.driver:
        details = [*next_branch(detected.host, environment.manager), *details]
    answers = any(one.cuda or one.errors for one in found.trail)
    value = found.driver or (Phrase("there, its version is not known") if answers else None)
    waiting = value is None and any(one.is_open for one in found.trail)
    verdict = UNKNOWN if waiting else OK
    return Link("driver", value, source, facts, tuple(details), verdict)


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
    return Link("runs in", value, "files, variables", ("container", "container_gpu", "wsl"))


def next_branch(host: Host, manager: str) -> list[str]:
    """Return which torch a newer driver would allow; nothing where this one runs the newest."""
    if host.cuda is None:
        return []
    catalogue = from_catalogue(manager, host.platform)
    request = Request(manager, (family().lead_name(manager),), (host,))
    now = _choice(make_plan(request, catalogue).requirements)
    newer = [row for row in catalogue.drivers.rows if version(row.cuda) > version(host.cuda)]
    for row in reversed(newer):
        minimum = minimum_driver(row, host.platform)
        if minimum is None:
            continue
        then = replace(host, driver=minimum, cuda=row.cuda)
        plan = make_plan(replace(request, hosts=(then,)), catalogue)
        choice = _choice(plan.requirements)
        if plan.status != "refused" and choice != now:
            told = Phrase(
                "driver {minimum} and newer (CUDA {cuda}) would allow {choice}",
                minimum=minimum,
                cuda=row.cuda,
                choice=choice,
            )
            return [told]
    return []


def _choice(requirements: tuple[str, ...]) -> str:
    return " ".join(requirements)


_GIB = 2**30
_NEARLY_NONE = 0.1  # of a GPU's memory
_PROXIES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy")


def driver_facts(
    found: Detection, around: Surroundings, environ: Mapping[str, str]
) -> dict[str, str | None]:
    """Return the facts of driver and GPUs, by their names in `Evidence`."""
    gpus = found.gpus or ()
    kernel = _of(found, "kernel").driver
    told = [error.phrase for one in found.trail for error in one.errors]
    visible = environ.get(VARIABLE)
    note = (" (", found.visible_note, ")") if found.visible_note else ()
    mismatch = _mismatch(found)
    missing = None if mismatch else _missing(found)
    return {
        "gpu": ", ".join(gpu.name or "?" for gpu in gpus) or None,
        "compute_capability": ", ".join(gpu.compute_capability or "?" for gpu in gpus) or None,
        "gpu_memory": _memory(_of(found, "nvml")),
        "cards": None if around.cards is None else str(around.cards),
        "driver": found.driver,
        "driver_cuda": found.cuda,
        "driver_error": joined("; ", told) if told else None,
        "driver_unknown": None if around.tegra else _unknown(found),
        "driver_disagreement": joined("; ", found.disagreements) if found.disagreements else None,
        "driver_libraries": mismatch or missing or ("match" if kernel else None),
        "kernel_driver": kernel or ("nouveau" if around.nouveau else None),
        "device_files": around.device_files,
        "cuda_visible_devices": None if visible is None else joined("", (repr(visible), *note)),
        "container": around.container,
        "container_gpu": (
            Phrase("none: {what}", what=missing) if around.container and missing else None
        ),
        "wsl": around.wsl,
        "proxy": _proxy(environ),
    }


def _proxy(environ: Mapping[str, str]) -> str | None:
    found = (environ.get(name) for name in _PROXIES)
    return redact(next(filter(None, found), "")) or None


def _memory(nvml: Finding) -> str | None:
    """Return how much is free; of several GPUs one that is full is nothing unusual."""
    known = [room for room in nvml.memory if room is not None]
    told = [
        Phrase("{free:.1f} of {total:.1f} GiB free", free=free / _GIB, total=total / _GIB)
        for free, total in known
    ]
    if known and all(free < total * _NEARLY_NONE for free, total in known):
        return Phrase("nearly full: {memory}", memory=joined("; ", told))
    return joined("; ", told) or None


def _unknown(found: Detection) -> str | None:
    """Return what tells the CUDA of a driver that nothing tells the version of."""
    if found.driver or not found.cuda:
        return None
    source = next(one.source for one in found.trail if one.cuda)
    return Phrase("{source} says CUDA {cuda}", source=source, cuda=found.cuda)


def _of(found: Detection, source: str) -> Finding:
    return next(one for one in found.trail if one.source == source)


# The codes for libraries of another version than the kernel's module.
_MISMATCH = {("nvml", 18), ("nvidia-smi", 18), ("libcuda", 803)}


def _mismatch(found: Detection) -> str | None:
    """Return how the driver's libraries are of another version than its kernel module."""
    kernel, nvml = _of(found, "kernel"), _of(found, "nvml")
    if kernel.driver and nvml.driver not in (None, kernel.driver):
        return Phrase(
            "mismatch: the module is {module}, the library {library}",
            module=kernel.driver,
            library=nvml.driver,
        )
    errors = [error for one in found.trail for error in one.errors]
    told = [one.phrase for one in errors if (one.source, one.code) in _MISMATCH]
    return Phrase("mismatch: {errors}", errors=joined("; ", told)) if told else None


def _missing(found: Detection) -> str | None:
    """Return which of the driver's libraries are not installed where the driver is."""
    if not found.driver or not _of(found, "libcuda").is_absent:
        return None
    absent = "libcuda, NVML" if _of(found, "nvml").is_absent else "libcuda"
    return Phrase("missing: {names}", names=absent)
