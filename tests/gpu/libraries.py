"""Compute with torch, and print which libraries it loaded: run by the Python that has torch.

What is printed tells whether copies in LD_LIBRARY_PATH are taken in the place of torch's own.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any

# What torch brings itself, and other folders may hold as well.
_LIBRARIES = re.compile(r"/lib(cudnn|cublas|cusparse|nvJitLink|cudart|nvrtc)[^/]*\.so[^/]*$")
# Whose own search paths tell why: an RPATH goes before LD_LIBRARY_PATH, a RUNPATH after it.
_TOLD = re.compile(r"/lib(torch_cuda|cudnn|cudnn_ops|cusparse|cublas)\.so[^/]*$")
_PATH = re.compile(r"\((RPATH|RUNPATH)\).*\[(.*)\]")
_LIMIT = 20


def loaded(wanted: re.Pattern[str]) -> list[str]:
    """Return the libraries that this process has loaded, of those that are wanted."""
    lines = Path("/proc/self/maps").read_text("utf-8", "replace").splitlines()
    return sorted({line.split()[-1] for line in lines if wanted.search(line)})


def search_path(library: str) -> str:
    """Return the search path that a library carries, as readelf tells it."""
    command = ["readelf", "-d", library]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return f"not told: {error}"
    found = _PATH.search(done.stdout)
    return f"{found[1]} {found[2]}" if found else "none"


def matrix_product(torch: Any) -> bool:
    """Return whether a product on the GPU (cuBLAS) is that of the CPU."""
    left = torch.randn(64, 64)
    return bool(torch.allclose((left.cuda() @ left.cuda()).cpu(), left @ left, atol=1e-2))


def convolution(torch: Any) -> bool:
    """Return whether a convolution on the GPU (cuDNN) is that of the CPU."""
    image, kernel = torch.randn(1, 3, 32, 32), torch.randn(4, 3, 3, 3)
    conv = torch.nn.functional.conv2d
    return bool(
        torch.allclose(conv(image.cuda(), kernel.cuda()).cpu(), conv(image, kernel), atol=1e-2)
    )


def sparse_product(torch: Any) -> bool:
    """Return whether a product of a sparse matrix (cuSPARSE) is that of the CPU."""
    dense = torch.eye(32)
    on_gpu = torch.sparse.mm(dense.cuda().to_sparse(), dense.cuda())
    return bool(torch.allclose(on_gpu.cpu(), dense, atol=1e-2))


def main() -> None:
    """Print what came of each computation, then the libraries."""
    print("LD_LIBRARY_PATH", os.environ.get("LD_LIBRARY_PATH", "-"), flush=True)
    torch = import_module("torch")
    print("torch", torch.__version__, flush=True)
    for compute in (matrix_product, convolution, sparse_product):
        try:
            told = "right" if compute(torch) else "WRONG"
        except Exception as error:  # noqa: BLE001 - whatever a broken library makes it raise
            told = f"{type(error).__name__}: {error}"
        print(compute.__name__, told, flush=True)
    try:
        print("cuDNN's version", torch.backends.cudnn.version())
    except Exception as error:  # noqa: BLE001 - what torch says of a mixed cuDNN
        print("cuDNN's version", error)
    print("loaded:", *loaded(_LIBRARIES), sep="\n  ")
    if shutil.which("readelf"):
        paths = (f"{one}: {search_path(one)}" for one in loaded(_TOLD))
        print("search paths:", *paths, sep="\n  ")


if __name__ == "__main__":
    main()
