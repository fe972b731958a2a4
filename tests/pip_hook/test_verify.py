"""`pipcuda verify`, and `--verify` of install: exit status, output, and where it cannot be used."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.pips import bare_environment
from tests.verify.fake_torch import torch_for_cpu, torch_for_cuda, write_package

if TYPE_CHECKING:
    from pathlib import Path

    from .running import Machine


def test_a_cpu_build_without_a_driver_is_right(machine: Machine, packages: Path) -> None:
    torch_for_cpu(packages)
    done = machine.pipcuda("verify")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("cpu-only: torch 2.1.2+cpu computes on the CPU alone")
    assert "[cpu-build]" in done.stdout


def test_a_cpu_build_beside_a_driver_is_not(
    machine: Machine, packages: Path, stub_driver: Path
) -> None:
    torch_for_cpu(packages)
    done = machine.with_driver(stub_driver, "535.104.05", "12.2").pipcuda("verify", "--json")
    assert done.returncode == 1
    assert (done.json["status"], done.json["ok"]) == ("cpu-only", False)
    assert done.json["driver"] == "535.104.05"
    assert [note["code"] for note in done.json["notes"]] == ["cpu-build"]


def test_json_is_one_object_though_torch_talks(machine: Machine, packages: Path) -> None:
    torch_for_cuda(packages)
    init = packages / "torch" / "__init__.py"
    init.write_text("print('hello')\n" + init.read_text("utf-8"), "utf-8")
    done = machine.pipcuda("verify", "--json")
    assert (done.returncode, done.json["status"]) == (0, "works")


def test_the_environment_that_python_names(machine: Machine, tmp_path: Path) -> None:
    python = bare_environment(machine.python, tmp_path / "venv")
    for named in (python, tmp_path / "venv"):
        done = machine.pipcuda("verify", "--python", named, "--json")
        assert done.returncode == 1
        assert done.json["status"] == "no-torch"
        assert done.json["python"] == str(python)


def test_a_time_limit(machine: Machine, packages: Path) -> None:
    write_package(packages, "torch", "import time; time.sleep(60)")
    done = machine.pipcuda("verify", "--timeout", "1")
    assert done.returncode == 1
    assert "[verification-timeout]" in done.stdout


@pytest.mark.parametrize(
    "words",
    [["--python", "surely/not/there"], ["--timeout", "0"], ["--timeout", "x"], ["--surely-not"]],
)
def test_unusable_arguments(machine: Machine, words: list[str]) -> None:
    done = machine.pipcuda("verify", *words)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "next: " in done.stderr
    assert "Traceback" not in done.stderr


def test_help(machine: Machine) -> None:
    done = machine.pipcuda("verify", "--help")
    assert done.returncode == 0
    assert "--timeout" in done.stdout


def test_install_verifies_what_is_there_afterwards(machine: Machine, tmp_path: Path) -> None:
    python = bare_environment(machine.python, tmp_path / "venv")
    words = ("install", "--cpu", "--no-deps", "torch==2.1.2", "--verify")
    done = machine.pipcuda("--python", python, *words)
    # The index's torch is an empty one: pip installs it, and it cannot be imported as a torch.
    assert "Successfully installed torch-2.1.2+cpu" in done.stdout, done.stderr
    assert done.returncode == 1
    assert "pipcuda: broken: torch" in done.stderr
    assert str(python) in done.stderr


def test_install_of_nothing_of_cuda_verifies_too(machine: Machine, packages: Path) -> None:
    torch_for_cpu(packages)
    done = machine.pipcuda("install", "--verify", "pip")
    assert done.returncode == 0, done.stderr
    assert "pipcuda: cpu-only: torch 2.1.2+cpu" in done.stderr


def test_an_install_that_fails_is_not_verified(machine: Machine) -> None:
    done = machine.pipcuda("install", "--verify", "surely-not-there")
    assert done.returncode == 1
    assert "no-torch" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["install", "--dry-run"],
        ["install", "--target", "there"],
        ["install", "-t", "there"],
        ["install", "--prefix=there"],
        ["install", "--root", "there"],
        ["download"],
        ["wheel"],
    ],
)
def test_where_verify_cannot_be_used(machine: Machine, words: list[str]) -> None:
    done = machine.pipcuda(*words, "torch==2.1.2", "--cpu", "--verify")
    assert done.returncode == 2
    assert "--verify cannot be used here" in done.stderr
    assert done.stdout == ""


def test_the_configuration_may_say_it_too(machine: Machine) -> None:
    done = machine.pipcuda("install", "torch", "--verify", more={"PIP_TARGET": "there"})
    assert done.returncode == 2
    assert "--target" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_crash_has_no_traceback(machine: Machine, packages: Path) -> None:
    write_package(packages, "torch", "import ctypes; ctypes.string_at(0)")
    done = machine.pipcuda("verify")
    assert done.returncode == 1
    assert "killed by SIGSEGV" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
