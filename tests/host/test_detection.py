"""Detection as a whole: a source is absent, fails, lies or hangs, and the next one answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import conda_cuda_guard
from conda_cuda_guard.host import detection
from conda_cuda_guard.host.finding import Finding
from conda_cuda_guard.model import Gpu
from tests.stubs import environment
from tests.support.clocks import FOREVER, FakeClock, worked

if TYPE_CHECKING:
    from conda_cuda_guard.host.finding import ProbeSettings

    from .machine import Machine

A100 = Gpu("NVIDIA A100-SXM4-40GB", "8.0")
MIXED = (("NVIDIA T4", "7.5"), ("NVIDIA RTX A6000", "8.6"))
SMI_HEADER = "| NVIDIA-SMI 550.54.14   Driver Version: 550.54.14   CUDA Version: 12.4     |"
SMI_ROW = "NVIDIA H100 80GB HBM3, 9.0, 550.54.14, GPU-0aa0b1c2-1111-2222-3333-444455556666"


def test_nvml_alone_answers_everything(machine: Machine, stub_driver: Path) -> None:
    found = machine.detect(environment(stub_driver))
    assert (found.driver, found.cuda, found.gpus) == ("535.104.05", "12.2", (A100,))
    assert [finding.source for finding in found.trail] == ["nvml"]
    assert found.trail[0].problem is None
    assert found.trail[0].seconds > 0


def test_a_machine_without_nvidia(bare: Machine) -> None:
    found = bare.detect()
    assert (found.driver, found.cuda, found.gpus) == (None, None, None)
    assert [finding.problem for finding in found.trail] == [
        "libnvidia-ml.so.1 not found",
        "libcuda.so.1 not found",
        "no NVIDIA kernel module loaded",
        "nvidia-smi not found",
    ]


def test_a_machine_without_nvidia_costs_milliseconds(bare: Machine) -> None:
    bare.detect()
    start = worked()
    bare.detect()
    assert worked() - start < 0.05


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ("mismatch", "nvmlInit: Driver/library version mismatch"),
        ("init-error:4", "nvmlInit: Insufficient Permissions"),
        ("init-error:9", "nvmlInit: Driver Not Loaded"),
        ("init-error:999", "nvmlInit: Unknown Error"),
        ("crash", "ended with status -6"),
    ],
)
def test_libcuda_answers_when_nvml_fails(
    machine: Machine, stub_driver: Path, fault: str, problem: str
) -> None:
    machine.load_kernel_module("535.104.05")
    found = machine.detect(environment(stub_driver, fault=fault))
    assert found.trail[0].problem == problem
    assert (found.driver, found.cuda, found.gpus) == ("535.104.05", "12.2", (A100,))
    assert [finding.source for finding in found.trail] == ["nvml", "libcuda", "kernel"]


@pytest.mark.parametrize(
    ("nvml", "cuda", "told"),
    [
        (
            "init-error:9",
            "version-error:34",
            (
                "nvml: nvmlInit: error 9 (Driver Not Loaded): "
                "the NVIDIA kernel module is not loaded, or its device files are not here; "
                "libcuda: cuDriverGetVersion: error 34 (unknown error): "
                "this libcuda is the stub for linking, not the driver's library"
            ),
        ),
        ("crash", "crash-early", "nvml: ended with status -6; libcuda: ended with status -6"),
        ("garbage", "garbage", "nvml: its answer is not understood"),
    ],
)
def test_a_driver_that_tells_nothing_of_itself_is_a_failure(
    machine: Machine, stub_driver: Path, nvml: str, cuda: str, told: str
) -> None:
    found = machine.detect(environment(stub_driver, fault=nvml, cuda_fault=cuda))
    assert (found.driver, found.cuda, found.failure) == (None, None, told)


def test_one_that_tells_something_is_none(machine: Machine, stub_driver: Path) -> None:
    found = machine.detect(environment(stub_driver, fault="crash", cuda_fault="init-error:999"))
    assert (found.cuda, found.failure) == ("12.2", None)
    assert [error.code for one in found.trail for error in one.errors] == [None, 999]


def test_an_absent_driver_is_none(bare: Machine) -> None:
    found = bare.detect(everything=True)
    assert found.failure is None
    assert all(one.is_absent and not one.errors for one in found.trail)


def test_what_a_driver_cannot_tell_is_no_error(machine: Machine, stub_driver: Path) -> None:
    found = machine.detect(environment(stub_driver, fault="unsupported"))
    assert found.trail[0].problem == "GPU 0 uuid: Not Supported"
    assert found.trail[0].errors == ()


def test_a_flooding_nvidia_smi_is_stopped(bare: Machine) -> None:
    bare.install_smi(script="yes | tr -d '\\n'")
    found = bare.detect(everything=True)
    assert found.trail[-1].problem == "it printed more than 8 MiB"
    assert found.failure == "nvidia-smi: it printed more than 8 MiB"


def test_libcuda_answers_when_pynvml_is_missing(machine: Machine, stub_driver: Path) -> None:
    # Without site-packages, and so without pynvml.
    command = [sys.executable, "-S", "-m", "conda_cuda_guard.host", "--roots", str(machine.roots)]
    here = str(Path(conda_cuda_guard.__file__).parents[1])
    environ = {**environment(stub_driver), "PATH": str(machine.tools), "PYTHONPATH": here}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["trail"][0]["problem"] == "pynvml (package nvidia-ml-py) is not installed"
    assert (found["cuda"], len(found["gpus"])) == ("12.2", 1)


def test_values_that_lie_count_as_missing(machine: Machine, stub_driver: Path) -> None:
    found = machine.detect(environment(stub_driver, fault="garbage"))
    nvml = found.trail[0]
    assert (nvml.driver, nvml.cuda, nvml.gpus) == (None, None, (Gpu(),))
    assert (found.cuda, found.gpus) == ("12.2", (A100,))


def test_zeros_of_libcuda_count_as_missing(machine: Machine, stub_driver: Path) -> None:
    stub = environment(stub_driver, fault="garbage", cuda_fault="garbage")
    found = machine.detect(stub)
    assert (found.driver, found.cuda, found.gpus) == (None, None, None)


def test_output_of_a_library_is_passed_over(machine: Machine, stub_driver: Path) -> None:
    found = machine.detect(environment(stub_driver, fault="noise"))
    assert (found.driver, found.gpus) == ("535.104.05", (A100,))


def test_a_hang_is_bounded_and_leaves_time_for_the_rest(
    machine: Machine, stub_driver: Path
) -> None:
    machine.load_kernel_module("535.104.05")
    found = machine.detect(environment(stub_driver, fault="hang"), budget=4)
    assert found.trail[0].problem == "no answer within 2.4 s"
    assert (found.driver, found.cuda, found.gpus) == ("535.104.05", "12.2", (A100,))


def test_no_source_gets_more_time_than_there_is_left(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    limits: list[float] = []

    def hang(settings: ProbeSettings) -> Finding:
        limits.append(settings.limit)
        clock.now += settings.limit
        return Finding("", problem="late")

    monkeypatch.setattr(detection, "time", clock)
    monkeypatch.setattr(detection, "SOURCES", [(name, hang) for name, _ in detection.SOURCES])
    found = machine.detect(budget=2)
    assert limits == pytest.approx([1.2, 0.8, 0, 0])
    assert clock.now - FakeClock().now == pytest.approx(2)
    assert [finding.seconds for finding in found.trail] == pytest.approx(limits)


def test_what_nvml_said_before_it_hung_is_kept(machine: Machine, stub_driver: Path) -> None:
    found = machine.detect(environment(stub_driver, fault="hang-gpus"), budget=4)
    assert (found.trail[0].driver, found.trail[0].cuda) == ("535.104.05", "12.2")
    assert found.gpus == (A100,)
    assert found.trail[1].source == "libcuda"


def test_everything_hangs_but_the_kernel(machine: Machine, stub_driver: Path) -> None:
    machine.load_kernel_module("535.104.05", "NVIDIA A100-SXM4-40GB")
    machine.install_smi(script=f"sleep {FOREVER}")
    stub = environment(stub_driver, fault="hang", cuda_fault="hang")
    found = machine.detect(stub, budget=4)
    # libcuda tells its version before cuInit, which is what hangs.
    assert (found.driver, found.cuda, found.gpus) == ("535.104.05", "12.2", (A100,))


def children() -> set[str]:
    """Return the processes whose parent this one is, dead ones that nobody waited for too."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended by now
            if path.read_text().rpartition(")")[2].split()[1] == str(os.getpid()):
                found.add(path.parent.name)
    return found


