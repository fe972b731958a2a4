"""Indexes and pages of others are what they are: left, bound to, or beside PyTorch's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.wheel_index import WheelFile

from .running import Machine, installed, python_of

if TYPE_CHECKING:
    from pathlib import Path

P100 = ("Tesla P100-PCIE-16GB", "6.0")


@pytest.fixture
def machine(machine: Machine, stub_driver: Path) -> Machine:
    return machine.with_driver(stub_driver, "550.54.14", "12.4")


def plan(machine: Machine, *words: str) -> dict[str, Any]:
    done = machine.pipcuda("plan", "--json", *words)
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def codes(value: dict[str, Any]) -> list[str]:
    return [note["code"] for note in value["notes"]]


def tags(machine: Machine) -> str:
    digits = python_of(machine).replace(".", "")
    return f"cp{digits}-cp{digits}-linux_x86_64.whl"


@pytest.mark.parametrize("folder", ["rocm6.4", "xpu"])
def test_the_index_of_another_accelerator_leaves_the_line_alone(
    folder: str, machine: Machine, tmp_path: Path
) -> None:
    label = folder.replace("xpu", "xpu")
    wheel = WheelFile(f"whl/{folder}/torch", f"torch-2.8.0+{label}-{tags(machine)}")
    machine.server.add([wheel])
    words = ("torch", "--index-url", f"{machine.server.base}/{folder}")
    value = plan(machine, *words)
    assert (value["status"], value["requirements"]) == ("unchanged", ["torch"])
    text = machine.pipcuda("plan", *words).stdout
    assert "an index for another accelerator is in force, so the line is left as typed" in text
    done = machine.pipcuda("install", "--no-deps", "--target", tmp_path / "t", *words)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t") == {"torch": f"2.8.0+{label}"}


@pytest.mark.parametrize("tree", ["nightly/cu132", "test/cu132"])
def test_nightly_and_test_builds_are_left_and_their_variant_is_judged(
    tree: str, machine: Machine
) -> None:
    value = plan(machine, "--pre", "torch", "--index-url", f"{machine.server.base}/{tree}")
    assert (value["status"], value["requirements"]) == ("unchanged", ["torch"])
    (note,) = value["notes"]
    assert (note["code"], note["severity"]) == ("cuda-newer-than-driver", "warning")
    assert "580" in note["hint"]


def test_a_stage_called_test_is_an_index_like_any_other(machine: Machine) -> None:
    done = machine.pipcuda(
        "plan",
        "--json",
        "torch",
        more={"PIP_INDEX_URL": f"{machine.server.root}/team/test/+simple/"},
    )
    value = json.loads(done.stdout)
    assert value["status"] == "ok"
    assert value["packages"]["torch"].endswith("+cu126")


def test_a_folder_called_test_is_a_folder(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "test" / "wheels").mkdir(parents=True)
    value = plan(machine, "torch", "-f", str(tmp_path / "test" / "wheels"))
    assert value["status"] == "ok"


def test_a_wheel_by_its_address_is_judged_by_driver_and_gpu(
    machine: Machine, stub_driver: Path
) -> None:
    old = machine.with_driver(stub_driver, "470.82.01", "11.4", P100)
    wheel = "https://files.example/torch-2.9.1%2Bcu128-cp311-cp311-manylinux_2_28_x86_64.whl"
    value = plan(old, f"torch @ {wheel}")
    assert value["status"] == "unchanged"
    assert codes(value) == ["cuda-newer-than-driver", "gpu-not-covered"]


def test_another_projects_index_of_a_variant_stays_and_binds_nothing(
    machine: Machine, tmp_path: Path
) -> None:
    theirs = f"{machine.server.root}/whl-of-others/cu118"
    machine.server.add(
        [WheelFile("whl-of-others/cu118/auto-gptq", "auto_gptq-0.7.1-py3-none-any.whl", ("torch",))]
    )
    words = ("auto-gptq", "torch", "--extra-index-url", theirs)
    value = plan(machine, *words)
    assert value["packages"]["torch"].endswith("+cu126")
    assert theirs in value["command"]
    done = machine.pipcuda("install", "--target", tmp_path / "t", *words)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == value["packages"]["torch"]
    assert "auto_gptq" in installed(tmp_path / "t")


def test_it_stays_beside_pytorchs_own_of_another_variant(machine: Machine) -> None:
    theirs = f"{machine.server.root}/llama/cu124"
    ours = f"{machine.server.base}/cu118"
    machine.server.add(
        [WheelFile("llama/cu124/llama-cpp-python", "llama_cpp_python-0.3-py3-none-any.whl")]
    )
    words = ("--extra-index-url", ours, "--extra-index-url", theirs)
    value = plan(machine, "torch", "llama-cpp-python", *words)
    assert {ours, theirs} <= set(value["command"])
    assert value["variant"] == "cu118"


@pytest.mark.parametrize(
    ("page", "right"),
    [
        ("pyg/torch-2.1.0+cu118.html", "2.1.0+cu118"),
        ("mmcv/dist/cu118/torch2.1/index.html", "2.1.2+cu118"),
    ],
)
def test_a_page_built_against_a_torch_binds_it(page: str, right: str, machine: Machine) -> None:
    url = f"{machine.server.root}/{page}"
    value = plan(machine, "torch", "torch-scatter", "-f", url)
    assert value["packages"] == {"torch": right}
    assert url in value["command"]


def test_a_page_that_cannot_be_met_is_named(machine: Machine) -> None:
    url = f"{machine.server.root}/pyg/torch-2.1.0+cu118.html"
    done = machine.pipcuda("plan", "torch==2.5.1", "torch-scatter", "-f", url)
    assert done.returncode == 3
    assert "torch-2.1.0+cu118.html" in done.stdout


def test_the_index_of_a_board_is_left(machine: Machine) -> None:
    url = f"{machine.server.root}/jp6/cu126"
    value = plan(machine, "torch==2.8.0", "--index-url", url)
    assert (value["status"], value["requirements"]) == ("unchanged", ["torch==2.8.0"])


def test_a_companion_s_file_binds_the_torch_beside_it(machine: Machine, tmp_path: Path) -> None:
    file = f"{machine.server.base}/cu121/torchvision-0.17.2%2Bcu121-{tags(machine)}"
    done = machine.pipcuda("install", "torch", f"torchvision @ {file}", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    found = installed(tmp_path / "t")
    assert (found["torch"], found["torchvision"]) == ("2.2.2+cu121", "0.17.2+cu121")
