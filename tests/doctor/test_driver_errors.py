"""`pipcuda doctor`: every error of the driver is a finding, and only health is called so."""

from __future__ import annotations

import os
import pty
import re
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conda_cuda_guard.host.finding import CUDA, NVML

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .patients import Patient

TORCH = ("2.1.2+cu121", "12.1")


def found(patient: Patient, *words: str) -> Any:
    """Return the report, whatever was printed for who waits."""
    done = patient.doctor("--json", *words)
    assert done.returncode == (0 if done.json["healthy"] else 1)
    return done.json


def codes(report: Any) -> set[str]:
    return {one["code"] for one in report["problems"]}


# The code of NVML or libcuda, and the rule that explains it.
NVML_CODES = {
    4: "driver-not-permitted", 9: "driver-not-loaded", 15: "gpu-fell-off",
    18: "driver-library-mismatch",
}  # fmt: skip
CUDA_CODES = {
    34: "libcuda-is-a-stub", 46: "gpu-unavailable", 100: "cuda-finds-no-gpu",
    101: "cuda-finds-no-gpu", 802: "fabric-manager", 803: "driver-library-mismatch",
    804: "forward-compatibility", 805: "mps-server", 806: "mps-server", 807: "mps-server",
    808: "mps-server", 809: "mps-server", 999: "unknown-error-after-suspend",
}  # fmt: skip
UNKNOWN_CODE = 77


@pytest.mark.parametrize("code", [*NVML, UNKNOWN_CODE])
def test_every_code_of_nvml_is_a_problem_in_a_container_without_sys(
    bare: Patient, stub_driver: Path, code: int
) -> None:
    bare.file(".dockerenv")
    bare.torch(*TORCH)
    bare.driver(stub_driver, "535.104.05", "12.2", fault=f"init-error:{code}")
    report = found(bare)
    assert NVML_CODES.get(code, "driver-answers-error") in codes(report)
    assert f"nvml: nvmlInit: error {code} (" in report["facts"]["driver_error"]
    assert NVML.get(code, "") in report["facts"]["driver_error"]


@pytest.mark.parametrize("code", [*CUDA, UNKNOWN_CODE])
def test_every_code_of_libcuda_is_a_problem_though_nvml_is_well(
    bare: Patient, stub_driver: Path, code: int
) -> None:
    bare.torch(*TORCH)
    bare.driver(stub_driver, "535.104.05", "12.2")
    bare.variables["STUB_CUDA_FAULT"] = f"init-error:{code}"
    report = found(bare)
    assert CUDA_CODES.get(code, "driver-answers-error") in codes(report)
    assert f"libcuda: cuInit: error {code} (" in report["facts"]["driver_error"]
    assert CUDA.get(code, "") in report["facts"]["driver_error"]


def nvidia_smi(patient: Patient, script: str) -> None:
    """Put an nvidia-smi on the machine's PATH."""
    tool = patient.home / "bin" / "nvidia-smi"
    tool.parent.mkdir(exist_ok=True)
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)


@pytest.mark.parametrize(
    ("status", "said", "code"),
    [
        (9, "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
         "driver-not-loaded"),
        (18, "Failed to initialize NVML: Driver/library version mismatch",
         "driver-library-mismatch"),
        (15, "Unable to determine the device handle for GPU0000:08:00.0: Unknown Error",
         "gpu-fell-off"),
        (6, "No devices were found", "driver-answers-error"),
        (255, "Unknown Error", "driver-answers-error"),
        (0, "<html>", "driver-answers-error"),
    ],
)  # fmt: skip
def test_an_error_of_nvidia_smi_is_a_problem(
    bare: Patient, status: int, said: str, code: str
) -> None:
    nvidia_smi(bare, f'echo "{said}"; exit {status}')
    assert code in codes(found(bare))


def test_nvml_and_cuda_that_fail_together(bare: Patient, stub_driver: Path) -> None:
    bare.driver(stub_driver, "535.104.05", "12.2", fault="init-error:9")
    bare.variables["STUB_CUDA_FAULT"] = "init-error:100"
    assert codes(found(bare)) >= {"driver-not-loaded", "cuda-finds-no-gpu"}


def test_nvidia_smi_answers_and_libcuda_is_absent(bare: Patient) -> None:
    row = "NVIDIA A100, 8.0, 550.54.14, GPU-5c5a2f80-9d6d-4d2f-8f6c-0b8a4c7e1f2a"
    header = "Driver Version: 550.54.14  CUDA Version: 12.4"
    nvidia_smi(bare, f'case $1 in --query*) echo "{row}";; *) echo "{header}";; esac')
    report = found(bare)
    assert codes(report) == {"libcuda-not-found"}
    assert report["facts"]["driver_libraries"] == "missing: libcuda, NVML"


