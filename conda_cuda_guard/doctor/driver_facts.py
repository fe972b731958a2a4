"""The facts of driver and GPUs, for the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase, joined
from conda_cuda_guard.model.shown_text import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.host.finding import Detection, Finding
    from conda_cuda_guard.host.surroundings import Surroundings

_VARIABLE = "CUDA_VISIBLE_DEVICES"
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
    visible = environ.get(_VARIABLE)
    note = (" (", found.visible_note, ")") if found.visible_note else ()
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
        "driver_libraries": _libraries(found),
        "kernel_driver": kernel or ("nouveau" if around.nouveau else None),
        "device_files": around.device_files,
        "cuda_visible_devices": None if visible is None else joined("", (repr(visible), *note)),
        "container": around.container,
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


def _libraries(found: Detection) -> str | None:
    """Return whether the driver's libraries are installed and of its kernel module's version."""
    kernel, nvml, libcuda = (_of(found, one) for one in ("kernel", "nvml", "libcuda"))
    if kernel.driver and nvml.driver not in (None, kernel.driver):
        return Phrase(
            "mismatch: the module is {module}, the library {library}",
            module=kernel.driver,
            library=nvml.driver,
        )
    errors = [error for one in found.trail for error in one.errors]
    told = [one.phrase for one in errors if (one.source, one.code) in _MISMATCH]
    if told:
        return Phrase("mismatch: {errors}", errors=joined("; ", told))
    if libcuda.is_absent and found.driver:
        absent = "libcuda, NVML" if nvml.is_absent else "libcuda"
        return Phrase("missing: {names}", names=absent)
    return "match" if kernel.driver else None
