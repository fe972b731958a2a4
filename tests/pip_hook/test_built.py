"""Packages built against torch, by the real pip, from pages and files as each project lays them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Callable

import pytest

from tests.support.pips import PIP_VERSIONS
from tests.support.tools import REAL_TIME
from tests.support.wheel_index import WheelFile

from .running import Machine, installed, python_of
from .test_installed import Place

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.tools import Result

HOSTS = {
    "https://data.pyg.org/whl": "pyg",
    "https://download.openmmlab.com/mmcv/dist": "mmcv/dist",
    "https://data.dgl.ai/wheels": "dgl/wheels",
    "https://github.com/Dao-AILab/flash-attention/releases/download": "flash/releases/download",
    "https://whl.natten.org": "natten/index.html",
}
RELEASE = "flash/releases/download/v2.8.3.post1/{}"
FLASH = "flash_attn-2.8.3.post1+cu12torch{}cxx11abiFALSE-cp311-cp311-linux_x86_64.whl"


def files(python: str = "cp311") -> list[WheelFile]:
    """Lay files as the projects do: below their page, beside and above it, and without one."""
    tags = f"{python}-{python}-linux_x86_64.whl"
    pyg = [
        WheelFile(f"pyg/torch-{torch}.0+{variant}.html", f"torch-{torch}.0+{variant}/{name}")
        for torch, variant in (("2.5", "cu121"), ("2.4", "cu121"), ("2.2", "cu121"))
        for name in (
            f"torch_scatter-2.1.2+pt{torch.replace('.', '')}{variant}-{tags}",
            f"torch_sparse-0.6.18+pt{torch.replace('.', '')}{variant}-{tags}",
        )
    ]
    mmcv = f"mmcv-2.2.0-{python}-{python}-manylinux1_x86_64.whl"
    dgl = f"dgl-2.4.0+cu121-{python}-{python}-manylinux1_x86_64.whl"
    release = FLASH.format("2.5").replace("cp311", python)
    return [
        *pyg,
        WheelFile("mmcv/dist/cu121/torch2.4/index.html", f"../torch2.4.0/{mmcv}"),
        WheelFile("dgl/wheels/torch-2.4/cu121/repo.html", dgl),
        WheelFile(RELEASE.format("assets.html"), release),
    ]


def with_files(machine: Machine, tmp_path: Path) -> Machine:
    """Return the machine with the files on its server, and a catalogue that knows them there."""
    machine.server.add(files("cp" + python_of(machine).replace(".", "")))
    return machine.with_families_at(tmp_path / "data", HOSTS)


@pytest.fixture
def machine(machine: Machine, stub_driver: Path, tmp_path: Path) -> Machine:
    """Return a machine whose driver runs CUDA 12.2, with the projects' files."""
    return with_files(machine.with_driver(stub_driver, "535.104.05", "12.2"), tmp_path)


@pytest.fixture
def place(machine: Machine, tmp_path: Path) -> Place:
    """Return an environment that has torch 2.5.1+cu121."""
    found = Place(machine, tmp_path / "venv")
    found.put("torch==2.5.1", variant="cu121")
    return found


def ours(folder: Path) -> dict[str, str]:
    """Read what is installed in a folder, without what torch needs."""
    found = installed(folder).items()
    return {name: number.lower() for name, number in found if name != "typing_extensions"}


def everything(place: Place) -> dict[str, str]:
    return {k.replace("_", "-"): v for k, v in ours(place.packages).items()}


def plan(machine: Machine, *words: str) -> dict[str, object]:
    found: dict[str, object] = machine.pipcuda("plan", "--json", *words).json
    return found


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_what_is_planned_is_what_pip_takes(
    version: str, make_machine: Callable[[str], Machine], stub_driver: Path, tmp_path: Path
) -> None:
    machine = make_machine(version).with_driver(stub_driver, "535.104.05", "12.2")
    machine = with_files(machine, tmp_path)
    done = machine.pipcuda(
        "install", "--target", tmp_path / "t", "torch-scatter", "mmcv", "dgl", "torch"
    )
    assert done.returncode == 0, done.stderr
    assert ours(tmp_path / "t") == {
        "torch": "2.4.1+cu121",
        "torch_scatter": "2.1.2+pt24cu121",
        "mmcv": "2.2.0",
        "dgl": "2.4.0+cu121",
    }
    assert "[held-back]" in done.stderr
    assert "[built-from-source]" not in done.stderr


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_a_release_file_is_named_by_its_address(
    version: str, make_machine: Callable[[str], Machine], stub_driver: Path, tmp_path: Path
) -> None:
    machine = make_machine(version).with_driver(stub_driver, "535.104.05", "12.2")
    machine = with_files(machine, tmp_path)
    done = machine.pipcuda("install", "--target", tmp_path / "t", "flash-attn", "torch")
    assert done.returncode == 0, done.stderr
    assert ours(tmp_path / "t") == {
        "torch": "2.5.1+cu121",
        "flash_attn": "2.8.3.post1+cu12torch2.5cxx11abifalse",
    }