def test_a_container_without_the_driver_and_a_torch_for_cuda(bare: Patient) -> None:
    bare.file(".dockerenv")
    assert found(bare)["healthy"]
    bare.torch(*TORCH)
    assert codes(found(bare)) == {"container-without-gpu"}


def test_no_driver_at_all_and_a_torch_for_cuda(bare: Patient) -> None:
    bare.torch(*TORCH)
    assert codes(found(bare)) == {"torch-without-gpu"}
    assert "No problem found" not in bare.doctor().stdout


def test_a_companion_without_torch(bare: Patient) -> None:
    bare.package("torchvision", "0.16.2+cu121")
    report = found(bare)
    assert codes(report) == {"companion-without-torch"}
    assert not report["healthy"]


def test_libcuda_answers_and_nothing_names_a_driver(bare: Patient, stub_driver: Path) -> None:
    folder = bare.home / "half"
    folder.mkdir()
    (folder / "libcuda.so.1").symlink_to(stub_driver / "libcuda.so.1")
    bare.driver(folder, "535.104.05", "12.2")
    report = found(bare)
    assert codes(report) == {"driver-not-named"}
    names = {one["name"]: one["value"] for one in report["links"]}
    assert names["driver"] == "there, its version is not known"
    bare.file("etc/nv_tegra_release")  # NVIDIA's boards are like that
    assert codes(found(bare)) == set()


def test_torch_for_cuda_and_a_driver_without_a_gpu(bare: Patient, stub_driver: Path) -> None:
    bare.torch(*TORCH)
    bare.driver(stub_driver, "535.104.05", "12.2")
    bare.variables["STUB_NVML_GPUS"] = ""
    assert codes(found(bare)) == {"cuda-finds-no-gpu"}


def test_commands_move_the_whole_set(bare: Patient, stub_driver: Path) -> None:
    bare.driver(stub_driver, "535.104.05", "12.2", ("Tesla P100-PCIE-16GB", "6.0"))
    bare.torch("2.10.0+cu128", "12.8")
    bare.package("torchvision", "0.25.0+cu128")
    (problem,) = (one for one in found(bare)["problems"] if one["code"] == "no-kernel-image")
    again = f"pipcuda install --python {bare.env} --force-reinstall torch torchvision"
    assert again in problem["commands"]


def test_condas_torch_is_mended_by_conda(bare: Patient, stub_driver: Path) -> None:
    bare.driver(stub_driver, "535.104.05", "12.2")
    bare.record("pytorch", "2.1.2")
    bare.record("torchvision", "0.16.2")
    bare.torch("2.1.2", None, installer="conda")
    (problem,) = found(bare)["problems"]
    assert problem["code"] == "cpu-build"
    again = f"conda cuda-install -p {bare.env} --force-reinstall pytorch torchvision"
    assert problem["commands"][0] == again


def test_commands_carry_what_is_known(bare: Patient, stub_driver: Path) -> None:
    bare.driver(stub_driver, "535.104.05", "12.2", ("NVIDIA H100", "9.0"))
    bare.torch(*TORCH)
    compiler = bare.home / "one" / "bin" / "nvcc"
    compiler.parent.mkdir(parents=True)
    compiler.write_text("#!/bin/sh\necho 'release 11.7, V11.7.1'\n")
    compiler.chmod(0o755)
    bare.variables["PATH"] = str(compiler.parent)
    commands = {one["code"]: one["commands"] for one in found(bare)["problems"]}
    assert 'export TORCH_CUDA_ARCH_LIST="9.0"' in commands["nvcc-unknown-architecture"]
    planned = commands["extension-cuda-mismatch"][-1]
    assert planned.startswith("pipcuda plan")
    assert planned.endswith("torch --cuda 11.7")


def test_the_toolkits_torch_is_planned_by_the_manager_of_this_one(
    bare: Patient, stub_driver: Path
) -> None:
    bare.driver(stub_driver, "535.104.05", "12.2")
    bare.record("pytorch", "2.1.1", "py3.11_cuda12.1_cudnn8.9.2_0")
    bare.torch("2.1.1", "12.1", installer="conda")
    compiler = bare.home / "one" / "bin" / "nvcc"
    compiler.parent.mkdir(parents=True)
    compiler.write_text("#!/bin/sh\necho 'release 11.7, V11.7.1'\n")
    compiler.chmod(0o755)
    bare.variables["PATH"] = str(compiler.parent)
    commands = {one["code"]: one["commands"] for one in found(bare)["problems"]}
    planned = f"conda cuda-install --plan -p {bare.env} pytorch --cuda 11.7"
    assert planned in commands["extension-cuda-mismatch"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--driver", "535.104.05", "--gpu", "A100"), set()),
        (("--driver", "470.82.01"), {"driver-too-old"}),
        (("--cuda", "12.8", "--gpu", "RTX 5090"), {"no-kernel-image"}),
    ],
)
def test_the_installed_torch_is_judged_for_another_machine(
    bare: Patient, stub_driver: Path, words: tuple[str, ...], expected: set[str]
) -> None:
    bare.torch(*TORCH)
    bare.driver(stub_driver, "580.65.06", "13.0", fault="init-error:9")  # is not looked at
    report = found(bare, *words)
    assert codes(report) == expected
    driver = next(one for one in report["links"] if one["name"] == "driver")
    assert driver["how"] == "as declared"
    again = [one for each in report["problems"] for one in each["commands"] if "install" in one]
    assert all(words[1] in one for one in again)


