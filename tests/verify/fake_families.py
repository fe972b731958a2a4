"""Tiny cupys, jaxes and onnxruntimes, which behave as real ones do on a real machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .fake_torch import write_package

if TYPE_CHECKING:
    from pathlib import Path

_ERRORS = """
class CUDARuntimeError(RuntimeError):
    pass
"""
_CUPY = """
import os
from cupy_backends_error import CUDARuntimeError

class _Array:
    def __init__(self, numbers):
        self.numbers = numbers
    def __mul__(self, other):
        return _Array([a * b for a, b in zip(self.numbers, other.numbers)])
    def sum(self):
        {on_sum}
        return sum(self.numbers)

def arange(number):
    if os.environ.get("CUDA_VISIBLE_DEVICES") == "":
        raise CUDARuntimeError("cudaErrorNoDevice: no CUDA-capable device is detected")
    return _Array([float(at) for at in range(int(number))])

class cuda:
    class runtime:
        @staticmethod
        def getDeviceProperties(at):
            arange(1)
            return {{"name": b"NVIDIA A100-SXM4-40GB"}}
"""
_JAX = """
import os, sys
hidden = os.environ.get("CUDA_VISIBLE_DEVICES") == "" or {without!r}
if hidden:
    sys.stderr.write("An NVIDIA GPU may be present on this machine, but a CUDA-enabled jaxlib is "
                     "not installed. Falling back to cpu.\\n")
assert os.environ.get("XLA_PYTHON_CLIENT_PREALLOCATE") == "false", "it would take all memory"

class _Device:
    device_kind = "NVIDIA A100-SXM4-40GB"
    def __str__(self):
        return "TFRT_CPU_0" if hidden else "CudaDevice(id=0)"

def devices():
    return [_Device()]

def default_backend():
    return "cpu" if hidden else "gpu"
"""
_NUMBERS = """
class _Array:
    def __init__(self, numbers):
        self.numbers = numbers
    def __mul__(self, other):
        return _Array([a * b for a, b in zip(self.numbers, other.numbers)])
    def sum(self):
        return sum(self.numbers)

def arange(number):
    return _Array([float(at) for at in range(int(number))])
"""
_ORT = """
def get_available_providers():
    return {providers!r}

class InferenceSession:
    def __init__(self, model, providers):
        assert b"Mul" in model
        self.providers = {in_use!r} or providers
    def get_providers(self):
        return self.providers
    def run(self, outputs, inputs):
        return [inputs["x"]]
"""
_NUMPY = """
class array:
    def __init__(self, numbers, kind):
        self.numbers = numbers
    def tolist(self):
        return [one * one for one in self.numbers]
"""
_TENSORFLOW = """
class config:
    @staticmethod
    def list_physical_devices(kind):
        class Device:
            name = "/physical_device:GPU:0"
        return [Device()] if {gpu} else []

from jax_numbers import arange
range = arange

def reduce_sum(array):
    return array.sum()
"""


def metadata(folder: Path, name: str, version: str) -> Path:
    """Write what tells that a package is installed, and return the folder."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return folder


def cupy(folder: Path, name: str = "cupy-cuda12x", on_sum: str = "pass") -> Path:
    """Write a cupy; `on_sum` is what happens when it computes."""
    (folder / "cupy_backends_error.py").write_text(_ERRORS)
    write_package(folder, "cupy", _CUPY.format(on_sum=on_sum))
    return metadata(folder, name, "14.2.0")


def jax(folder: Path, plugin: str = "", *, falls_back: bool = False) -> Path:
    """Write a jax, with a plugin (`cuda12`) or without."""
    write_package(folder, "jax", _JAX.format(without=falls_back or not plugin), numpy=_NUMBERS)
    if plugin:
        metadata(folder, f"jax-{plugin}-plugin", "0.11.2")
        metadata(folder, f"jax-{plugin}-pjrt", "0.11.2")
    return metadata(folder, "jax", "0.11.2")


def onnxruntime(
    folder: Path, name: str = "onnxruntime", *, cuda: bool = False, falls_back: bool = False
) -> Path:
    """Write an onnxruntime, with the provider for CUDA or without; with one that does not load."""
    providers = ["AzureExecutionProvider", "CPUExecutionProvider"]
    providers = ["CUDAExecutionProvider", *providers[1:]] if cuda else providers
    in_use = ["CPUExecutionProvider"] if falls_back else []
    write_package(folder, "onnxruntime", _ORT.format(providers=providers, in_use=in_use))
    write_package(folder, "numpy", _NUMPY)
    return metadata(folder, name, "1.26.0")


def tensorflow(folder: Path, *, gpu: bool) -> Path:
    """Write a tensorflow that finds a GPU or not."""
    (folder / "jax_numbers.py").write_text(_NUMBERS)
    write_package(folder, "tensorflow", _TENSORFLOW.format(gpu=gpu))
    return metadata(folder, "tensorflow", "2.19.1")