def test_with_torch_installed(place: Place) -> None:
    place.pipcuda("torch-scatter", "torch_sparse", "flash-attn")
    assert everything(place) == {
        "torch": "2.5.1+cu121",
        "torch-scatter": "2.1.2+pt25cu121",
        "torch-sparse": "0.6.18+pt25cu121",
        "flash-attn": "2.8.3.post1+cu12torch2.5cxx11abifalse",
    }


def test_an_address_is_asked_and_only_its_first_byte(place: Place) -> None:
    place.machine.server.requests.clear()
    done = place.machine.pipcuda("plan", "--python", place.python, "flash-attn")
    asked = [one for one in place.machine.server.requests if one.path.endswith(".whl")]
    assert [one.status for one in asked] in ([200], [206])
    server = place.machine.server
    server.requests.clear()
    done = place.machine.pipcuda("plan", "--python", place.python, "flash-attn", "--offline")
    assert "flash-attn @ http" in done.stdout
    assert server.requests == []


def test_an_address_without_a_file_falls_back_to_an_older_one_and_to_words(
    place: Place,
) -> None:
    place.machine.server.fault(RELEASE.format(""), "404")
    done = place.tried("flash-attn")
    assert done.returncode != 0  # there is no source on this index either
    assert "[built-from-source]" in done.stderr
    assert "2.8.3.post1" in done.stderr
    assert "MAX_JOBS=4 pip install --no-build-isolation flash-attn" in done.stderr
    assert "@ http" not in done.stderr


def test_a_page_that_lacks_the_file(place: Place) -> None:
    done = place.tried("torch-cluster")
    assert done.returncode != 0
    assert "[built-from-source]" in done.stderr
    assert "torch-2.5.0+cu121.html" in done.stderr


def test_a_page_that_is_not_there_holds_torch_to_one_that_is(machine: Machine) -> None:
    machine.server.fault("pyg/torch-2.5.0", "404")
    found = plan(machine, "torch<2.6", "torch-scatter")
    assert found["packages"] == {"torch": "2.4.1+cu121", "torch-scatter": "2.1.2+pt24cu121"}


def test_a_page_newer_than_the_data_is_found(machine: Machine) -> None:
    machine.server.add(
        [
            WheelFile(
                "pyg/torch-2.14.0+cu126.html",
                "torch_scatter-2.1.2+pt214cu126-cp311-cp311-linux_x86_64.whl",
            )
        ]
    )
    if python_of(machine) != "3.11":
        pytest.skip("the page is for Python 3.11")
    found = plan(machine, "torch-scatter")
    assert found["packages"] == {"torch": "2.14.1+cu126", "torch-scatter": "2.1.2+pt214cu126"}


def test_a_listed_file_for_another_torch_is_not_taken(machine: Machine, place: Place) -> None:
    tags = "cp" + python_of(machine).replace(".", "")
    page = "pyg/torch-2.5.0+cu121.html"
    name = f"torch_cluster-1.6.3+pt24cu121-{tags}-{tags}-linux_x86_64.whl"
    machine.server.add([WheelFile(page, f"torch-2.4.0+cu121/{name}")])
    done = place.tried("--dry-run", "torch-cluster")
    assert "[built-from-source]" in done.stderr


def test_a_page_that_is_dead_is_not_handed_to_pip(machine: Machine, tmp_path: Path) -> None:
    """Pip would pass it over, and build from source what there is a file of."""
    machine.server.fault("pyg", "503")
    done = machine.pipcuda("install", "torch==2.4.1", "torch-scatter", "--target", tmp_path / "t")
    assert done.returncode == 3
    assert "The build of torch-scatter that runs here is at" in done.stderr
    assert "which is not available now (HTTP 503)" in done.stderr
    assert "[built-from-source]" not in done.stderr
    assert not (tmp_path / "t").exists()


def test_a_page_that_is_slow_leaves_the_data_in_force(machine: Machine) -> None:
    machine.server.fault("pyg", "slow")
    found = machine.pipcuda("plan", "--json", "torch==2.4.1", "torch-scatter", more=REAL_TIME).json
    assert found["packages"]["torch-scatter"] == "2.1.2+pt24cu121"
    assert "index-unreachable" in str(found["notes"])


def test_a_pinned_torch_without_a_file(machine: Machine) -> None:
    done = machine.pipcuda("plan", "torch==2.2.2", "mmcv")
    assert "torch 2.2.2+cu121 for CUDA 12.1" in done.stdout
    assert "pipcuda install torch==2.2.2 mmcv" in done.stdout  # pip alone builds without torch


