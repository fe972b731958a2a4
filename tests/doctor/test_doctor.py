"""`pipcuda doctor`: each failure, built from files, stub libraries and tiny packages."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.clocks import FOREVER, worked
from tests.support.tools import REAL_TIME
from tests.verify.fake_torch import torch_for_cuda

from .patients import Patient, without_progress

if TYPE_CHECKING:
    from pathlib import Path

RTX_5090 = ("NVIDIA GeForce RTX 5090", "12.0")


def link(report: Any, name: str) -> Any:
    return next(one for one in report["links"] if one["name"] == name)


def codes_of(report: Any) -> list[str]:
    return [one["code"] for one in report["problems"]]


def nvcc(folder: Path, cuda: str) -> Path:
    """Write a toolkit's compiler."""
    program = folder / "bin" / "nvcc"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'Cuda compilation tools, release {cuda}, V{cuda}.1'\n")
    program.chmod(0o755)
    return program


def test_a_healthy_machine(patient: Patient) -> None:
    patient.torch("2.1.2+cu121", "12.1", "nvidia-cudnn-cu12 (==8.9.2.26)")
    patient.package("torchvision", "0.16.2+cu121")
    patient.package("nvidia-cudnn-cu12", "8.9.2.26")
    start = worked()
    report = patient.report()
    assert worked() - start < 2
    assert (report["healthy"], report["problems"]) == (True, [])
    assert link(report, "GPU")["value"] == "NVIDIA A100-SXM4-40GB (compute capability 8.0)"
    assert link(report, "driver")["value"] == "535.104.05"
    assert link(report, "newest CUDA of the driver")["value"] == "12.2"
    torch = link(report, "torch")
    assert torch["value"] == "2.1.2+cu121, built for CUDA 12.1"
    assert torch["details"][:2] == ["on this driver: direct", "on this GPU: covered"]
    assert {one["verdict"] for one in report["links"]} <= {"ok", "absent"}


def test_what_the_next_branch_would_unlock(patient: Patient) -> None:
    details = link(patient.report(), "driver")["details"]
    told = next(one for one in details if "would allow" in one)
    assert told.startswith("driver 5")
    assert "torch==" in told
    assert patient.report()["healthy"]


def test_without_driver_and_torch_nothing_is_wrong(bare: Patient) -> None:
    done = bare.doctor()
    assert (done.returncode, done.stderr) == (0, "")
    assert "driver: none found" in done.stdout
    assert "pipcuda install torch" in done.stdout
    assert done.stdout.rstrip().endswith("No problem found.")


def test_a_cpu_build_is_one_where_there_is_a_driver_alone(patient: Patient, tmp_path: Path) -> None:
    patient.torch("2.1.2+cpu", None)
    assert patient.codes() == ["cpu-build"]
    done = patient.doctor()
    assert done.returncode == 1
    assert "PROBLEM cpu-build" in done.stdout
    assert "\n  found: the CUDA of torch's build = none\n" in done.stdout
    assert "conda's channels: none found  [no conda on PATH]" in done.stdout
    again = f"pipcuda install --python {patient.env} --force-reinstall torch"
    assert f"\n    {again}\n" in done.stdout
    assert "PROBLEM  torch: 2.1.2+cpu, built for the CPU" in done.stdout
    alone = Patient(tmp_path / "alone").build()
    alone.torch("2.1.2+cpu", None)
    assert alone.codes() == []


def test_cuda_newer_than_the_driver(patient: Patient) -> None:
    patient.torch("2.9.0+cu130", "13.0")
    assert patient.codes() == ["driver-too-old"]
    found = patient.report()["problems"][0]["evidence"]["torch_on_driver"]
    assert found == "too old: it runs up to CUDA 12.2, torch is built for 13.0"


def test_a_newer_driver_alone_would_not_help(patient: Patient, stub_driver: Path) -> None:
    patient.driver(stub_driver, "535.104.05", "12.2", ("NVIDIA GeForce GTX 1080", "6.1"))
    patient.torch("2.9.0+cu130", "13.0")
    assert patient.codes() == ["driver-too-old", "no-kernel-image"]


def test_what_torch_has_code_for_without_a_driver(bare: Patient) -> None:
    bare.torch("2.1.2+cu121", "12.1")
    details = link(bare.report(), "torch")["details"]
    assert details[0].startswith("has code for: 5.0, 6.0")


