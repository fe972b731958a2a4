"""Whether a driver library is there at all: most machines without a driver end here."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase

from .child import probe_environment

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
    """Load a library into this process, which runs none of its code: that is left to the probe."""
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
