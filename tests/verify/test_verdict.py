"""What the probe finds of torches that work, misbehave or are not there, and the verdict."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from conda_cuda_guard.host.programs import interpreter_of
from conda_cuda_guard.model import UsageError
from conda_cuda_guard.rendering.verify_text import verdict_text, verdict_to_json
from conda_cuda_guard.rendering.verify_words import WORDS
from conda_cuda_guard.verify.run_probe import run_probe
from conda_cuda_guard.verify.verdict import Machine, Verification, judge_findings
from tests.support.clocks import FOREVER, lifeline, wait_until

from . import fake_torch
from .fake_torch import torch_for_cpu, torch_for_cuda, torch_without_gpu, torchvision, write_package

NO_DRIVER = Machine()
DRIVER = Machine("535.104.05", "12.2")
_OUTSIDE = sys.platform == "win32"
_NMS_OF_A_CPU_BUILD = (
    "def nms(boxes, scores, limit):\n"
    "    if boxes.place == 'cpu':\n"
    "        return type(boxes)([0, 2])\n"
    "    raise NotImplementedError(\"Could not run 'torchvision::nms' with arguments from "
    "the 'CUDA' backend.\")"
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder where the probed interpreter finds packages."""
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


def _verdict(machine: Machine = NO_DRIVER, *, timeout: float = 30) -> Verification:
    verdict = judge_findings(run_probe(Path(sys.executable), timeout=timeout), machine)
    # Every verdict can be told.
    assert verdict_text(verdict).startswith(f"{verdict.status}: ")
    return verdict


def _codes(verdict: Verification) -> list[tuple[str, str]]:
    assert all((note.code, note.case) in WORDS for note in verdict.notes)
    return [(note.code, note.case) for note in verdict.notes]


def test_a_torch_that_computes_on_the_gpu_works(place: Path) -> None:
    torchvision(torch_for_cuda(place))
    verdict = _verdict(DRIVER)
    assert (verdict.status, verdict.ok, verdict.notes) == ("works", True, ())
    shown = verdict_to_json(verdict)
    assert shown["torch"]["version"] == "2.1.2+cu121"
    assert shown["torchvision"] == "0.16.2"
    assert shown["devices"] == [{"name": "NVIDIA A100-SXM4-40GB", "compute_capability": "8.0"}]


def test_a_cpu_build_is_right_where_there_is_no_driver(place: Path) -> None:
    torch_for_cpu(place)
    verdict = _verdict()
    assert (verdict.status, verdict.ok) == ("cpu-only", True)
    assert _codes(verdict) == [("cpu-build", "")]


def test_a_cpu_build_is_wrong_where_there_is_a_driver(place: Path) -> None:
    torch_for_cpu(place)
    verdict = _verdict(DRIVER)
    assert (verdict.status, verdict.ok) == ("cpu-only", False)
    assert _codes(verdict) == [("cpu-build", "driver")]
    assert "pipcuda install" in verdict_text(verdict)


@pytest.mark.parametrize(
    ("machine", "reason", "case", "ok"),
    [
        (NO_DRIVER, "Found no NVIDIA driver on your system.", "no-driver", True),
        (DRIVER, "The NVIDIA driver on your system is too old", "driver-too-old", False),
        (DRIVER, "CUDA unknown error", "", False),
        (Machine("535.1", "12.2", "CUDA_VISIBLE_DEVICES="), "No CUDA GPUs", "hidden", False),
    ],
)
def test_a_cuda_build_without_a_usable_driver(
    place: Path, machine: Machine, reason: str, case: str, *, ok: bool
) -> None:
    torch_without_gpu(place, reason)
    verdict = _verdict(machine)
    assert (verdict.status, verdict.ok) == ("cpu-only", ok)
    assert _codes(verdict) == [("cuda-not-available", case)]


def test_no_torch() -> None:
    if importlib.util.find_spec("torch"):
        pytest.skip("this interpreter has a torch")
    verdict = _verdict()
    assert (verdict.status, verdict.ok) == ("no-torch", False)
    assert _codes(verdict) == [("torch-not-installed", "")]


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (
            'raise OSError("libcudart.so.12: cannot open shared object file")',
            ("torch-import-failed", "library"),
            "libcudart.so.12",
        ),
        ("import surely_not_there", ("torch-import-failed", "dependency"), "surely_not_there"),
        ("raise SystemExit('stop')", ("torch-import-failed", ""), "stop"),
        ("x = 1", ("torch-import-failed", ""), "__version__"),
        ("import os; os._exit(7)", ("torch-import-failed", "crash"), "status 7"),
    ],
)
def test_an_import_that_fails(place: Path, body: str, code: tuple[str, str], said: str) -> None:
    write_package(place, "torch", body)
    verdict = _verdict()
    assert (verdict.status, verdict.ok) == ("broken", False)
    assert _codes(verdict) == [code]
    assert said in verdict_text(verdict)
    assert "Traceback" not in verdict_text(verdict)


@pytest.mark.skipif(_OUTSIDE, reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("SIGSEGV", ("torch-import-failed", "crash")),
        ("SIGILL", ("torch-crashed", "illegal-instruction")),
    ],
)
def test_a_crash_on_import(place: Path, name: str, code: tuple[str, str]) -> None:
    write_package(place, "torch", f"import os, signal; os.kill(os.getpid(), signal.{name})")
    verdict = _verdict()
    assert verdict.status == "broken"
    assert _codes(verdict) == [code]
    assert f"killed by {name}" in verdict_text(verdict)