def test_by_minor_version_compatibility_it_runs(patient: Patient) -> None:
    patient.torch("2.5.1+cu124", "12.4")
    report = patient.report()
    assert report["healthy"]
    assert "on this driver: minor-compatible" in link(report, "torch")["details"]


def test_no_code_for_the_gpu(bare: Patient, stub_driver: Path) -> None:
    bare.driver(stub_driver, "570.86.10", "12.8", RTX_5090)
    bare.torch("2.6.0+cu124", "12.4")
    assert bare.codes() == ["no-kernel-image"]


@pytest.mark.parametrize(
    ("name", "version", "code"),
    [
        ("torchvision", "0.17.2+cu121", "torchvision-nms-missing"),
        ("torchvision", "0.16.2+cpu", "torchvision-nms-missing"),
        ("torchaudio", "2.2.2+cu121", "torchaudio-mismatch"),
    ],
)
def test_a_companion_of_another_torch(patient: Patient, name: str, version: str, code: str) -> None:
    patient.torch("2.1.2+cu121", "12.1")
    patient.package(name, version)
    assert patient.codes() == [code]
    assert link(patient.report(), "companions")["verdict"] == "error"


def test_driver_and_libraries_after_an_upgrade(patient: Patient, stub_driver: Path) -> None:
    patient.driver(stub_driver, "550.54.14", "12.4")
    assert patient.codes() == ["driver-library-mismatch"]


def test_what_nvml_says_of_a_mismatch(patient: Patient, stub_driver: Path) -> None:
    patient.driver(stub_driver, "550.54.14", "12.4", fault="mismatch")
    assert patient.codes() == ["driver-library-mismatch"]


def test_a_driver_that_hangs_is_left_and_who_waits_is_told(
    patient: Patient, stub_driver: Path
) -> None:
    patient.driver(stub_driver, "535.104.05", "12.2", fault="hang")
    (patient.home / "bin").mkdir()
    smi = patient.home / "bin/nvidia-smi"
    smi.write_text(f"#!/bin/sh\nexec /bin/sleep {FOREVER}\n")
    smi.chmod(0o755)
    patient.variables |= REAL_TIME
    done = patient.doctor()
    assert done.stderr.startswith("pipcuda: still looking")
    assert "nvml: no answer within 0.9 s" in done.stdout
    assert "driver: 535.104.05  [kernel]" in done.stdout


@pytest.mark.parametrize(
    ("files", "code"),
    [((), "libcuda-not-found"), ((".dockerenv",), "container-without-gpu")],
)
def test_a_module_without_libraries(bare: Patient, files: tuple[str, ...], code: str) -> None:
    bare.module("535.104.05")
    for one in files:
        bare.file(one)
    assert bare.codes() == [code]


@pytest.mark.parametrize(
    ("files", "codes"),
    [
        ((), ["driver-not-running"]),
        (("sys/module/nouveau/refcnt",), ["nouveau-in-use"]),
    ],
)
def test_a_card_without_a_driver(bare: Patient, files: tuple[str, ...], codes: list[str]) -> None:
    bare.file("sys/bus/pci/devices/0000:01:00.0/vendor", "0x10de\n")
    bare.file("sys/bus/pci/devices/0000:01:00.0/class", "0x030200\n")
    bare.file("sys/bus/pci/devices/0000:02:00.0/vendor", "0x10de\n")
    bare.file("sys/bus/pci/devices/0000:02:00.0/class", "0x040300\n")  # its sound
    for one in files:
        bare.file(one)
    assert bare.codes() == codes
    assert "1 NVIDIA card(s) on the PCI bus" in link(bare.report(), "GPU")["details"]


def test_a_lost_gpu_and_a_driver_that_fails(patient: Patient, stub_driver: Path) -> None:
    patient.driver(stub_driver, "535.104.05", "12.2", fault="gpu-error:0")
    report = patient.report()
    assert codes_of(report) == ["gpu-fell-off"]
    assert link(report, "driver")["verdict"] == "error"
    patient.driver(stub_driver, "535.104.05", "12.2")
    patient.variables.update(STUB_NVML_FAULT="", STUB_CUDA_FAULT="init-error:999")
    assert patient.codes() == ["unknown-error-after-suspend"]


