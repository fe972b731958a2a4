"""The whole check, on a machine made of stub libraries, files and a tiny torch."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.doctor.patients import Patient
from tests.host import h200
from tests.host.h200 import CUDA, NAME, driver, put_files, smi_script
from tests.host.machine import Machine
from tests.support.clocks import FOREVER
from tests.support.real_conda import real_conda
from tests.support.tools import (
    REPO_ROOT,
    Result,
    ToolUnavailableError,
    isolated_environment,
    run,
)
from tests.verify.fake_families import cupy, jax, onnxruntime
from tests.verify.fake_torch import torch_for_cuda, torchvision

if TYPE_CHECKING:
    from pathlib import Path

# As the real machine of the samples, but for what names the card.
UUID = "GPU-0aa0b1c2-1111-2222-3333-444455556666"
MIG = "MIG-11111111-2222-3333-4444-555555555550"
PCI = "0000:17:00.0"
# A file that is not there in the view without device files.
DEVICE = "/dev/full"


def named(text: str) -> str:
    """Return a text of the real machine with a UUID and an address that must not be kept."""
    return text.replace(h200.UUID, UUID).replace(h200.PCI, PCI)


class Checked:
    """A stub machine that is well, and the check of it."""

    def __init__(self, folder: Path, stubs: Path) -> None:
        self.folder = folder
        self.out = folder / "out"
        machine = Machine(folder)
        put_files(machine, named)
        machine.write("dev/nvidia0", "")
        machine.write("dev/nvidiactl", "")
        # MIG is off on the real one.
        mig = f"[ \"$1\" != -L ] || echo '  MIG 1g.18gb Device 0: (UUID: {MIG})'"
        machine.install_smi(script=f"{named(smi_script(DEVICE))}\n{mig}")
        self.roots = machine.roots
        self.python = self._environment()
        gpus = {name: named(text) for name, text in driver(stubs, device=DEVICE).items()}
        isolated = isolated_environment(folder)
        nowhere = "http://127.0.0.1:9/"
        self.variables = {
            **isolated,
            **gpus,
            "PATH": os.pathsep.join((str(machine.tools), isolated["PATH"])),
            "CUDA_GUARD_WHEEL_INDEX": nowhere,
            "PIP_INDEX_URL": nowhere,
            "PIP_CONFIG_FILE": os.devnull,
        }

    def _environment(self) -> str:
        """Make an environment with a torch that runs on the machine."""
        env = Patient(self.folder / "env").build()
        torch_for_cuda(env.site)
        torchvision(env.site)
        cupy(env.site, "cupy-cuda13x")
        jax(env.site, "cuda13")
        onnxruntime(env.site)
        env.package("torch", "2.11.0+cu130")
        (env.site / "torch/version.py").write_text("__version__ = '2.11.0+cu130'\ncuda = '13.0'\n")
        return str(env.env / "bin/python")

    def run(self, *words: str, limit: float = 600) -> Result:
        """Run the check."""
        command = [
            sys.executable, "-m", "tests.gpu", "--out", str(self.out), "--python", self.python,
            "--root", str(self.roots), "--limit", str(limit), *words,
        ]  # fmt: skip
        return run(command, env=self.variables, cwd=REPO_ROOT, timeout=limit + 60)

    def results(self) -> dict[str, Any]:
        """Return what was kept, by the names of the steps."""
        kept = json.loads((self.out / "outputs.json").read_text("utf-8"))
        return {one["name"]: one for one in kept}


@pytest.fixture
def checked(tmp_path: Path, stub_driver: Path) -> Checked:
    """Return a stub machine that is well."""
    return Checked(tmp_path, stub_driver)


# What a machine may lack: a conda, a CUDA toolkit, the right to make a view without device files.
MAY_BE_MISSING = {"times of conda", "libcuda for linking: doctor"}
MAY_BE_MISSING |= {"no device files: doctor", "no device files: plan"}
MAY_BE_MISSING |= {"libraries: the system's cuDNN", "libraries: a toolkit's"}


@pytest.mark.nightly  # fifty steps, half a minute: the others show what is made of one
def test_every_step_does_what_it_must_on_a_machine_that_is_well(checked: Checked) -> None:
    done = checked.run()
    summary = (checked.out / "summary.txt").read_text("utf-8")
    assert done.returncode == 0, summary
    assert done.stdout.endswith(f"{summary}kept in {checked.out}\n")
    results = checked.results()
    missing = {name for name, one in results.items() if one["result"] != "ok"}
    assert missing <= MAY_BE_MISSING, summary
    assert "passed" in results["gpu tests"]["output"]
    assert "skipped" not in results["gpu tests"]["output"].splitlines()[-1]
    kept = "".join(path.read_text("utf-8") for path in checked.out.iterdir())
    assert NAME in kept
    for secret in (UUID, MIG, PCI[-7:]):
        assert secret not in kept


def test_a_step_that_does_not_do_what_it_must_fails_the_check(checked: Checked) -> None:
    checked.variables["STUB_NVML_DRIVER"] = "580.65.06"
    done = checked.run("--only", "gpu tests")
    assert done.returncode == 1
    assert checked.results()["gpu tests"]["result"] == "FAILED"
    assert "0 ok, 1 FAILED, 0 cannot run" in done.stdout


def test_what_cannot_run_says_why_and_fails_nothing(checked: Checked) -> None:
    (checked.folder / "bin/nvidia-smi").unlink()
    done = checked.run("--only", "nvidia-smi")
    assert done.returncode == 0
    assert "no nvidia-smi on PATH" in done.stdout


def test_a_step_that_hangs_is_stopped(checked: Checked) -> None:
    tool = checked.folder / "bin/nvidia-smi"
    tool.write_text(f"#!/bin/sh\nexec sleep {FOREVER}\n")
    done = checked.run("--only", "nvidia-smi -L", limit=2)
    assert done.returncode == 1
    assert "no answer within" in checked.results()["nvidia-smi -L"]["why"]


def test_a_step_without_time_is_a_failure(checked: Checked) -> None:
    done = checked.run("--only", "detection", limit=0)
    assert done.returncode == 1
    assert "no time was left for it" in done.stdout


def test_the_time_of_condas_own_detection(checked: Checked) -> None:
    try:
        python = real_conda(checked.folder / "conda-home").python
    except ToolUnavailableError as error:
        pytest.skip(str(error))
    done = checked.run("--only", "times of conda", "--conda", str(python))
    assert done.returncode == 0, done.stdout
    assert f"conda's __cuda: {CUDA}" in checked.results()["times of conda"]["output"]
