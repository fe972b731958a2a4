"""The packages that make a request the guard's business: looked at before anything is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

CUDA_NAMES = frozenset(
    {
        "torch",
        "pytorch",
        "pytorch-gpu",
        "pytorch-cpu",
        "torchvision",
        "torchaudio",
        "torchtext",
        "pytorch-cuda",
        "cudatoolkit",
        "cuda-version",
        "cpuonly",
        "cuda-toolkit",
        "cuda",
        "cuda-runtime",
        "cuda-libraries",
        "cuda-compiler",
    }
)


def concern_cuda(things: Iterable[object]) -> bool:
    """Tell whether specs or records have one of the names."""
    return any(getattr(thing, "name", None) in CUDA_NAMES for thing in things)
