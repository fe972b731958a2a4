"""Ask NVML and libcuda, where they are installed: most machines without a driver end here."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model import Phrase

from .child import ask_probe, probe_environment
from .finding import DriverError, Finding
from .host_json import clean_cuda, clean_driver, make_gpu
from .visibility import mig_ids

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .finding import ProbeSettings

_WINDOWS_NAMES = {"libnvidia-ml.so.1": "nvml.dll", "libcuda.so.1": "nvcuda.dll"}


def why_missing(source: str, name: str, settings: ProbeSettings) -> Finding | None:
    """Return the finding of a library, named as on Linux, that cannot be asked; else None."""
    if sys.platform == "darwin":
        return Finding(source, problem="NVIDIA has no driver for macOS", is_absent=True)
    elif sys.platform == "win32":  # noqa: RET505  (so mypy checks each system)
        return _why_missing_on_windows(source, _WINDOWS_NAMES[name], settings)
    else:
        return _why_missing_on_linux(source, name, settings)


def _why_missing_on_linux(source: str, name: str, settings: ProbeSettings) -> Finding | None:
    if any((folder / name).exists() for folder in _library_path(settings)):
        return None
    return _why_not_loadable(source, name)


def _not_found(source: str, name: str) -> Finding:
    return Finding(source, problem=Phrase("{name} not found", name=name), is_absent=True)


def _library_path(settings: ProbeSettings) -> Iterator[Path]:
    # Not this process's own path: the probe gets the environment of the settings.
    for folder in probe_environment(settings).get("LD_LIBRARY_PATH", "").split(os.pathsep):
        if folder:
            yield Path(folder)


def _why_not_loadable(source: str, name: str) -> Finding | None:
    """Load a library into this process, which runs none of its code: that is left to the probe."""
    # ctypes.util.find_library would start ldconfig and gcc.
    try:
        import ctypes

        ctypes.CDLL(name)
    except ImportError:
        return Finding(source, problem=Phrase("this Python has no ctypes"), is_absent=True)
    except OSError as error:
        if "No such file" in str(error):
            return _not_found(source, name)
        return failed(source, str(error))
    return None


def _why_missing_on_windows(source: str, name: str, settings: ProbeSettings) -> Finding | None:
    found = any((folder / name).exists() for folder in windows_folders(settings))
    return None if found else _not_found(source, name)


def windows_folders(settings: ProbeSettings) -> tuple[Path, Path]:
    """Return where NVIDIA's Windows driver keeps its libraries and tools, old drivers last."""
    # os.environ has all names in capitals there, and a copy of it is read by no others.
    system = Path(settings.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32"
    programs = Path(settings.environ.get("PROGRAMFILES", r"C:\Program Files"))
    return system, programs / "NVIDIA Corporation" / "NVSMI"


def look_with_nvml(settings: ProbeSettings) -> Finding:
    """Return driver, CUDA version and GPUs, in the order of their PCI addresses."""
    missing = why_missing("nvml", "libnvidia-ml.so.1", settings)
    if missing:
        return missing
    folder = _pynvml_folder()
    if folder is None:
        return Finding("nvml", problem=Phrase("pynvml (package nvidia-ml-py) is not installed"))
    report = ask_probe("probe_nvml.py", settings, str(folder), *mig_ids(settings.environ))
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
        errors=tuple(_errors(source, report)),
    )


def _errors(source: str, report: dict[str, Any]) -> Iterator[DriverError]:
    """Yield what the library answered, and how the probe ended where it did not end well."""
    for call, code, words in report.get("errors") or ():
        yield DriverError(source, call, code, words)
    # A probe that ended before its first report has a problem alone.
    ended = report.get("ended") if "errors" in report else report.get("problem")
    if ended:
        yield DriverError(source, "", None, ended)


def failed(source: str, problem: str) -> Finding:
    """Return the finding of a source that is there and could not be asked."""
    return Finding(source, problem=problem, errors=(DriverError(source, "", None, problem),))


def _memory(told: object) -> tuple[int, int] | None:
    if not isinstance(told, list) or [type(one) for one in told] != [int, int]:
        return None
    free, total = told
    return (free, total) if 0 <= free <= total and total else None


def look_with_libcuda(settings: ProbeSettings) -> Finding:
    """Return CUDA version and GPUs, in the order that CUDA gives them."""
    missing = why_missing("libcuda", "libcuda.so.1", settings)
    if missing:
        return missing
    return finding_from("libcuda", ask_probe("probe_cuda.py", settings))