@pytest.mark.parametrize(
    ("free", "total", "codes", "shown"),
    [
        (1, 40, ["out-of-memory"], "nearly full: 1.0 of 40.0 GiB free"),
        (39, 40, [], "39.0 of 40.0 GiB free"),
        (0, 0, [], None),
    ],
)
def test_memory_that_is_taken(
    patient: Patient, free: int, total: int, codes: list[str], shown: str | None
) -> None:
    patient.variables["STUB_NVML_MEMORY"] = f"{free * 2**30},{total * 2**30}"
    report = patient.report()
    assert codes_of(report) == codes
    assert report["facts"]["gpu_memory"] == shown
    assert report["healthy"]


WSL_KERNEL = "Linux version 5.15.90.1-microsoft-standard-WSL2 (gcc 9.3.0)"


def test_wsl_without_the_driver_of_windows(bare: Patient, stub_driver: Path) -> None:
    bare.file("proc/version", WSL_KERNEL)
    bare.variables["SSH_CONNECTION"] = "10.0.0.2 50000 10.0.0.1 22"
    assert link(bare.report(), "runs in")["value"] == "WSL (WSL 2), session (SSH)"
    assert bare.codes() == []
    bare.torch("2.5.1+cu121", "12.1")
    assert bare.codes() == ["wsl-driver"]
    bare.driver(stub_driver, "535.104.05", "12.2")
    assert bare.codes() == []


def without_roots_powers() -> tuple[str, ...]:
    """Give what to put before a command, so that root may open no more than others."""
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root may open all, and there is no setpriv to take that away")
    powers = "-dac_override,-dac_read_search"
    return (setpriv, f"--bounding-set={powers}", f"--inh-caps={powers}")


@pytest.mark.skipif(sys.platform == "win32", reason="device files are Linux's")
def test_device_files_of_others(bare: Patient) -> None:
    bare.file("dev/nvidia0").chmod(0)
    bare.file("dev/nvidiactl")
    report = bare.doctor("--json", before=without_roots_powers()).json
    assert codes_of(report) == ["device-file-permission"]
    assert report["facts"]["device_files"] == "/dev/nvidia0 may not be opened by this user"


def test_a_python_of_the_system(bare: Patient) -> None:
    folder = next(bare.env.glob("lib/python3*"))
    (folder / "EXTERNALLY-MANAGED").write_text("[externally-managed]\n")
    report = bare.report()
    assert codes_of(report) == ["externally-managed"]
    assert (report["healthy"], link(report, "Python")["verdict"]) == (True, "warning")
    bare.torch("2.1.2+cpu", None)
    assert bare.codes() == []


def test_a_python_without_any_torch(bare: Patient) -> None:
    # An interpreter that says another version of itself than it is of.
    python = bare.env / "bin/python"
    real = python.resolve()
    python.unlink()
    answer = 'case "$*" in *version_info*) echo 3.99;; *)'
    python.write_text(f'#!/bin/sh\n{answer} exec {real} "$@";; esac\n')
    python.chmod(0o755)
    report = bare.report()
    assert codes_of(report) == ["no-torch-for-this-python"]
    assert report["facts"]["python_for_torch"].startswith("none: torch is known for Python 2.7")


def test_gpus_hidden_by_a_variable(patient: Patient) -> None:
    patient.variables["CUDA_VISIBLE_DEVICES"] = ""
    assert patient.codes() == ["no-visible-device"]


def test_libraries_that_hide_torchs_own(patient: Patient) -> None:
    patient.torch("2.1.2+cu121", "12.1")
    hiding = patient.file("opt/old/libcudnn.so.8").parent
    before = patient.variables["LD_LIBRARY_PATH"]
    patient.variables["LD_LIBRARY_PATH"] = f"{before}:{hiding}"
    report = patient.report()
    assert codes_of(report) == ["library-path-shadows-torch"]
    assert report["facts"]["shadowing"] == f"{hiding}/libcudnn.so.8"
    # As on a real machine, where torch found its own all the same.
    assert report["healthy"]
    assert link(report, "LD_LIBRARY_PATH")["verdict"] == "warning"


