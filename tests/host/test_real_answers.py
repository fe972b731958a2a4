"""What a real H200 answered is read, and the stub drivers answer as it did."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.host.assemble import resolve_hosts
from conda_cuda_guard.host.driver_library import finding_from
from conda_cuda_guard.host.nvidia_smi import complaint, read_header, read_rows
from conda_cuda_guard.host.overrides import Overrides
from conda_cuda_guard.host.system import read_information, read_version
from conda_cuda_guard.model import Gpu, Host

from .h200 import CUDA, DRIVER, NAME, UUID, answers, driver, put_files, sample, smi_script

if TYPE_CHECKING:
    from pathlib import Path

    from .machine import Machine

H200 = Gpu(NAME, "9.0")
THERE, NOT_THERE = "/dev/null", "/dev/no-such-device"
# Asks as `probe_cuda` does, and goes on where that stops.
RAW = """
import ctypes, json
library, number = ctypes.CDLL("libcuda.so.1"), ctypes.c_int()
version = library.cuDriverGetVersion(ctypes.byref(number)), number.value
init, count = library.cuInit(0), library.cuDeviceGetCount(ctypes.byref(number))
print(json.dumps({"cuDriverGetVersion": version, "cuInit": init, "cuDeviceGetCount": count}))
"""


@pytest.fixture
def h200(machine: Machine) -> Machine:
    """Return a machine with the files of the real one."""
    put_files(machine)
    return machine


def test_what_it_printed_is_read() -> None:
    header = sample("nvidia-smi.txt")
    assert read_header(header) == (DRIVER, CUDA)
    assert complaint(header) is None
    assert complaint(sample("nvidia-smi-L.txt")) is None
    assert read_version(sample("proc-version.txt")) == DRIVER
    assert read_information(sample("information.txt")) == {"Model": NAME, "GPU UUID": UUID}
    failed = sample("nvidia-smi-without-devices.txt")
    assert (read_header(failed), read_rows(failed)) == ((None, None), [])
    assert complaint(failed) == failed.strip()


@pytest.mark.parametrize("source", ["nvml", "libcuda"])
def test_what_its_libraries_return_is_read(source: str) -> None:
    answer = answers()[source]
    found = finding_from(source, answer)
    assert (found.driver, found.cuda) == (answer.get("driver"), CUDA)
    assert (found.gpus, found.uuids, found.errors) == ((H200,), (UUID,), ())
    if source == "nvml":
        assert found.memory == ((150109880320, 150754820096),)


def test_the_stubs_answer_as_it_did(h200: Machine, stub_driver: Path) -> None:
    h200.install_smi(script=smi_script(THERE))
    found = h200.detect(driver(stub_driver, device=THERE), everything=True)
    assert (found.driver, found.cuda, found.gpus) == (DRIVER, CUDA, (H200,))
    assert (found.disagreements, found.failure, found.gpu_failure) == ((), None, None)
    assert [one.gpus for one in found.trail] == [(H200,)] * 4
    assert {one.uuids for one in found.trail} == {(UUID,)}
    assert found.trail[0].memory == ((150109880320, 150754820096),)


@pytest.mark.parametrize("visible", ["", "nonsense"])
def test_the_stub_of_libcuda_hides_as_it_did(stub_driver: Path, visible: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RAW],
        env={**driver(stub_driver, device=THERE), "CUDA_VISIBLE_DEVICES": visible},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == answers()["hidden"]


def test_without_device_files_every_source_tells_what_it_did(
    h200: Machine, stub_driver: Path
) -> None:
    h200.install_smi(script=smi_script(NOT_THERE))
    found = h200.detect(driver(stub_driver, device=NOT_THERE), everything=True)
    told = [
        {
            "source": one.source,
            "driver": one.driver,
            "cuda": one.cuda,
            "gpus": None if one.gpus is None else len(one.gpus),
            "errors": [[error.call, error.code, error.words] for error in one.errors],
        }
        for one in found.trail
    ]
    assert told == answers()["without_devices"]


def test_a_gpu_that_only_the_kernel_lists_is_planned_for(h200: Machine, stub_driver: Path) -> None:
    """A container without its device files: asked and failed is not the same as not there."""
    stub = driver(stub_driver, device=NOT_THERE)
    hosts, found = resolve_hosts(
        Overrides(), platform="linux-x86_64", python="3.12", detect=lambda: h200.detect(stub)
    )
    assert found is not None
    # Not the doctor's GPU: no program can use it.
    assert found.gpus == ()
    plain = replace(hosts[0], gpu_failure=None)
    assert plain == Host("linux-x86_64", "3.12", DRIVER, CUDA, (H200,))
    assert hosts[0].gpu_failure == (
        "nvml: nvmlInit: error 9 (Driver Not Loaded): the NVIDIA kernel module is not loaded, "
        "or its device files are not here; libcuda: cuInit: error 100 (no CUDA-capable device is "
        "detected): no GPU that CUDA can use was found; the kernel lists NVIDIA H200"
    )


def test_a_driver_that_only_fails_to_count_is_said_to(h200: Machine, stub_driver: Path) -> None:
    stub = driver(stub_driver, device=THERE)
    faults = {"STUB_CUDA_FAULT": "init-error:999", "STUB_NVML_FAULT": "init-error:999"}
    found = h200.detect({**stub, **faults})
    assert found.gpus == (H200,)
    assert "libcuda: cuInit: error 999" in (found.gpu_failure or "")


@pytest.mark.parametrize("visible", ["", "-1", "nonsense"])
def test_gpus_that_a_variable_hides_are_no_failure(
    h200: Machine, stub_driver: Path, visible: str
) -> None:
    stub = driver(stub_driver, device=THERE)
    found = h200.detect(stub, everything=True, CUDA_VISIBLE_DEVICES=visible)
    assert (found.gpus, found.gpu_failure) == ((), None)
