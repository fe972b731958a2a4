"""What nvidia-smi prints, from the 410s to the 610s, healthy and not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.host.child import decode
from conda_cuda_guard.host.nvidia_smi import complaint, read_header, read_rows
from conda_cuda_guard.model import Gpu

if TYPE_CHECKING:
    from .machine import Machine

UUID = "GPU-5c5a2f80-9d6d-4d2f-8f6c-0b8a4c7e1f2a"

HEADERS = {
    "390, which shows no CUDA version": (
        "| NVIDIA-SMI 390.157                Driver Version: 390.157                   |",
        ("390.157", None),
    ),
    "418": (
        "| NVIDIA-SMI 418.87.00    Driver Version: 418.87.00    CUDA Version: 10.1     |",
        ("418.87.00", "10.1"),
    ),
    "470": (
        "| NVIDIA-SMI 470.82.01    Driver Version: 470.82.01    CUDA Version: 11.4     |",
        ("470.82.01", "11.4"),
    ),
    "535": (
        "| NVIDIA-SMI 535.183.06             Driver Version: 535.183.06   CUDA Version: 12.2     |",
        ("535.183.06", "12.2"),
    ),
    "WSL, whose driver is that of Windows": (
        "| NVIDIA-SMI 535.54.03              Driver Version: 536.40       CUDA Version: 12.2     |",
        ("536.40", "12.2"),
    ),
    "610": (
        "| NVIDIA-SMI 610.57.04            KMD Version: 610.57.04     CUDA UMD Version: 13.3     |",
        ("610.57.04", "13.3"),
    ),
    "libcuda not loadable": (
        "| NVIDIA-SMI 535.183.06             Driver Version: 535.183.06   CUDA Version: ERR!     |",
        ("535.183.06", None),
    ),
    "no libcuda": (
        "| NVIDIA-SMI 515.65.01    Driver Version: 515.65.01    CUDA Version: N/A      |",
        ("515.65.01", None),
    ),
    "nothing": ("", (None, None)),
    "garbage": ("Driver Version: ?? CUDA Version: x\x00\x07", (None, None)),
}


@pytest.mark.parametrize(("text", "answer"), HEADERS.values(), ids=HEADERS.keys())
def test_header(text: str, answer: tuple[str | None, str | None]) -> None:
    assert read_header(text) == answer


def test_header_in_utf_16() -> None:
    text = HEADERS["535"][0]
    assert read_header(decode(text.encode("utf-16"))) == ("535.183.06", "12.2")
    assert read_header(decode(b"\xff" + text.encode())) == ("535.183.06", "12.2")


@pytest.mark.parametrize(
    ("line", "gpu", "driver"),
    [
        (
            f"NVIDIA A100-SXM4-40GB, 8.0, 535.104.05, {UUID}",
            Gpu("NVIDIA A100-SXM4-40GB", "8.0"),
            "535.104.05",
        ),
        (
            f"Tesla V100-SXM2-16GB, 418.87.00, {UUID}",
            Gpu("Tesla V100-SXM2-16GB", "7.0"),
            "418.87.00",
        ),
        (f"NVIDIA H100, 9.0, [N/A], {UUID}", Gpu("NVIDIA H100", "9.0"), None),
        (f"[Unknown Error], [N/A], 535.104.05, {UUID}", Gpu(), "535.104.05"),
        (f"Made-up 1234, [Not Supported], 535.104.05, {UUID}", Gpu("Made-up 1234"), "535.104.05"),
    ],
)
def test_row(line: str, gpu: Gpu, driver: str | None) -> None:
    assert read_rows(f"{line}\r\n") == [(gpu, driver, UUID)]


FAILURES = (
    "No devices were found",
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
    "Failed to initialize NVML: Driver/library version mismatch",
    "Unable to determine the device handle for GPU0000:08:00.0: Unknown Error",
)


@pytest.mark.parametrize("text", FAILURES)
def test_failures_are_told_in_its_own_words(text: str) -> None:
    assert read_rows(text) == []
    assert complaint(f"{text}\nNVML library version: 535.154") == text


def test_garbage_is_no_answer(machine: Machine) -> None:
    machine.install_smi(query="<html>Log in, please, GPU-, GPU-</html>", header="?")
    finding = machine.detect(everything=True).trail[-1]
    assert (finding.driver, finding.cuda, finding.gpus) == (None, None, None)
    assert finding.problem == "its answer is not understood"


def test_no_devices_is_an_answer(machine: Machine) -> None:
    machine.install_smi(query="No devices were found", header="No devices were found")
    finding = machine.detect(everything=True).trail[-1]
    assert (finding.gpus, finding.problem) == ((), "No devices were found")


def test_an_old_driver_is_asked_again_without_compute_cap(machine: Machine) -> None:
    machine.install_smi(
        script=f"""case $1 in
        *compute_cap*) echo 'Field "compute_cap" is not a valid field to query.'; exit 2;;
        --query*) echo 'Tesla V100-SXM2-16GB, 470.82.01, {UUID}';;
        *) echo '{HEADERS["470"][0]}';;
        esac"""
    )
    finding = machine.detect(everything=True).trail[-1]
    assert (finding.driver, finding.cuda) == ("470.82.01", "11.4")
    assert finding.gpus == (Gpu("Tesla V100-SXM2-16GB", "7.0"),)
    assert finding.uuids == (UUID,)
    assert finding.problem is None


def test_one_lost_gpu_among_others(machine: Machine) -> None:
    lost = "Unable to determine the device handle for GPU0000:0B:00.0: Unknown Error"
    machine.install_smi(query=f"{lost}\nNVIDIA H100, 9.0, 550.54.14, {UUID}", header=lost)
    finding = machine.detect(everything=True).trail[-1]
    assert finding.gpus == (Gpu("NVIDIA H100", "9.0"),)
    assert finding.driver == "550.54.14"
    assert finding.problem == lost


def test_a_tool_that_cannot_be_started(machine: Machine) -> None:
    (machine.tools / "nvidia-smi").write_text("#!/nowhere/interpreter\n")
    (machine.tools / "nvidia-smi").chmod(0o755)
    problem = machine.detect(everything=True).trail[-1].problem
    assert problem is not None
    assert problem.startswith("cannot start nvidia-smi")


def test_the_tool_of_wsl_is_found_outside_path(machine: Machine) -> None:
    machine.install_smi(query=f"NVIDIA H100, 9.0, 550.54.14, {UUID}")
    (machine.roots / "usr/lib/wsl").mkdir(parents=True)
    machine.tools.rename(machine.roots / "usr/lib/wsl/lib")
    assert machine.detect(everything=True).trail[-1].driver == "550.54.14"
