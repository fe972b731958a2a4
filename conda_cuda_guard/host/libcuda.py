"""Ask the driver through libcuda, in a child process: cuInit may hang, and forbids a later fork."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .child import ask_probe
from .finding import Finding
from .library import why_missing
from .nvml import finding_from

if TYPE_CHECKING:
    from .finding import Scene


def look(scene: Scene) -> Finding:
    """Return CUDA version and GPUs, in the order that CUDA gives them."""
    missing = why_missing("libcuda.so.1", scene)
    if missing:
        return Finding("libcuda", problem=missing)
    return finding_from("libcuda", ask_probe("probe_cuda.py", scene))
