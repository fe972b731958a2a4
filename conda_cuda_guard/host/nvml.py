"""Ask the driver through NVML (pynvml), in a child process."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model import Phrase

from .child import ask_probe
from .finding import Finding
from .library import why_missing
from .values import clean_cuda, clean_driver, make_gpu
from .visibility import mig_ids

if TYPE_CHECKING:
    from .finding import Scene


def look(scene: Scene) -> Finding:
    """Return driver, CUDA version and GPUs, in the order of their PCI addresses."""
    missing = why_missing("libnvidia-ml.so.1", scene)
    if missing:
        return Finding("nvml", problem=missing)
    folder = _pynvml_folder()
    if folder is None:
        return Finding("nvml", problem=Phrase("pynvml (package nvidia-ml-py) is not installed"))
    report = ask_probe("probe_nvml.py", scene, str(folder), *mig_ids(scene.environ))
    return finding_from("nvml", report)


def _pynvml_folder() -> Path | None:
    # Found, not imported: importing its 7000 lines is left to the child.
    spec = importlib.util.find_spec("pynvml")
    if spec is None or spec.origin is None:
        return None
    origin = Path(spec.origin)
    return origin.parent.parent if spec.submodule_search_locations else origin.parent


def finding_from(source: str, report: dict[str, Any]) -> Finding:
    """Return what the probe reported, with the values that lie left out."""
    gpus, parents = report.get("gpus"), report.get("parents") or {}
    return Finding(
        source,
        driver=clean_driver(report.get("driver")),
        cuda=clean_cuda(report.get("cuda")),
        gpus=None
        if gpus is None
        else tuple(make_gpu(gpu.get("name"), gpu.get("capability")) for gpu in gpus),
        problem=report.get("problem"),
        uuids=tuple(gpu.get("uuid") for gpu in gpus or ()),
        parents={name: uuid for name, uuid in parents.items() if uuid},
        memory=tuple(_memory(gpu.get("memory")) for gpu in gpus or ()),
    )


def _memory(told: object) -> tuple[int, int] | None:
    if not isinstance(told, list) or [type(one) for one in told] != [int, int]:
        return None
    free, total = told
    return (free, total) if 0 <= free <= total and total else None
