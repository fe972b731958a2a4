"""`pipcuda doctor` on packages beside torch, by their metadata alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.verify.fake_families import cupy, jax
from tests.verify.fake_torch import torch_for_cuda

if TYPE_CHECKING:
    from pathlib import Path

    from .patients import Patient

H100 = ("NVIDIA H100 80GB HBM3", "9.0")
LINK = "CUDA packages"


@pytest.fixture
def newer(bare: Patient, stub_driver: Path) -> Patient:
    """Give a machine with a driver for CUDA 13.0 and an H100."""
    bare.driver(stub_driver, "580.95.05", "13.0", H100)
    bare.module("580.95.05")
    return bare


def link(report: Any) -> Any:
    return next((one for one in report["links"] if one["name"] == LINK), None)


def problems(report: Any) -> dict[str, str]:
    return {one["code"]: one["severity"] for one in report["problems"]}


def commands(report: Any, code: str) -> list[str]:
    found: list[str] = next(one["commands"] for one in report["problems"] if one["code"] == code)
    return found


def test_without_such_packages_there_is_no_link(patient: Patient) -> None:
    patient.torch("2.1.2+cu121", "12.1")
    patient.package("numpy", "1.26.4")
    report = patient.report()
    assert link(report) is None
    assert report["problems"] == []
    assert LINK not in patient.doctor().stdout


def test_what_fits_is_well(newer: Patient) -> None:
    newer.torch("2.11.0+cu130", "13.0")
    newer.package("cupy-cuda13x", "14.2.0")
    newer.package("jax", "0.11.2")
    newer.package("jax-cuda13-plugin", "0.11.2")
    newer.package("jax-cuda13-pjrt", "0.11.2")
    newer.package("nvidia-cudnn-cu13", "9.15.0.57")
    newer.package("onnxruntime", "1.30.0")
    report = newer.report()
    assert (report["healthy"], report["problems"]) == (True, [])
    found = link(report)
    named = "cupy-cuda13x 14.2.0 (CUDA 13), jax 0.11.2 (CUDA 13), onnxruntime 1.30.0 (CPU)"
    assert (found["value"], found["verdict"]) == (named, "ok")
    told = "onnxruntime 1.30.0 is the build for the CPU; onnxruntime-gpu is for CUDA"
    assert found["details"] == [told]


def test_a_cuda_that_the_driver_does_not_run(patient: Patient) -> None:
    patient.package("cupy-cuda13x", "14.2.0")
    report = patient.report()
    assert problems(report) == {"cuda-package-does-not-run": "error"}
    assert link(report)["verdict"] == "error"
    said = "cupy-cuda13x 14.2.0 is built for CUDA 13, the driver runs up to CUDA 12.2"
    assert link(report)["details"] == [f"too new: {said}"]
    assert commands(report, "cuda-package-does-not-run") == [
        f"{patient.env}/bin/python -m pip uninstall cupy-cuda13x",
        f"pipcuda install --python {patient.env} cupy",
        "pipcuda matrix cupy",
    ]


def test_a_version_that_the_driver_does_not_run_is_installed_over(patient: Patient) -> None:
    patient.package("onnxruntime-gpu", "1.30.0")
    report = patient.report()
    assert problems(report) == {"cuda-package-does-not-run": "error"}
    first, *_ = commands(report, "cuda-package-does-not-run")
    assert first.startswith("pipcuda install")
    assert first.endswith(" onnxruntime-gpu")


def test_the_plugin_of_another_cuda_goes_first(patient: Patient) -> None:
    patient.package("jax", "0.11.2")
    patient.package("jax-cuda13-plugin", "0.11.2")
    patient.package("jax-cuda13-pjrt", "0.11.2")
    report = patient.report()
    assert problems(report) == {"cuda-package-does-not-run": "error"}
    remove, install, _ = commands(report, "cuda-package-does-not-run")
    assert remove.endswith("uninstall jax-cuda13-plugin jax-cuda13-pjrt")
    assert install.endswith(" jax")


def test_no_code_for_the_gpu(bare: Patient, stub_driver: Path) -> None:
    bare.driver(stub_driver, "580.95.05", "13.0", ("NVIDIA GeForce GTX 1080", "6.1"))
    bare.package("cupy-cuda13x", "14.2.0")
    report = bare.report()
    assert problems(report) == {"cuda-package-does-not-run": "error"}
    assert link(report)["details"][0].startswith("no code for the GPU: cupy-cuda13x 14.2.0 on ")


@pytest.mark.parametrize("name", [("jax", "0.11.2"), ("tensorflow", "2.19.1")])
def test_what_computes_on_the_cpu_in_silence(patient: Patient, name: tuple[str, str]) -> None:
    patient.package(*name)
    report = patient.report()
    assert report["healthy"]
    assert problems(report) == {"cuda-package-on-cpu": "warning"}
    assert link(report)["details"] == [f"{' '.join(name)} has no CUDA here"]
    assert commands(report, "cuda-package-on-cpu")[0].endswith(f" {name[0]}")


def test_without_a_driver_the_cpu_is_right(bare: Patient) -> None:
    bare.package("jax", "0.11.2")
    bare.package("cupy-cuda13x", "14.2.0")
    report = bare.report()
    assert (report["healthy"], report["problems"]) == (True, [])
    assert link(report)["value"] == "cupy-cuda13x 14.2.0 (CUDA 13), jax 0.11.2 (CPU)"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("onnxruntime", "1.26.0"), ("onnxruntime-gpu", "1.26.0")),
        (("cupy-cuda11x", "13.6.0"), ("cupy-cuda12x", "13.6.0")),
        (("faiss-cpu", "1.15.1"), ("faiss-gpu-cu12", "1.13.0")),
    ],
)
def test_two_that_exclude_each_other(
    patient: Patient, first: tuple[str, str], second: tuple[str, str]
) -> None:
    patient.package(*first)
    patient.package(*second)
    report = patient.report()
    assert problems(report) == {"cannot-live-together": "warning"}
    assert link(report)["verdict"] == "warning"
    remove, install = commands(report, "cannot-live-together")
    assert remove.endswith(f"uninstall {first[0]} {second[0]}")
    assert "pipcuda install" in install


def test_another_cuda_than_torchs(newer: Patient) -> None:
    newer.torch("2.11.0+cu130", "13.0")
    newer.package("cupy-cuda12x", "14.2.0")
    report = newer.report()
    assert problems(report) == {"cuda-packages-disagree": "warning"}
    said = "another: cupy-cuda12x 14.2.0 is built for CUDA 12, torch for CUDA 13.0"
    assert link(report)["details"] == [said]
    remove, install, _ = commands(report, "cuda-packages-disagree")
    assert remove.endswith("uninstall cupy-cuda12x")
    assert install.endswith(" cupy")


def test_what_is_installed_again_is_for_torchs_cuda(newer: Patient) -> None:
    newer.torch("2.8.0+cu126", "12.6")
    newer.package("cupy-cuda13x", "14.2.0")
    remove, install, _ = commands(newer.report(), "cuda-packages-disagree")
    assert remove.endswith("uninstall cupy-cuda13x")
    assert install.endswith(" cupy")


def test_a_fat_file_without_torchs_cuda(newer: Patient) -> None:
    newer.torch("2.8.0+cu129", "12.9")
    newer.package("bitsandbytes", "0.50.2")
    report = newer.report()
    assert problems(report) == {"cuda-packages-disagree": "warning"}
    assert "torch for CUDA 12.9" in link(report)["details"][0]


def test_another_cudnn(patient: Patient) -> None:
    patient.package("tensorflow", "2.15.1")
    patient.package("nvidia-cudnn-cu12", "9.1.0.70")
    report = patient.report()
    assert problems(report) == {"cudnn-of-another-package": "warning"}
    said = "another: tensorflow 2.15.1 is for cuDNN 8, nvidia-cudnn-cu12 9.1.0.70 is there"
    assert link(report)["details"] == [said]


def test_a_follower_of_another_torch(newer: Patient) -> None:
    newer.torch("2.11.0+cu130", "13.0")
    newer.package("vllm", "0.33.0")
    newer.package("xformers", "0.0.35")
    newer.package("triton", "3.2.0")
    report = newer.report()
    assert problems(report) == {"follower-of-another-torch": "warning"}
    assert link(report)["value"] == "vllm 0.33.0, xformers 0.0.35"
    said = "another: vllm 0.33.0 belongs to torch ==2.14.0, 2.11.0+cu130 is there"
    assert link(report)["details"] == [said]
    first = commands(report, "follower-of-another-torch")[0]
    assert first.startswith(f"pipcuda install --python {newer.env} --upgrade torch ")
    assert {"vllm", "xformers"} <= set(first.split())


def test_what_conda_installed_is_its_own(patient: Patient) -> None:
    patient.record("cupy", "14.2.0")
    patient.package("cupy", "14.2.0", installer="conda")
    patient.record("jax", "0.11.2")
    patient.package("jax", "0.11.2", installer="conda")
    patient.record("py-xgboost", "3.4.1")
    patient.package("xgboost", "3.4.1", installer="conda")
    report = patient.report()
    named = "cupy 14.2.0 (h1_0), py-xgboost 3.4.1 (h1_0)"
    assert (link(report)["value"], link(report)["verdict"]) == (named, "ok")
    assert report["problems"] == []


def test_another_machine_that_is_declared(newer: Patient) -> None:
    newer.package("cupy-cuda13x", "14.2.0")
    assert newer.report()["problems"] == []
    report = newer.report("--driver", "535.104.05", "--gpu", "A100")
    assert problems(report) == {"cuda-package-does-not-run": "error"}


def test_in_chinese(patient: Patient) -> None:
    patient.package("cupy-cuda13x", "14.2.0")
    patient.variables["CUDA_GUARD_LANG"] = "zh"
    told = patient.doctor().stdout
    assert "CUDA 软件包" in told
    assert "驱动最高支持 CUDA 12.2" in told


def test_verify_finds_the_silent_cpu(patient: Patient) -> None:
    torch_for_cuda(patient.site)
    patient.package("torch", "2.1.2+cu121")
    jax(patient.site, "cuda12", falls_back=True)
    cupy(patient.site)
    report = patient.report("--verify")
    assert not report["healthy"]
    seen = next(one for one in report["links"] if one["name"] == "what torch sees")
    assert seen["verdict"] == "error"
    assert any("cupy-cuda12x 14.2.0 computes on the GPU" in one for one in seen["details"])
    assert any("[family-on-cpu]" in one for one in seen["details"])