def test_no_process_is_left_behind(machine: Machine, stub_driver: Path) -> None:
    machine.install_smi(script="sleep 30 & sleep 30")
    stub = environment(stub_driver, fault="hang", cuda_fault="hang")
    before = children()
    machine.detect(stub, budget=0.5, everything=True)
    assert children() <= before


def test_one_lost_gpu_does_not_hide_the_others(machine: Machine, stub_driver: Path) -> None:
    stub = environment(stub_driver, gpus=MIXED, fault="gpu-error:0", cuda_gpus=MIXED[1:])
    found = machine.detect(stub)
    assert found.trail[0].problem == "GPU 0: GPU is lost"
    assert found.gpus == (Gpu("NVIDIA RTX A6000", "8.6"),)


def test_a_lost_gpu_when_nothing_else_answers(machine: Machine, stub_driver: Path) -> None:
    stub = environment(stub_driver, gpus=MIXED, fault="gpu-error:0", cuda_fault="init-error:999")
    assert machine.detect(stub).gpus == (Gpu("NVIDIA RTX A6000", "8.6"),)


def test_a_login_node_has_a_driver_and_no_gpu(machine: Machine, stub_driver: Path) -> None:
    found = machine.detect(environment(stub_driver, gpus=()))
    assert (found.driver, found.cuda, found.gpus) == ("535.104.05", "12.2", ())


