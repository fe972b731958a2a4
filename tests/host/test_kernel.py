"""What the kernel module tells under /sys and /proc."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.host.finding import Finding, ProbeSettings
from conda_cuda_guard.host.system import clean_uuid, look_at_kernel, read_information, read_version
from conda_cuda_guard.model import Gpu

if TYPE_CHECKING:
    from pathlib import Path

    from .machine import Machine

_GCC = "\nGCC version:  gcc version 12.3.0 (Ubuntu 12.3.0-1ubuntu1~22.04)\n"


def _look(roots: Path) -> Finding:
    return look_at_kernel(ProbeSettings({}, roots, 1.0))


@pytest.mark.parametrize(
    ("line", "version"),
    [
        (
            "NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15 2023",
            "535.104.05",
        ),
        ("NVIDIA UNIX x86_64 Kernel Module  390.157  Wed Oct 12 09:19:07 UTC 2022", "390.157"),
        (
            "NVIDIA UNIX Open Kernel Module for x86_64  550.54.14  Release Build  (dvs-builder)",
            "550.54.14",
        ),
        ("NVIDIA UNIX Open Kernel Module for aarch64  540.3.0  Release Build", "540.3.0"),
        ("NVIDIA UNIX Open Kernel Module for aarch64  TempVersion  Release Build", None),
        ("something else", None),
        ("", None),
    ],
)
def test_version(line: str, version: str | None) -> None:
    assert read_version(f"NVRM version: {line}{_GCC}") == version


def test_version_of_proc_stands_in_for_sys(machine: Machine) -> None:
    machine.write("sys/module/nvidia/version", "\n")
    machine.write(
        "proc/driver/nvidia/version",
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.82.01  Wed Oct 27 21:21:55 UTC 2021\n",
    )
    assert _look(machine.roots).driver == "470.82.01"


def test_gpus_get_their_capability_from_the_catalogue(machine: Machine) -> None:
    machine.load_kernel_module("535.104.05", "NVIDIA A100-SXM4-40GB", "Unknown", "Made-up 1234")
    found = _look(machine.roots)
    assert found.gpus == (Gpu("NVIDIA A100-SXM4-40GB", "8.0"), Gpu(), Gpu("Made-up 1234"))
    assert found.uuids[0] == "GPU-00000001-aaaa"


def test_a_module_without_gpus(machine: Machine) -> None:
    machine.load_kernel_module("535.104.05")
    assert _look(machine.roots).gpus == ()


def test_a_module_whose_gpus_are_out_of_sight(machine: Machine) -> None:
    machine.write("sys/module/nvidia/version", "535.104.05\n")
    assert _look(machine.roots).gpus is None


def test_no_module(tmp_path: Path) -> None:
    found = _look(tmp_path)
    assert (found.driver, found.gpus) == (None, None)
    assert found.problem == "no NVIDIA kernel module loaded"


def test_folders_in_place_of_files(tmp_path: Path) -> None:
    (tmp_path / "sys/module/nvidia/version").mkdir(parents=True)
    assert _look(tmp_path).driver is None


def test_information() -> None:
    text = "Model: \t\t NVIDIA GeForce RTX 3090\nIRQ: \t 80\nGPU UUID: \t GPU-????????-????\n"
    fields = read_information(text)
    assert fields == {"Model": "NVIDIA GeForce RTX 3090", "GPU UUID": "GPU-????????-????"}
    assert clean_uuid(fields["GPU UUID"]) is None