def test_another_machine_may_stand_in_a_file(bare: Patient) -> None:
    bare.torch(*TORCH)
    file = bare.file("host.json", '{"driver": "470.82.01", "gpus": ["8.0"]}')
    assert codes(found(bare, "--host", str(file))) == {"driver-too-old"}
    file.write_text('{"driver": "470.82.01"}\n{"driver": "535.104.05"}\n')
    assert bare.doctor("--host", str(file)).returncode == 2


class _Index(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer as an index without torch, or one that is out of order."""
        self.send_response(503 if "broken" in self.path else 404)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


@pytest.fixture
def index() -> Iterator[str]:
    """Serve an index, and return its address."""
    server = HTTPServer(("127.0.0.1", 0), _Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_indexes_in_force_are_asked_and_the_dead_named(bare: Patient, index: str) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        slow = f"http://127.0.0.1:{silent.getsockname()[1]}/simple"
        bare.variables.update(
            CUDA_GUARD_OFFLINE="",
            CUDA_GUARD_TIME_FACTOR="3",
            PIP_INDEX_URL=f"{index}/simple",
            PIP_EXTRA_INDEX_URL=f"http://me:s3cr3t@127.0.0.1:9/simple {slow} {index}/broken",
            PIP_FIND_LINKS=f"/nowhere/wheels {bare.home}",
        )
        report = found(bare)
    assert report["healthy"]
    assert codes(report) == {"index-does-not-answer"}
    dead = report["facts"]["dead_indexes"]
    for part in (
        "http://****@127.0.0.1:9/simple (Connection refused)",
        f"{slow} (no answer in 6 s)",
        f"{index}/broken (HTTP 503)",
        "/nowhere/wheels (there is no such folder or file)",
    ):
        assert part in dead
    assert f"{index}/simple" not in dead
    assert str(bare.home) not in dead
    assert "s3cr3t" not in str(report)


def test_offline_nothing_is_asked(bare: Patient) -> None:
    bare.variables.update(CUDA_GUARD_OFFLINE="", PIP_INDEX_URL="http://127.0.0.1:9/simple")
    assert codes(found(bare, "--offline")) == set()


def at_a_terminal(patient: Patient, *words: str, width: int = 80) -> list[str]:
    """Run the doctor at a terminal, and return the lines that it shows."""
    ours, theirs = pty.openpty()
    env = {
        "PATH": str(patient.home / "bin"), "HOME": str(patient.home), "TERM": "dumb",
        "PIP_CONFIG_FILE": os.devnull, "CUDA_GUARD_OFFLINE": "1", "NO_COLOR": "1",
        "COLUMNS": str(width), **patient.variables,
    }  # fmt: skip
    place = ["--python", str(patient.env), "--root", str(patient.root)]
    command = [sys.executable, "-m", "pip_hook", "doctor", *place, *words]
    process = subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL, env=env)
    os.close(theirs)
    said = b""
    try:
        while piece := os.read(ours, 65536):
            said += piece
    except OSError:  # Linux's way to tell the end
        pass
    process.wait()
    os.close(ours)
    return said.decode().replace("\r", "").splitlines()


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is POSIX's")
def test_at_a_terminal_it_wraps_at_words(bare: Patient, stub_driver: Path) -> None:
    bare.driver(stub_driver, "535.104.05", "12.2", ("Tesla P100-PCIE-16GB", "6.0"))
    bare.torch("2.10.0+cu128", "12.8")
    bare.package("torchvision", "0.17.0+cu118")
    lines = at_a_terminal(bare)
    words = set(bare.doctor().stdout.split())
    assert len(lines) > 35
    for line in lines:
        longest = max(map(len, line.split()), default=0)
        assert len(line) <= max(80, longest + 13), line
        told = re.sub(r"\(\d+ ms\)|[\d.]+ GiB", "", line)  # they differ from run to run
        assert set(told.split()) - {"\\"} <= words, line


def test_the_documentation_has_every_code_and_its_finding() -> None:
    text = (Path(__file__).parents[2] / "docs/doctor.md").read_text(encoding="utf-8")
    for source, meanings, rules in (
        ("NVML, nvidia-smi", NVML, NVML_CODES),
        ("libcuda", CUDA, CUDA_CODES),
    ):
        for code, meaning in meanings.items():
            rule = rules.get(code, "driver-answers-error")
            assert f"| {source} | {code} | {meaning} | `{rule}` |" in text