def test_copies_in_the_way_and_a_torch_that_works(patient: Patient) -> None:
    torch_for_cuda(patient.site)
    patient.package("torch", "2.1.2+cu121")
    (patient.site / "torch/version.py").write_text("__version__ = '2.1.2+cu121'\ncuda = '12.1'\n")
    hiding = patient.file("opt/old/libcudnn.so.8").parent
    patient.variables["LD_LIBRARY_PATH"] += f":{hiding}"
    done = patient.doctor("--verify")
    assert done.returncode == 0, done.stdout
    assert "warning library-path-shadows-torch" in done.stdout
    assert f"{hiding}/libcudnn.so.8 (torch was tried, and works all the same)" in done.stdout


def test_another_cudnn_than_torch_wants(patient: Patient) -> None:
    patient.torch("2.1.2+cu121", "12.1", "nvidia-cudnn-cu12==8.9.2.26 ; sys_platform == 'linux'")
    patient.package("nvidia-cudnn-cu12", "9.1.0.70")
    report = patient.report()
    assert [one["code"] for one in report["problems"]] == ["cudnn-of-another-torch"]
    assert report["healthy"]  # a warning
    assert link(report, "cuDNN")["verdict"] == "warning"


def test_no_cudnn_at_all(patient: Patient) -> None:
    patient.torch("2.5.1+cu121", "12.1", "nvidia-cudnn-cu12==9.1.0.70")
    assert patient.codes() == ["cudnn-missing"]
    # The system's own will do, as far as files can tell.
    patient.file("usr/lib/x86_64-linux-gnu/libcudnn.so.9")
    report = patient.report()
    assert codes_of(report) == []
    assert link(report, "cuDNN")["value"] == "9 (/usr/lib/x86_64-linux-gnu/libcudnn.so.9)"


def test_a_cudnn_of_another_cuda(patient: Patient) -> None:
    patient.torch("2.1.2+cu121", "12.1")
    patient.package("nvidia-cudnn-cu11", "8.9.2.26")
    report = patient.report()
    assert codes_of(report) == ["cudnn-of-another-torch"]
    assert report["facts"]["cudnn_for_torch"] == (
        "another: nvidia-cudnn-cu11 8.9.2.26 is for CUDA 11, torch for 12.1"
    )
    # With torch's beside it nothing is wrong.
    patient.package("nvidia-cudnn-cu12", "8.9.2.26")
    assert patient.codes() == []


@pytest.mark.parametrize(
    ("build", "codes"),
    [
        ("cuda11.8_0", ["cudnn-of-another-torch"]),
        ("cuda12_0", []),
        ("hbc23b4c_3", []),
    ],
)
def test_condas_cudnn_tells_its_cuda_by_its_build(
    patient: Patient, build: str, codes: list[str]
) -> None:
    patient.record("pytorch", "2.1.2")
    patient.torch("2.1.2", "12.1", installer="conda")
    patient.record("cudnn", "8.9.2.26", build)
    assert patient.codes() == codes


def test_a_toolkit_whose_compiler_is_not_on_path(patient: Patient) -> None:
    nvcc(patient.root / "usr/local/cuda-12.1", "12.1")
    report = patient.report()
    assert [one["code"] for one in report["problems"]] == ["nvcc-not-found"]
    folder = patient.root / "usr/local/cuda-12.1"
    assert f"to use it: export PATH={folder}/bin:$PATH" in link(report, "nvcc")["details"]


def test_two_toolkits(patient: Patient) -> None:
    patient.torch("2.1.2+cu121", "12.1")
    patient.variables["PATH"] = str(nvcc(patient.home / "one", "11.8").parent)
    (patient.home / "two").mkdir()
    (patient.home / "two/version.json").write_text('{"cuda": {"version": "12.1.105"}}')
    patient.variables["CUDA_HOME"] = str(patient.home / "two")
    report = patient.report()
    assert codes_of(report) == ["two-toolkits"]
    assert report["facts"]["toolkit_conflict"] == (
        "CUDA_HOME has CUDA 12.1, nvcc on PATH is of CUDA 11.8"
    )
    # torch asks CUDA_HOME first.
    won = f"torch builds extensions with CUDA 12.1 ({patient.home / 'two'}): CUDA_HOME"
    assert won in link(report, "CUDA toolkits")["details"]


