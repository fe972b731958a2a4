"""Detection by NVIDIA's driver libraries, NVML and libcuda, if they are installed at all."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model import Phrase

from .child import ask_probe, probe_environment
from .finding import Finding
from .host_json import clean_cuda, clean_driver, make_gpu
from .visibility import mig_ids

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .finding import Scene

_WINDOWS_NAMES = {"libnvidia-ml.so.1": "nvml.dll", "libcuda.so.1": "nvcuda.dll"}


def why_missing(name: str, scene: Scene) -> str | None:
    """Return why a library, named as on Linux, cannot be asked; None when it can."""
    if sys.platform == "darwin":
        return "NVIDIA has no driver for macOS"
    elif sys.platform == "win32":  # noqa: RET505  (so mypy checks each system)
        return _why_missing_on_windows(_WINDOWS_NAMES[name], scene)
    else:
        return _why_missing_on_linux(name, scene)


def _why_missing_on_linux(name: str, scene: Scene) -> str | None:
    if any((folder / name).exists() for folder in _library_path(scene)):
        return None
    return _why_not_loadable(name)


def _library_path(scene: Scene) -> Iterator[Path]:
    # Not this process's own path: the probe gets the environment of the scene.
    for folder in probe_environment(scene).get("LD_LIBRARY_PATH", "").split(os.pathsep):
        if folder:
            yield Path(folder)


def _why_not_loadable(name: str) -> str | None:
    """Return why a library cannot be loaded; loading it runs none of its code."""
    # ctypes.util.find_library would start ldconfig and gcc.
    try:
        import ctypes

        ctypes.CDLL(name)
    except ImportError:
        return Phrase("this Python has no ctypes")
    except OSError as error:
        return Phrase("{name} not found", name=name) if "No such file" in str(error) else str(error)
    return None


def _why_missing_on_windows(name: str, scene: Scene) -> str | None:
    folders = windows_folders(scene)
    found = any((folder / name).exists() for folder in folders)
    return None if found else Phrase("{name} not found", name=name)


def windows_folders(scene: Scene) -> tuple[Path, Path]:
    """Return where NVIDIA's Windows driver keeps its libraries and tools, old drivers last."""
    system = Path(scene.environ.get("SystemRoot", r"C:\Windows")) / "System32"
    programs = Path(scene.environ.get("ProgramFiles", r"C:\Program Files"))
    return system, programs / "NVIDIA Corporation" / "NVSMI"


def look_with_nvml(scene: Scene) -> Finding:
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


def look_with_libcuda(scene: Scene) -> Finding:
    """Return CUDA version and GPUs, in the order that CUDA gives them."""
    missing = why_missing("libcuda.so.1", scene)
    if missing:
        return Finding("libcuda", problem=missing)
    return finding_from("libcuda", ask_probe("probe_cuda.py", scene))
