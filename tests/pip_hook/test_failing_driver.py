"""A driver that is there and fails is not "no driver": nothing leads to the CPU build."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests import stubs

if TYPE_CHECKING:
    from pathlib import Path

    from .running import Machine

# What NVML and libcuda do, and what of it the refusal says.
FAILURES = {
    "an error each": ("init-error:9", "version-error:34", ("error 9", "error 34")),
    "a mismatch, no version": ("mismatch", "version-error:803", ("error 18", "error 803")),
    "a crash": ("crash", "crash-early", ("nvml: ended with", "libcuda: ended with")),
    "nothing that makes sense": ("garbage", "garbage", ("not understood",)),
    "an error and a hang": ("init-error:4", "hang-early", ("error 4", "libcuda: no answer")),
}


def failing(machine: Machine, folder: Path, nvml: str, cuda: str) -> Machine:
    """Put a driver on the machine that tells nothing of itself."""
    variables = stubs.environment(folder, fault=nvml, cuda_fault=cuda)
    return replace(machine, variables={**machine.variables, **variables})


@pytest.mark.parametrize("kind", FAILURES)
def test_a_plan_is_refused_with_what_the_driver_answered(
    kind: str, machine: Machine, stub_driver: Path
) -> None:
    nvml, cuda, told = FAILURES[kind]
    # What hangs is waited for to its limit, which is stretched for busy machines in other tests.
    limit = {"CUDA_GUARD_TIME_FACTOR": "5"} if "hang" in kind else {}
    broken = failing(machine, stub_driver, nvml, cuda)
    done = broken.pipcuda("plan", "torch", "--json", more=limit)
    assert (done.returncode, done.json["status"]) == (3, "refused")
    (note,) = (one for one in done.json["notes"] if one["severity"] == "error")
    assert note["code"] == "driver-fails"
    for words in told:
        assert words in note["message"]
    assert "--cpu" in note["hint"]


def test_the_ways_on_are_taken(machine: Machine, stub_driver: Path) -> None:
    broken = failing(machine, stub_driver, "init-error:9", "version-error:34")
    assert broken.pipcuda("plan", "torch", "--json", "--cpu").json["variant"] == "cpu"
    assert broken.pipcuda("plan", "torch==2.1.2+cpu", "--json").json["variant"] == "cpu"
    declared = broken.pipcuda("plan", "torch==2.1.2", "--json", "--cuda", "12.2").json
    assert declared["variant"] == "cu121"


def test_an_explicit_cuda_build_is_kept_and_the_failure_said(
    machine: Machine, stub_driver: Path
) -> None:
    broken = failing(machine, stub_driver, "init-error:9", "version-error:34")
    done = broken.pipcuda("plan", "torch==2.1.2+cu121", "--json")
    assert (done.returncode, done.json["variant"]) == (0, "cu121")
    assert "driver-fails" in [note["code"] for note in done.json["notes"]]


def test_install_installs_nothing(machine: Machine, stub_driver: Path) -> None:
    broken = failing(machine, stub_driver, "init-error:9", "version-error:34")
    target = machine.home / "target"
    done = broken.pipcuda("install", "--target", target, "torch==2.1.2")
    assert done.returncode == 3
    assert "driver-fails" in done.stderr
    assert not target.exists()