def test_an_nvcc_of_another_cuda_than_torchs(patient: Patient) -> None:
    patient.torch("2.1.2+cu121", "12.1")
    patient.variables["PATH"] = str(nvcc(patient.home / "one", "11.8").parent)
    report = patient.report()
    assert codes_of(report) == ["extension-cuda-mismatch"]
    assert link(report, "nvcc")["verdict"] == "warning"
    assert report["healthy"]


def test_a_script_in_front_of_a_toolkits_compiler_is_that_toolkits(patient: Patient) -> None:
    folder = patient.root / "usr/local/cuda-12.1"
    real = nvcc(folder, "12.1")
    script = patient.home / "bin/nvcc"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {real} "$@"\n')
    script.chmod(0o755)
    assert patient.report()["facts"]["toolkits"] == f"CUDA 12.1 ({folder})"


@pytest.mark.parametrize(
    ("cuda", "gpu", "codes"),
    [
        ("11.7", ("NVIDIA H100", "9.0"), ["nvcc-unknown-architecture"]),
        ("11.8", ("NVIDIA H100", "9.0"), []),
        ("13.0", ("GTX 1080", "6.1"), ["nvcc-unknown-architecture"]),
    ],
)
def test_a_compiler_that_does_not_know_the_gpu(
    patient: Patient, stub_driver: Path, cuda: str, gpu: tuple[str, str], codes: list[str]
) -> None:
    patient.driver(stub_driver, "535.104.05", "12.2", gpu)
    patient.variables["PATH"] = str(nvcc(patient.home / "one", cuda).parent)
    assert patient.codes() == codes


def test_a_compiler_that_hangs_is_left(patient: Patient) -> None:
    program = nvcc(patient.home / "one", "11.8")
    program.write_text(f"#!/bin/sh\nexec /bin/sleep {FOREVER}\n")
    patient.variables |= {"PATH": str(program.parent), **REAL_TIME}
    done = patient.doctor("--json")
    assert done.json["facts"]["nvcc"] == f"CUDA ? ({program})"
    assert without_progress(done.stderr) == ""


def program(path: Path, said: str, status: int = 0) -> None:
    path.write_text(f"#!/bin/sh\necho '{said}'\nexit {status}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("variables", "found"),
    [({}, "g++ 12.2.0"), ({"NVCC_CCBIN": "clang++"}, "clang++ 17"), ({"NVCC_CCBIN": "no"}, None)],
)
def test_the_compiler_that_nvcc_calls(
    patient: Patient, variables: dict[str, str], found: str | None
) -> None:
    folder = nvcc(patient.home / "one", "12.1").parent
    program(folder / "g++", "12.2.0")
    program(folder / "clang++", "17")
    patient.variables.update(PATH=str(folder), **variables)
    report = patient.report()
    assert report["facts"]["host_compiler"] == found
    assert (f"C++ compiler: {found}" in link(report, "nvcc")["details"]) == (found is not None)


# What the toolkits' headers say, of CUDA 12.1 and of 9.0.
_HEADER = """\
#if __GNUC__ > {newest}
#error -- unsupported GNU version! gcc versions later than {newest} are not supported!
#endif
"""


@pytest.mark.parametrize(
    ("newest", "said", "codes"),
    [
        ("12", "12.2.0", []),
        ("12", "13.1.0", ["host-compiler-unsupported"]),
        ("6", "6.5.0", []),
        ("4.9", "4.9.4", []),
        ("4.9", "5.1.0", ["host-compiler-unsupported"]),
        ("12", "9", []),
    ],
)
def test_a_compiler_that_the_toolkits_header_refuses(
    patient: Patient, newest: str, said: str, codes: list[str]
) -> None:
    folder = nvcc(patient.home / "one", "12.1").parent
    program(folder / "g++", said)
    header = folder.parent / "include/crt/host_config.h"
    header.parent.mkdir(parents=True)
    header.write_text(_HEADER.format(newest=newest))
    (folder.parent / "version.json").write_text('{"cuda": {"version": "12.1.105"}}')
    patient.variables["PATH"] = str(folder)
    report = patient.report()
    assert codes_of(report) == codes
    assert report["facts"]["compiler_for_nvcc"].startswith("too new" if codes else "taken")


