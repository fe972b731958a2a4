"""The packages that make a request the guard's business: looked at before anything is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda.models.match_spec import MatchSpec

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


# What the last solve was asked for: kept even where it does not look like CUDA, for the command to
# type when the solution has something of CUDA.
asked: list[MatchSpec] = []


def specs_concern_cuda(specs: Iterable[MatchSpec]) -> bool:
    """Tell whether a MatchSpec has one of the names, or a build of a CUDA version."""
    return any(
        getattr(spec, "name", None) in CUDA_NAMES or "cuda" in _build(spec) for spec in specs
    )


def _build(spec: MatchSpec) -> str:
    return str(spec.get_raw_value("build") or "")


def records_concern_cuda(records: Iterable[object]) -> bool:
    """Tell whether a record has one of the names, or is a build for CUDA or for the CPU."""
    for record in records:
        build = str(getattr(record, "build", ""))
        if getattr(record, "name", None) in CUDA_NAMES or "cuda" in build or "cpu" in build:
            return True
    return False
