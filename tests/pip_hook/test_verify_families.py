"""`pipcuda verify` of other packages: each in a process of its own, and the silent CPU is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.clocks import FOREVER
from tests.verify.fake_families import cupy, jax, metadata, onnxruntime, tensorflow
from tests.verify.fake_torch import torch_for_cuda, write_package

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.tools import Result

    from .running import Machine


@pytest.fixture
def gpu(machine: Machine, packages: Path, stub_driver: Path) -> Machine:
    """Return the machine with a driver, which has those packages."""
    assert packages.is_dir()
    return machine.with_driver(stub_driver, "535.104.05", "12.2")


def tried(done: Result) -> dict[str, Any]:
    """Return what was tried, by package."""
    return {one["package"]: one for one in done.json["families"]}


def codes(one: Any) -> list[tuple[str, str]]:
    return [(note["code"], note["severity"]) for note in one["notes"]]


def test_all_that_is_installed_is_tried(gpu: Machine, packages: Path) -> None:
    torch_for_cuda(packages)
    cupy(packages)
    jax(packages, "cuda12")
    onnxruntime(packages, "onnxruntime-gpu", cuda=True)
    metadata(packages, "nvidia-cudnn-cu12", "9.1.0")
    tensorflow(packages, gpu=True)
    done = gpu.pipcuda("verify", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert (done.json["status"], done.json["ok"], done.json["notes"]) == ("works", True, [])
    found = tried(done)
    assert {name: one["status"] for name, one in found.items()} == dict.fromkeys(
        ("cupy-cuda12x", "jax", "onnxruntime-gpu", "tensorflow"), "works"
    )
    assert found["cupy-cuda12x"]["device"] == "NVIDIA A100-SXM4-40GB"
    assert found["jax"]["reports"] == "backend gpu, devices CudaDevice(id=0)"
    assert found["jax"]["cuda"] == "12"
    text = gpu.pipcuda("verify").stdout
    assert "package      cupy-cuda12x 14.2.0 computes on the GPU" in text


def test_without_a_torch_it_is_still_of_use(gpu: Machine, packages: Path) -> None:
    cupy(packages)
    done = gpu.pipcuda("verify", "--json")
    assert (done.returncode, done.json["status"], done.json["ok"]) == (0, "no-torch", True)
    assert [note["severity"] for note in done.json["notes"]] == ["info"]
    assert tried(done)["cupy-cuda12x"]["status"] == "works"


def test_the_silent_cpu_is_found(gpu: Machine, packages: Path) -> None:
    torch_for_cuda(packages)
    jax(packages, "cuda12", falls_back=True)
    done = gpu.pipcuda("verify", "--json")
    assert (done.returncode, done.json["status"], done.json["ok"]) == (1, "works", False)
    found = tried(done)["jax"]
    assert (found["status"], found["ok"]) == ("cpu-only", False)
    assert codes(found) == [("family-on-cpu", "error")]
    assert "backend cpu" in found["notes"][0]["hint"]


def test_a_jax_without_its_plugin_is_a_warning(gpu: Machine, packages: Path) -> None:
    torch_for_cuda(packages)
    jax(packages)
    done = gpu.pipcuda("verify", "--json")
    assert done.returncode == 0
    found = tried(done)["jax"]
    assert codes(found) == [("family-on-cpu", "warning")]
    assert "pipcuda install jax" in found["notes"][0]["hint"]


def test_the_cpu_build_of_onnxruntime_is_no_alarm(gpu: Machine, packages: Path) -> None:
    torch_for_cuda(packages)
    onnxruntime(packages)
    done = gpu.pipcuda("verify", "--json")
    assert done.returncode == 0
    found = tried(done)["onnxruntime"]
    assert codes(found) == [("family-on-cpu", "info")]
    there = "AzureExecutionProvider, CPUExecutionProvider"
    assert found["reports"] == f"{there}; in use: CPUExecutionProvider"
    assert "pipcuda install onnxruntime-gpu" in found["notes"][0]["hint"]


def test_a_provider_for_cuda_that_does_not_load_is_found(gpu: Machine, packages: Path) -> None:
    torch_for_cuda(packages)
    onnxruntime(packages, "onnxruntime-gpu", cuda=True, falls_back=True)
    done = gpu.pipcuda("verify", "--json")
    assert done.returncode == 1
    found = tried(done)["onnxruntime-gpu"]
    assert codes(found) == [("family-on-cpu", "error")]
    assert found["reports"].endswith("in use: CPUExecutionProvider")


def test_gpus_that_are_hidden(gpu: Machine, packages: Path) -> None:
    cupy(packages)
    jax(packages, "cuda12")
    done = gpu.pipcuda("verify", "--json", more={"CUDA_VISIBLE_DEVICES": ""})
    assert done.returncode == 1
    found = tried(done)
    assert codes(found["cupy-cuda12x"]) == [("family-fails", "error")]
    assert "cudaErrorNoDevice" in found["cupy-cuda12x"]["notes"][0]["message"]
    assert codes(found["jax"]) == [("family-on-cpu", "error")]
    for one in found.values():
        assert "CUDA_VISIBLE_DEVICES= hides the GPUs" in one["notes"][0]["message"]


def test_without_a_driver_nothing_is_tried(machine: Machine, packages: Path) -> None:
    write_package(packages, "cupy", "raise SystemExit('not to be imported')")
    metadata(packages, "cupy-cuda12x", "14.2.0")
    done = machine.pipcuda("verify", "--json")
    found = tried(done)["cupy-cuda12x"]
    assert (found["status"], found["ok"], codes(found)) == (
        "not-tried",
        True,
        [("family-not-tried", "info")],
    )
    assert (done.returncode, done.json["status"]) == (1, "no-torch")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import surely_not_there", "surely_not_there"),
        ("raise OSError('libcudart.so.12: cannot open shared object file')", "libcudart.so.12"),
        ("raise RuntimeError('CUDA error')", "CUDA error"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("raise SystemExit('stop')", "stop"),
    ],
)
def test_what_fails_is_told_and_has_no_traceback(
    gpu: Machine, packages: Path, body: str, said: str
) -> None:
    torch_for_cuda(packages)
    write_package(packages, "cupy", body)
    metadata(packages, "cupy-cuda12x", "14.2.0")
    done = gpu.pipcuda("verify")
    assert done.returncode == 1
    assert "works: torch" in done.stdout
    assert "[family-fails]" in done.stdout
    assert said in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_what_computes_wrong(gpu: Machine, packages: Path) -> None:
    cupy(packages, on_sum="return 0.0")
    done = gpu.pipcuda("verify")
    assert "cupy-cuda12x 14.2.0 computes wrong." in done.stdout


def test_what_hangs_is_stopped_beside_what_works(gpu: Machine, packages: Path) -> None:
    torch_for_cuda(packages)
    write_package(packages, "cupy", f"import time; time.sleep({FOREVER})")
    metadata(packages, "cupy-cuda12x", "14.2.0")
    onnxruntime(packages, "onnxruntime-gpu", cuda=True)
    done = gpu.pipcuda("verify", "--timeout", "8", "--json")
    assert done.returncode == 1
    found = tried(done)
    assert codes(found["cupy-cuda12x"]) == [("family-timeout", "error")]
    assert found["onnxruntime-gpu"]["status"] == "works"


def test_nothing_is_imported_from_the_current_folder(
    gpu: Machine, packages: Path, tmp_path: Path
) -> None:
    cupy(packages)
    trap = f"open({str(tmp_path / 'called')!r}, 'w')"
    for name in ("cupy", "probe", "json"):
        (gpu.home / f"{name}.py").write_text(trap)
    assert tried(gpu.pipcuda("verify", "--json"))["cupy-cuda12x"]["status"] == "works"
    assert not (tmp_path / "called").exists()


def test_without_such_packages_there_is_nothing_more(gpu: Machine, packages: Path) -> None:
    torch_for_cuda(packages)
    assert gpu.pipcuda("verify", "--json").json["families"] == []
    assert "package" not in gpu.pipcuda("verify").stdout


def test_in_chinese(gpu: Machine, packages: Path) -> None:
    jax(packages)
    cupy(packages)
    done = gpu.pipcuda("verify", more={"CUDA_GUARD_LANG": "zh"})
    assert "cupy-cuda12x 14.2.0 在 GPU 上计算" in done.stdout
