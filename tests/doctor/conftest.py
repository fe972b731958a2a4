"""Machines for the doctor that several of its tests begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .patients import Patient

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bare(tmp_path: Path) -> Patient:
    """Give a machine without a driver, and an empty environment."""
    return Patient(tmp_path).build()


@pytest.fixture
def patient(bare: Patient, stub_driver: Path) -> Patient:
    """Give a machine with a driver for CUDA 12.2 and an A100."""
    bare.driver(stub_driver, "535.104.05", "12.2")
    bare.module("535.104.05")
    return bare