def test_a_requirements_file_and_its_rewriting(machine: Machine, tmp_path: Path) -> None:
    file = machine.home / "requirements.txt"
    file.write_text("# graphs\ntorch-scatter  # fast\nflash-attn\ntorch==2.5.1+cu121\n", "utf-8")
    done = machine.pipcuda("install", "--target", tmp_path / "t", "-r", file)
    assert done.returncode == 0, done.stderr
    assert ours(tmp_path / "t")["torch_scatter"] == "2.1.2+pt25cu121"
    assert file.read_text("utf-8").count("@ http") == 0
    done = machine.pipcuda("rewrite", file)
    lines = done.stdout.splitlines()
    assert lines[0] == "# graphs" or lines[1] == "# graphs"
    assert f"--find-links {machine.server.root}/pyg/torch-2.5.0+cu121.html" in lines
    assert any(line.startswith("flash-attn @ http") for line in lines)
    again = machine.home / "again.txt"
    again.write_text(done.stdout, "utf-8")
    plain = machine.pip("install", "--target", str(tmp_path / "u"), "-r", str(again))
    assert plain.returncode == 0, plain.stderr
    assert ours(tmp_path / "u") == ours(tmp_path / "t")


def test_a_file_without_torch_gets_one(machine: Machine, tmp_path: Path) -> None:
    file = machine.home / "requirements.txt"
    file.write_text("mmcv\n", "utf-8")
    lines = machine.pipcuda("rewrite", file).stdout.splitlines()
    assert "torch==2.4.1+cu121" in lines
    done = machine.pipcuda("install", "--target", tmp_path / "t", "-r", file)
    assert done.returncode == 0, done.stderr
    assert ours(tmp_path / "t") == {"torch": "2.4.1+cu121", "mmcv": "2.2.0"}


def test_a_file_with_its_own_page_gets_nothing_twice(machine: Machine) -> None:
    page = f"--find-links {machine.server.root}/pyg/torch-2.4.0+cu121.html"
    file = machine.home / "requirements.txt"
    file.write_text(f"{page}\ntorch-scatter\ntorch\n", "utf-8")
    lines = machine.pipcuda("rewrite", file).stdout.splitlines()
    assert [one for one in lines if one.startswith("torch==")] == ["torch==2.4.0+cu121"]
    assert lines.count(page) == 1
    file.write_text(f"{page}\ntorch-scatter\n", "utf-8")
    lines = machine.pipcuda("rewrite", file).stdout.splitlines()
    assert [one for one in lines if one.startswith("torch==")] == ["torch==2.4.0+cu121"]


def test_a_constraint_on_torch_counts(machine: Machine) -> None:
    bounds = machine.home / "bounds.txt"
    bounds.write_text("torch<2.3\n", "utf-8")
    found = plan(machine, "torch-scatter", "-c", str(bounds))
    assert found["packages"] == {"torch": "2.2.2+cu121", "torch-scatter": "2.1.2+pt22cu121"}


def test_the_pip_list_of_an_environment_file(machine: Machine) -> None:
    file = machine.home / "environment.yml"
    python = python_of(machine)
    file.write_text(
        f"name: x\ndependencies:\n  - python={python}\n  - pip\n  - pip:\n"
        "      - torch==2.5.1+cu121\n      - flash-attn\n      - torch-scatter\n",
        "utf-8",
    )
    done: Result = machine.pipcuda("rewrite", file)
    assert done.returncode == 0, done.stderr
    assert "--find-links" in done.stdout
    assert "flash-attn @ http" in done.stdout


def test_a_moved_torch_names_the_files_for_the_new_one(place: Place) -> None:
    place.pipcuda("torch-scatter")
    done = place.pipcuda("--no-deps", "torch==2.4.1+cu121")
    assert "[installed-set-breaks]" in done.stderr
    assert "torch-scatter 2.1.2+pt24cu121" in done.stderr
    place.pipcuda("--no-deps", "torch-scatter")
    assert everything(place)["torch-scatter"] == "2.1.2+pt24cu121"


def test_metadata_that_lies_moves_no_torch(machine: Machine, place: Place) -> None:
    tags = "cp" + python_of(machine).replace(".", "")
    name = FLASH.format("2.5").replace("cp311", tags)
    lying = WheelFile(RELEASE.format("assets.html"), name, ("torch>=2.8",))
    machine.server.add([lying])
    done = place.tried("flash-attn")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert everything(place) == {"torch": "2.5.1+cu121"}


def test_a_glance_knows_the_names() -> None:
    from pip_hook.files.family_names import could_name_family, is_built

    assert could_name_family("Flash_Attn>=2")
    assert is_built("torch.scatter")
    assert not is_built("torch-geometric")


def test_a_damaged_family_file_is_named(machine: Machine) -> None:
    path = machine.variables["CUDA_GUARD_CATALOGUE"]
    file = f"{path}/families/mmcv.json"
    with open(file, encoding="utf-8") as stream:  # noqa: PTH123
        row = json.load(stream)
    del row["files"]
    with open(file, "w", encoding="utf-8") as stream:  # noqa: PTH123
        json.dump(row, stream)
    done = machine.pipcuda("plan", "torch", "mmcv")
    assert done.returncode != 0
    assert "mmcv.json" in done.stderr
    assert "Traceback" not in done.stderr
