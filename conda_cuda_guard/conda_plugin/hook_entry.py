"""What every hook does before anything is loaded: look at the names, and contain faults of ours."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from conda.exceptions import CondaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda.models.match_spec import MatchSpec

log = logging.getLogger(__name__)

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


@contextmanager
def safely(what: str) -> Iterator[None]:
    """Log a fault of ours at debug level and go on; what is meant to stop conda passes."""
    try:
        yield
    except CondaError:
        raise
    except Exception:  # noqa: BLE001 - whatever it is
        from traceback import format_exc

        from conda_cuda_guard.rendering.output import shown

        log.debug("conda-cuda-guard could not %s\n%s", what, shown(format_exc()))
