"""The torch that is already in the environment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Installed:
    """A torch as found in an environment, without importing it.

    `version` has its local version label if there is one; `cuda` is None for a build without CUDA.
    `is_other` marks builds that are neither for CUDA nor for the CPU (ROCm, XPU), `by_conda` those
    that conda put there.
    """

    version: str
    cuda: str | None = None
    is_other: bool = False
    by_conda: bool = False
