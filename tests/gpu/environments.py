"""Environments made by hand that do not fit any machine, and folders that shadow libraries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.doctor.patients import Patient
from tests.verify.fake_torch import torch_for_cpu, torch_without_gpu

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOO_OLD = "The NVIDIA driver on your system is too old (found version 13000)."
# What CUDA's own toolkit has for linking where no driver is, named as the loader looks for it.
_FOR_LINKING = "lib64/stubs/libcuda.so"
_SYSTEM = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64")
# What torch 2.11 for CUDA 13 loads of its own, and what these load in their turn.
BROKEN = (
    "libcudnn.so.9", "libcudnn_graph.so.9", "libcudnn_ops.so.9", "libcudnn_cnn.so.9",
    "libcublas.so.13", "libcublasLt.so.13", "libcusparse.so.12", "libnvJitLink.so.13",
)  # fmt: skip


def cpu_build(folder: Path) -> Path:
    """Make an environment whose torch is a CPU build, and return its folder."""
    patient = Patient(folder).build()
    torch_for_cpu(patient.site)
    _named(patient, "2.1.2+cpu", None)
    return patient.env


def too_new(folder: Path) -> Path:
    """Make an environment whose torch is for a CUDA that no driver runs yet."""
    patient = Patient(folder).build()
    torch_without_gpu(patient.site, _TOO_OLD)
    _named(patient, "2.99.0+cu990", "99.0")
    return patient.env


def _named(patient: Patient, version: str, cuda: str | None) -> None:
    """Let the tiny torch of an environment tell of what build it is."""
    patient.package("torch", version)
    text = f"__version__ = {version!r}\ncuda = {cuda!r}\n"
    (patient.site / "torch/version.py").write_text(text, "utf-8")


def shadow(folder: Path, *names: str) -> Path:
    """Make a folder with empty files of these names, which no loader can load."""
    folder.mkdir()
    for name in names:
        (folder / name).touch()
    return folder


def libcuda_for_linking(folder: Path) -> Path | None:
    """Make a folder with the toolkit's stub of libcuda; None where there is no toolkit."""
    for toolkit in _toolkits():
        library = toolkit / _FOR_LINKING
        if library.exists():
            folder.mkdir()
            (folder / "libcuda.so.1").symlink_to(library)
            return folder
    return None


def cudnn_of_the_system() -> Path | None:
    """Return the folder with the system's own cuDNN, where there is one."""
    return next((one for one in map(Path, _SYSTEM) if any(one.glob("libcudnn.so.*"))), None)


def libraries_of_a_toolkit() -> Path | None:
    """Return the folder with the libraries of a CUDA toolkit, where there is one."""
    folders = (toolkit / "lib64" for toolkit in _toolkits())
    return next((one for one in folders if any(one.glob("libcublas.so.*"))), None)


def _toolkits() -> Iterator[Path]:
    yield Path("/usr/local/cuda")
    yield from sorted(Path("/usr/local").glob("cuda-*"))