def test_libcuda_tells_its_version_without_a_gpu(machine: Machine, stub_driver: Path) -> None:
    found = machine.detect(environment(stub_driver, gpus=(), fault="mismatch"))
    assert (found.cuda, found.gpus) == ("12.2", ())
    assert found.trail[1].problem == "cuInit: no CUDA-capable device is detected"


def test_the_kernel_then_nvidia_smi(bare: Machine) -> None:
    bare.load_kernel_module("535.104.05", "NVIDIA A100-SXM4-40GB")
    found = bare.detect()
    assert (found.driver, found.cuda, found.gpus) == ("535.104.05", None, (A100,))
    bare.install_smi(header=SMI_HEADER, query=SMI_ROW)
    assert bare.detect().cuda == "12.4"


def test_nvidia_smi_alone(bare: Machine) -> None:
    bare.install_smi(header=SMI_HEADER, query=SMI_ROW)
    found = bare.detect()
    assert (found.driver, found.cuda) == ("550.54.14", "12.4")
    assert found.gpus == (Gpu("NVIDIA H100 80GB HBM3", "9.0"),)


def test_the_doctor_sees_every_source_and_their_disagreements(
    machine: Machine, stub_driver: Path
) -> None:
    machine.load_kernel_module("550.54.14", "NVIDIA A100-SXM4-40GB")
    machine.install_smi(header=SMI_HEADER, query=SMI_ROW)
    found = machine.detect(environment(stub_driver), everything=True)
    assert [finding.source for finding in found.trail] == [
        "nvml",
        "libcuda",
        "kernel",
        "nvidia-smi",
    ]
    assert found.disagreements == (
        "driver: nvml says 535.104.05, kernel says 550.54.14, nvidia-smi says 550.54.14",
        "CUDA: nvml says 12.2, libcuda says 12.2, nvidia-smi says 12.4",
        "GPUs: nvml says 8.0, libcuda says 8.0, kernel says 8.0, nvidia-smi says 9.0",
    )
    assert (found.driver, found.cuda, found.gpus) == ("535.104.05", "12.2", (A100,))


