"""The time limits of our own making, which a slow or busy machine may lengthen."""

from __future__ import annotations

import os

VARIABLE = "CUDA_GUARD_TIME_FACTOR"


def time_limit(seconds: float) -> float:
    """Return so many seconds, times the factor in the environment where that is one."""
    try:
        factor = float(os.environ.get(VARIABLE, "1"))
    except ValueError:
        return seconds
    return seconds * factor if 0 < factor < float("inf") else seconds
