"""A system of another C library: what pip can take there, and what is planned for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pips import bare_environment

from .running import Machine, installed, python_of

if TYPE_CHECKING:
    from pathlib import Path

OLDER = "def manylinux_compatible(major, minor, arch):\n    return (major, minor) <= (2, 17)\n"
NEWEST = "2.5.1+cu124"


@pytest.fixture
def centos_7(machine: Machine, stub_driver: Path, tmp_path: Path) -> Machine:
    """Return a machine with an A100 whose pip takes nothing that needs more than glibc 2.17."""
    folder = tmp_path / "older"
    folder.mkdir()
    (folder / "_manylinux.py").write_text(OLDER)
    machine.variables = {**machine.variables, "PYTHONPATH": str(folder)}
    return machine.with_driver(stub_driver, "550.54.14", "12.4")


def _plan(machine: Machine, *words: str | Path) -> dict[str, Any]:
    done = machine.pipcuda("plan", "--json", *words)
    plan: dict[str, Any] = json.loads(done.stdout)
    return plan


def test_pip_installs_the_newest_torch_that_the_system_can_take(
    centos_7: Machine, tmp_path: Path
) -> None:
    done = centos_7.pipcuda("install", "torch", "torchvision", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == NEWEST
    assert installed(tmp_path / "t")["torchvision"] == "0.20.1+cu124"


@pytest.mark.parametrize("offline", [(), ("--offline",)])
def test_a_newer_one_is_refused_with_the_reason(
    centos_7: Machine, tmp_path: Path, offline: tuple[str, ...]
) -> None:
    done = centos_7.pipcuda("install", "torch>=2.6", "--target", tmp_path / "t", *offline)
    assert done.returncode == 3
    assert "libc-too-old" in done.stderr
    assert "glibc 2.17" in done.stderr
    assert not (tmp_path / "t").exists()


def test_a_dependency_comes_in_as_one_that_the_system_can_take(
    centos_7: Machine, tmp_path: Path
) -> None:
    done = centos_7.pipcuda("install", "lightning", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == NEWEST


def test_the_interpreter_that_python_names_decides(
    machine: Machine, stub_driver: Path, tmp_path: Path
) -> None:
    machine = machine.with_driver(stub_driver, "550.54.14", "12.4")
    named = bare_environment(machine.python, tmp_path / "env")
    (next(tmp_path.glob("env/lib/python*/site-packages")) / "_manylinux.py").write_text(OLDER)
    assert _plan(machine, "--python", named, "torch")["packages"] == {"torch": NEWEST}
    assert _plan(machine, "torch")["packages"] != {"torch": NEWEST}


@pytest.mark.parametrize(
    ("tag", "torch"),
    [
        ("manylinux_2_17_x86_64", NEWEST),
        ("manylinux2014_x86_64", NEWEST),
        ("manylinux_2_28_x86_64", "2.14.1+cu126"),
    ],
)
def test_a_platform_that_pip_is_told_of(
    machine: Machine, stub_driver: Path, tag: str, torch: str
) -> None:
    if python_of(machine) == "3.9":
        pytest.skip("torch 2.14.1 has no build for Python 3.9")
    machine = machine.with_driver(stub_driver, "550.54.14", "12.4")
    assert _plan(machine, "torch", "--platform", tag)["packages"] == {"torch": torch}


def test_musl_has_no_wheels(machine: Machine) -> None:
    plan = _plan(machine, "torch", "--cuda", "12.4", "--platform", "musllinux_1_2_x86_64")
    assert plan["status"] == "refused"
    assert "no wheels for musl" in plan["notes"][0]["message"]
    assert "glibc" in plan["notes"][0]["hint"]
