"""What the doctor would condemn is kept out: NumPy 2 beside a torch that was made for NumPy 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard import catalogue
from conda_cuda_guard.doctor import gather_rules

from .running import Machine, add_packages, installed
from .test_installed import Place
from .test_uv import with_uv

if TYPE_CHECKING:
    from pathlib import Path

CODE = "[known-conflict]"
PACKAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "needs-numpy": {"1.0": ("numpy",)},
    "needs-numpy-2": {"1.0": ("numpy>=2",)},
    "pins-old": {"1.0": ("torch==2.2.2",)},
}


@pytest.fixture
def machine(machine: Machine, stub_driver: Path) -> Machine:
    """Return a machine whose driver runs CUDA 12.2, and an index with other people's packages."""
    add_packages(machine, PACKAGES)
    return machine.with_driver(stub_driver, "535.104.05", "12.2")


@pytest.fixture
def place(machine: Machine, tmp_path: Path) -> Place:
    return Place(machine, tmp_path / "venv")


def numpy_of(place: Place) -> str | None:
    return installed(place.packages).get("numpy")


OLD = "torch==2.2.2"
NEW = "torch==2.5.1"


@pytest.mark.parametrize("way", ["pip", "uv", "file", "open"])
def test_numpy_2_does_not_come_in_beside_an_old_torch(
    way: str, machine: Machine, place: Place, tmp_path: Path, uv: Path
) -> None:
    words = [OLD, "torchvision"]
    if way == "uv":
        machine.variables = {**machine.variables, **with_uv(machine, uv, tmp_path / "cache")}
    if way == "file":
        (machine.home / "r.txt").write_text("\n".join(words), "utf-8")
        words = ["-r", "r.txt"]
    if way == "open":
        words = ["torch<2.3", "needs-numpy"]
    done = place.pipcuda(*words)
    assert numpy_of(place) == "1.26.4"
    assert done.stderr.count(CODE) == 1
    assert "for this run it is held to numpy<2" in done.stderr


def test_a_package_that_comes_later_gets_none_either(place: Place) -> None:
    place.pipcuda(OLD)
    place.pipcuda("needs-numpy")
    assert numpy_of(place) == "1.26.4"


def test_a_companion_alone_brings_its_torch_and_no_numpy_2(place: Place) -> None:
    place.pipcuda("torchvision==0.17.2")
    assert (place.has()["torch"], numpy_of(place)) == ("2.2.2+cu121", "1.26.4")


@pytest.mark.parametrize("words", [[NEW, "torchvision"], ["torch", "needs-numpy"], ["needs-numpy"]])
def test_where_nothing_breaks_nothing_is_held(place: Place, words: list[str]) -> None:
    done = place.pipcuda(*words)
    assert numpy_of(place) == "2.2.0"
    assert CODE not in done.stderr


def test_numpy_2_that_is_asked_for_is_taken_and_that_is_said(place: Place) -> None:
    done = place.pipcuda(OLD, "torchvision", "numpy>=2")
    assert numpy_of(place) == "2.2.0"
    assert "torch 2.2.2 does not work with numpy>=2: it needs numpy<2" in done.stderr


def test_numpy_2_that_is_asked_for_elsewhere_alone_is_kept_out(place: Place) -> None:
    done = place.pipcuda(OLD, "torchvision", "numpy>=2 ; sys_platform == 'win32'")
    assert numpy_of(place) == "1.26.4"
    assert "does not work with numpy>=2" not in done.stderr


def test_numpy_2_that_is_asked_for_beside_the_installed_torch(place: Place) -> None:
    place.pipcuda(OLD)
    done = place.pipcuda("numpy==2.2.0")
    assert numpy_of(place) == "2.2.0"
    assert "torch 2.2.2 does not work with numpy==2.2.0" in done.stderr


def test_numpy_2_that_is_there_is_named_with_what_to_type(place: Place) -> None:
    place.put("numpy==2.2.0")
    done = place.pipcuda(OLD)
    assert "numpy 2.2.0 is installed here, and torch 2.2.2 does not work with it" in done.stderr
    assert "pipcuda install 'numpy<2'" in done.stderr
    place.pipcuda("numpy<2")
    assert numpy_of(place) == "1.26.4"


def test_a_package_that_needs_numpy_2_is_named(place: Place) -> None:
    place.pipcuda(OLD)
    done = place.tried("needs-numpy-2")
    assert done.returncode == 1
    assert numpy_of(place) is None
    assert "torch 2.2.2+cu121 does not work with it and needs numpy<2" in done.stderr


@pytest.mark.parametrize("words", [("torch", "torchvision", "pins-old"), ("pins-old", "numpy")])
def test_beside_an_old_torch_that_pip_chose_itself_numpy_2_is_replaced(
    place: Place, words: tuple[str, ...]
) -> None:
    done = place.pipcuda(*words)
    assert place.has()["torch"] == "2.2.2+cu121"
    assert numpy_of(place) == "1.26.4"
    told = "numpy 2.2.0 does not work with torch 2.2.2+cu121: once more, with numpy<2"
    assert done.stderr.count(told) == 1
    assert CODE not in done.stderr


def test_numpy_2_that_another_package_needs_stays_and_that_is_said(place: Place) -> None:
    done = place.pipcuda("pins-old", "needs-numpy-2")
    assert place.has()["torch"] == "2.2.2+cu121"
    assert numpy_of(place) == "2.2.0"
    assert "once more" not in done.stderr
    assert "numpy 2.2.0 is installed here, and torch 2.2.2 does not work with it" in done.stderr


def test_a_bound_that_was_typed_is_not_told_again(place: Place) -> None:
    assert CODE not in place.pipcuda(OLD, "torchvision", "numpy<2").stderr


def test_the_doctor_has_a_rule_for_every_conflict() -> None:
    rules = [one for one in gather_rules().rules.values() if "torch" in one.when]
    for conflict in catalogue.family().conflicts:
        assert [rule.code for rule in rules if conflict.package in rule.when]
