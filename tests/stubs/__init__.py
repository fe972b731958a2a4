"""Driver libraries without a driver: built once, then put on the loader's path of a subprocess."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SOURCES = {"nvml.c": "libnvidia-ml.so.1", "cuda.c": "libcuda.so.1"}


def compiler() -> str | None:
    """Return the C compiler of this machine."""
    return shutil.which("gcc") or shutil.which("cc") or shutil.which("clang")


def build(folder: Path) -> Path:
    """Compile both libraries into a folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for source, library in _SOURCES.items():
        path = Path(__file__).with_name(source)
        command = [compiler() or "cc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-Wall", "-Werror"]
        subprocess.run([*command, "-o", str(folder / library), str(path)], check=True)
    return folder


def environment(  # noqa: PLR0913
    folder: Path,
    *,
    driver: str = "535.104.05",
    cuda: str = "12.2",
    gpus: Sequence[tuple[str, ...]] = (("NVIDIA A100-SXM4-40GB", "8.0"),),
    fault: str | None = None,
    cuda_fault: str | None = None,
    cuda_gpus: Sequence[tuple[str, ...]] | None = None,
) -> dict[str, str]:
    """Return the variables under which a subprocess finds this driver.

    A GPU is (name, capability) or (name, capability, UUID). `fault` is NVML's, `cuda_fault` that of
    libcuda; `cuda_gpus` is for a machine that CUDA counts in another order.
    """
    major, minor = cuda.split(".")
    number = str(int(major) * 1000 + int(minor) * 10)
    path = [str(folder), os.environ.get("LD_LIBRARY_PATH", "")]
    settings = {
        "LD_LIBRARY_PATH": os.pathsep.join(filter(None, path)),
        "STUB_NVML_DRIVER": driver,
        "STUB_NVML_CUDA": number,
        "STUB_NVML_GPUS": _join(gpus),
        "STUB_NVML_FAULT": fault,
        "STUB_CUDA_VERSION": number,
        "STUB_CUDA_GPUS": None if cuda_gpus is None else _join(cuda_gpus),
        "STUB_CUDA_FAULT": cuda_fault,
    }
    return {name: value for name, value in settings.items() if value is not None}


def _join(gpus: Sequence[tuple[str, ...]]) -> str:
    return ";".join("|".join(gpu) for gpu in gpus)