@pytest.mark.parametrize(
    ("said", "status"), [("error: unknown argument", 1), ("12.2.0", 1), ("", 0)]
)
def test_a_compiler_that_does_not_say_its_version(patient: Patient, said: str, status: int) -> None:
    folder = nvcc(patient.home / "one", "12.1").parent
    program(folder / "g++", said, status)
    patient.variables["PATH"] = str(folder)
    assert patient.report()["facts"]["host_compiler"] is None


def test_without_nvcc_no_compiler_is_asked(patient: Patient) -> None:
    program(patient.home / "g++", "12.2.0")
    patient.variables["PATH"] = str(patient.home)
    assert patient.report()["facts"]["host_compiler"] is None


@pytest.mark.parametrize(
    ("name", "version", "codes"),
    [
        ("flash-attn", "2.5.8+cu122torch2.1cxx11abiFALSE", []),
        ("flash-attn", "2.5.8+cu122torch2.3cxx11abiFALSE", ["extension-torch-mismatch"]),
        ("flash-attn", "2.5.8+cu118torch2.1cxx11abiFALSE", ["extension-torch-mismatch"]),
        ("torch-scatter", "2.1.2+pt21cu121", []),
        ("torch-scatter", "2.1.2+pt20cu118", ["extension-torch-mismatch"]),
        ("apex", "0.1", []),
    ],
)
def test_an_extension_of_another_torch(
    patient: Patient, name: str, version: str, codes: list[str]
) -> None:
    patient.torch("2.1.2+cu121", "12.1")
    patient.package(name, version)
    assert patient.codes() == codes


def test_pip_over_conda(patient: Patient) -> None:
    patient.record("pytorch", "2.1.2")
    patient.torch("2.1.2+cu121", "12.1")
    assert patient.codes() == ["pip-over-conda"]


def test_numpy_and_notebook(patient: Patient) -> None:
    patient.torch("2.1.2+cu121", "12.1")
    patient.package("numpy", "2.0.1")
    patient.package("notebook", "7.2.0")
    patient.package("jupyter_contrib_nbextensions", "0.7.0")
    assert sorted(patient.codes()) == ["notebook-extension-old", "numpy-2-abi"]


def test_a_kernel_of_another_interpreter(patient: Patient) -> None:
    patient.torch("2.1.2+cu121", "12.1")
    other = Patient(patient.home / "other").build()
    spec = patient.env / "share/jupyter/kernels/python3/kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(f'{{"argv": ["{other.env}/bin/python", "-m", "ipykernel_launcher"]}}')
    report = patient.report()
    assert [one["code"] for one in report["problems"]] == ["torch-not-in-kernel"]
    details = link(report, "Jupyter kernels")["details"]
    assert details == [f"python3: {other.env}/bin/python: no torch"]
    other.torch("2.2.2", "12.1")
    assert patient.codes() == []


def test_files_that_make_no_sense_are_lines_not_tracebacks(patient: Patient) -> None:
    patient.torch("2.1.2+cu121", "12.1")
    (patient.site / "torch/version.py").write_bytes(b"\xff\xfe\x00")
    spec = patient.env / "share/jupyter/kernels/python3/kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text("[")
    patient.package("notebook", "not a version")
    patient.file("usr/local/cuda-12.1/version.json", "{")
    done = patient.doctor()
    assert "Traceback" not in done.stderr + done.stdout
    assert done.returncode == 0


def test_verify_is_the_last_link(patient: Patient) -> None:
    patient.torch("2.1.2+cu121", "12.1")
    report = patient.report("--verify")
    seen = link(report, "what torch sees")
    assert (seen["verdict"], report["healthy"]) == ("error", False)


def test_secrets_of_the_configuration_are_not_shown(patient: Patient) -> None:
    patient.variables["PIP_INDEX_URL"] = "https://me:s3cr3t@mirror.example/simple"
    for words in ((), ("--json",)):
        done = patient.doctor(*words)
        assert "s3cr3t" not in done.stdout + done.stderr
        assert "mirror.example" in done.stdout


@pytest.mark.parametrize(
    ("words", "status"), [(("--nonsense",), 2), (("--python", "/nowhere/python"), 2)]
)
def test_bad_arguments(bare: Patient, words: tuple[str, ...], status: int) -> None:
    done = bare.doctor(*words, named=False)
    assert done.returncode == status
    assert "Traceback" not in done.stderr
