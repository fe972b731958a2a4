"""People's machines, as reported: what is installed there, what is typed, and the right end."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from .running import Machine, add_packages
from .test_installed import Place

if TYPE_CHECKING:
    from pathlib import Path

P100 = ("Tesla P100-PCIE-16GB", "6.0")
T4 = ("Tesla T4", "7.5")


def place_with(machine: Machine, folder: Path, variant: str, *pins: str) -> Place:
    found = Place(machine, folder / "venv")
    found.put(*pins, variant=variant)
    return found


def test_kaggle_p100_what_the_doctor_prints_moves_the_pair(
    machine: Machine, stub_driver: Path, tmp_path: Path
) -> None:
    machine = machine.with_driver(stub_driver, "550.54.14", "12.4", P100)
    place = place_with(machine, tmp_path, "cu128", "torch==2.10.0", "torchvision==0.25.0")
    report = machine.pipcuda("doctor", "--python", place.python, "--json").json
    printed = [command for one in report["problems"] for command in one["commands"]]
    command = next(one for one in printed if one.startswith("pipcuda install"))
    place.pipcuda(*shlex.split(command)[2:])
    assert place.has() == {"torch": "2.14.1+cu126", "torchvision": "0.29.1+cu126"}


@pytest.mark.parametrize("needs", ["torch>=2.9", "torch==2.9.1", "torch>=2.10"])
def test_colab_t4_an_extension_that_is_upgraded_tears_no_set(
    needs: str, machine: Machine, stub_driver: Path, tmp_path: Path
) -> None:
    machine = machine.with_driver(stub_driver, "550.54.14", "12.4", T4)
    add_packages(machine, {"extension": {"1.0": ("torch>=2.0",), "2.0": (needs,)}})
    pins = ("torch==2.9.1", "torchvision==0.24.1", "torchaudio==2.9.1")
    place = place_with(machine, tmp_path, "cu126", *pins)
    place.put("extension==1.0")
    place.pipcuda("--upgrade", "extension")
    assert place.has() == {
        "torch": "2.9.1+cu126",
        "torchvision": "0.24.1+cu126",
        "torchaudio": "2.9.1+cu126",
    }