@pytest.mark.skipif(_OUTSIDE, reason="a POSIX shell")
def test_a_hang_is_stopped_with_what_it_started(place: Path, tmp_path: Path) -> None:
    with lifeline(tmp_path) as line:
        started = f"sleep {FOREVER} 9>{line.path}"
        body = (
            "import subprocess, time\n"
            f"subprocess.Popen({started!r}, shell=True)\n"
            f"time.sleep({FOREVER})\n"
        )
        write_package(place, "torch", body)
        verdict = _verdict(timeout=4)
        wait_until(line.is_cut)
    assert (verdict.status, verdict.ok) == ("timeout", False)
    assert _codes(verdict) == [("verification-timeout", "")]
    assert "importing torch" in verdict_text(verdict)


def test_a_chatty_torch_disturbs_nothing(place: Path) -> None:
    torch_for_cuda(place)
    init = place / "torch" / "__init__.py"
    noise = "import os\nfor _ in range(5000): os.write(1, b'{\"done\": true}\\n' * 50)\n"
    init.write_text(noise + init.read_text("utf-8"), "utf-8")
    findings = run_probe(Path(sys.executable), timeout=30)
    assert findings.is_complete
    assert len(findings.output) < 10_000
    assert judge_findings(findings, DRIVER).status == "works"


@pytest.mark.parametrize(
    ("on_gpu", "code"),
    [
        (
            "raise RuntimeError('CUDA error: no kernel image is available for execution')",
            "no-kernel-image",
        ),
        ("raise RuntimeError('CUBLAS_STATUS_NOT_INITIALIZED')", "matrix-product-failed"),
        ("return Tensor([[0.0]])", "matrix-product-wrong"),
    ],
)
def test_a_gpu_that_does_not_compute(place: Path, on_gpu: str, code: str) -> None:
    torch_for_cuda(place, on_gpu=on_gpu)
    verdict = _verdict(DRIVER)
    assert (verdict.status, verdict.ok) == ("broken", False)
    assert _codes(verdict) == [(code, "")]
    assert "GPU 0, NVIDIA A100-SXM4-40GB" in verdict_text(verdict)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (
            {"convolution": "raise RuntimeError('CUDNN_STATUS_NOT_INITIALIZED')"},
            "convolution-failed",
        ),
        ({"convolution": "return Tensor([[[[0.0]]]])"}, "convolution-wrong"),
        # As an H200 said with an older cuDNN in LD_LIBRARY_PATH, whose convolutions were right.
        (
            {
                "cudnn": "raise RuntimeError('cuDNN version incompatibility: PyTorch was compiled  "
                "against (9, 19, 0) but found runtime version (9, 14, 0).')"
            },
            "cudnn-mixed",
        ),
    ],
)
def test_a_cudnn_that_is_not_torchs_own(place: Path, wrong: dict[str, str], code: str) -> None:
    torch_for_cuda(place, **wrong)
    verdict = _verdict(DRIVER)
    assert (verdict.status, verdict.ok) == ("broken", False)
    assert _codes(verdict) == [(code, "")]


def test_asking_for_cuda_may_fail(place: Path) -> None:
    torch_for_cuda(place, is_available="raise RuntimeError('driver gone')")
    verdict = _verdict(DRIVER)
    assert verdict.status == "broken"
    assert _codes(verdict) == [("cuda-query-failed", "")]


@pytest.mark.parametrize(
    ("ops", "code"),
    [
        (
            "raise RuntimeError('operator torchvision::nms does not exist')",
            ("nms-missing", ""),
        ),
        (
            _NMS_OF_A_CPU_BUILD,
            ("nms-missing", "cuda"),
        ),
        ("", ("nms-failed", "")),
        (fake_torch.NMS.replace("[0, 2]", "[1]"), ("nms-wrong", "")),
    ],
)
def test_a_torchvision_of_another_torch(place: Path, ops: str, code: tuple[str, str]) -> None:
    torchvision(torch_for_cuda(place), ops)
    verdict = _verdict(DRIVER)
    assert (verdict.status, verdict.ok) == ("broken", False)
    assert code in _codes(verdict)


def test_a_torchvision_that_cannot_be_imported(place: Path) -> None:
    write_package(torch_for_cuda(place), "torchvision", "raise RuntimeError('bad pair')")
    assert _codes(_verdict(DRIVER)) == [("torchvision-import-failed", "")]


@pytest.mark.skipif(_OUTSIDE, reason="needs a shell script")
def test_an_interpreter_that_is_none(tmp_path: Path) -> None:
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\necho no python here\nexit 3\n")
    script.chmod(0o755)
    verdict = judge_findings(run_probe(script, timeout=30), NO_DRIVER)
    assert verdict.status == "broken"
    assert _codes(verdict) == [("interpreter-failed", "")]
    assert "no python here" in verdict_text(verdict)


def test_an_interpreter_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be run"):
        run_probe(interpreter_of(tmp_path), timeout=5)


def test_the_real_torch_of_this_interpreter() -> None:
    if importlib.util.find_spec("torch") is None:
        pytest.skip("no torch is installed for this interpreter")
    code = "import torch; print(torch.version.cuda, torch.cuda.is_available())"
    asked = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    cuda, available = asked.stdout.split()
    verdict = _verdict(timeout=120)
    assert verdict.status == ("works" if available == "True" else "cpu-only")
    assert verdict.ok
    shown = verdict_to_json(verdict)["torch"]
    assert str(shown["cuda"]) == cuda