def test_a_library_of_wsl_is_found_outside_the_loaders_path(
    machine: Machine, stub_driver: Path
) -> None:
    (machine.roots / "usr/lib/wsl").mkdir(parents=True)
    (machine.roots / "usr/lib/wsl/lib").symlink_to(stub_driver)
    stub = environment(stub_driver)
    del stub["LD_LIBRARY_PATH"]
    assert machine.detect(stub).gpus == (A100,)


def test_hidden_gpus_leave_driver_and_cuda(machine: Machine, stub_driver: Path) -> None:
    found = machine.detect(environment(stub_driver), CUDA_VISIBLE_DEVICES="")
    assert (found.driver, found.cuda, found.gpus) == ("535.104.05", "12.2", ())
    assert found.visible_note == "CUDA_VISIBLE_DEVICES hides every GPU"


def test_hidden_gpus_are_not_hidden_from_libcuda(machine: Machine, stub_driver: Path) -> None:
    stub = environment(stub_driver, gpus=MIXED, fault="mismatch")
    found = machine.detect(stub, CUDA_VISIBLE_DEVICES="1")
    assert len(found.trail[1].gpus or ()) == 2
    assert found.gpus == (Gpu("NVIDIA RTX A6000", "8.6"),)


def test_different_gpus_are_counted_in_libcudas_order(machine: Machine, stub_driver: Path) -> None:
    stub = environment(stub_driver, gpus=MIXED, cuda_gpus=MIXED[::-1])
    assert machine.detect(stub, CUDA_VISIBLE_DEVICES="0").gpus == (Gpu("NVIDIA RTX A6000", "8.6"),)
    pci = machine.detect(stub, CUDA_VISIBLE_DEVICES="0", CUDA_DEVICE_ORDER="PCI_BUS_ID")
    assert pci.gpus == (Gpu("NVIDIA T4", "7.5"),)
    assert [finding.source for finding in pci.trail] == ["nvml"]


def test_all_gpus_are_kept_when_nothing_tells_cudas_order(
    machine: Machine, stub_driver: Path
) -> None:
    stub = environment(stub_driver, gpus=MIXED, cuda_fault="crash")
    found = machine.detect(stub, CUDA_VISIBLE_DEVICES="0")
    assert len(found.gpus or ()) == 2
    assert found.visible_note is not None
    assert "all GPUs are considered" in found.visible_note


@pytest.mark.parametrize(
    "entry",
    ["MIG-11111111-2222-3333-4444-555555555551", "MIG-GPU-00000001/3/0", "GPU-00000001"],
)
def test_a_mig_device_stands_for_its_gpu(machine: Machine, stub_driver: Path, entry: str) -> None:
    stub = environment(stub_driver, gpus=MIXED)
    found = machine.detect(stub, CUDA_VISIBLE_DEVICES=entry)
    assert found.gpus == (Gpu("NVIDIA RTX A6000", "8.6"),)


def test_an_unknown_mig_device_keeps_all_gpus(machine: Machine, stub_driver: Path) -> None:
    stub = environment(stub_driver, gpus=MIXED)
    found = machine.detect(stub, CUDA_VISIBLE_DEVICES="MIG-11111111-2222-3333-4444-555555555559")
    assert len(found.gpus or ()) == 2


def test_as_a_command(machine: Machine, stub_driver: Path) -> None:
    stub = environment(stub_driver)
    done = subprocess.run(
        [sys.executable, "-m", "conda_cuda_guard.host", "--roots", str(machine.roots)],
        env={**os.environ, **stub},
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    assert answer["driver"] == "535.104.05"
    assert answer["gpus"] == [{"name": "NVIDIA A100-SXM4-40GB", "compute_capability": "8.0"}]
    assert done.stderr == ""
