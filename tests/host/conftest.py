"""Fixtures of the host tests: a made-up machine, and the stub driver."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

import pytest

from tests.stubs.fixtures import stub_driver

from .machine import Machine

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["stub_driver"]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Return a machine with empty /proc, /sys and PATH."""
    return Machine(tmp_path)


@pytest.fixture
def bare(machine: Machine) -> Machine:
    """Return a machine on which the loader finds no driver library either."""
    for name in ("libnvidia-ml.so.1", "libcuda.so.1"):
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        pytest.skip(f"this machine has {name}, which cannot be hidden")
    return machine
