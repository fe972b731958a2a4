"""`pipcuda download` and `wheel`, for this machine and for others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.wheel_catalogue import from_catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from .running import Machine


def _files(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("torch*.whl")}


def test_wheel_gathers_the_planned_variant(machine: Machine, tmp_path: Path) -> None:
    done = machine.pipcuda("wheel", "torch==2.2.2", "--cuda", "12.2", "-w", tmp_path / "w")
    assert done.returncode == 0, done.stderr
    (name,) = _files(tmp_path / "w")
    assert name.startswith("torch-2.2.2+cu121-")


def test_another_python_steers_the_plan(machine: Machine, tmp_path: Path) -> None:
    done = machine.pipcuda(
        "download", "torch", "--cuda", "12.4", "--gpu", "A100", "--python-version", "3.9",
        "--platform", "manylinux_2_28_x86_64", "--only-binary", ":all:", "--no-deps",
        "-d", tmp_path / "d",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    # 2.8.0 is the last release for Python 3.9; its CUDA variants are all newer than 12.4.
    assert _files(tmp_path / "d") == {"torch-2.8.0+cu129-cp39-cp39-manylinux_2_28_x86_64.whl"}


def test_another_platform_steers_the_plan(machine: Machine, tmp_path: Path) -> None:
    machine.server.add(from_catalogue("windows-amd64"))
    done = machine.pipcuda(
        "download", "torch==2.2.2", "--cuda", "12.1", "--python-version", "311",
        "--platform", "win_amd64", "--only-binary=:all:", "--no-deps", "-d", tmp_path / "d",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert _files(tmp_path / "d") == {"torch-2.2.2+cu121-cp311-cp311-win_amd64.whl"}


@pytest.mark.parametrize(
    ("cuda", "file"),
    [
        ("10.2", "torch-1.7.1-cp38-cp38-linux_x86_64.whl"),
        ("10.1", "torch-1.7.1+cu101-cp38-cp38-linux_x86_64.whl"),
        ("11.0", "torch-1.7.1+cu110-cp38-cp38-linux_x86_64.whl"),
    ],
)
def test_releases_from_before_the_labels_come_in_the_right_variant(
    machine: Machine, tmp_path: Path, cuda: str, file: str
) -> None:
    done = machine.pipcuda(
        "download", "torch==1.7.1", "--cuda", cuda, "--python-version", "3.8",
        "--platform", "linux_x86_64", "--only-binary=:all:", "--no-deps", "-d", tmp_path / "d",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert _files(tmp_path / "d") == {file}


def test_a_platform_of_another_machine_is_not_judged_by_this_ones_driver(
    machine: Machine, stub_driver: Path
) -> None:
    machine.server.add(from_catalogue("windows-amd64"))
    machine = machine.with_driver(stub_driver, "535.104.05", "12.2")
    plan = machine.pipcuda("plan", "torch", "--platform", "win_amd64", "--json").json
    assert plan["variant"] == "cpu"
    assert "no-driver" in [note["code"] for note in plan["notes"]]
