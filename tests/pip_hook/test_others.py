"""Packages that depend on torch: what they bring in is what runs here, or it is said why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.pips import PIP_VERSIONS
from tests.support.tools import REAL_TIME
from tests.support.wheel_index import WheelFile

from .running import GTX_1080, RTX_5090, Machine, add_packages, installed
from .test_installed import Place

if TYPE_CHECKING:
    from typing import Callable

# Packages of other people: their versions, and what each needs.
PACKAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "needs-torch": {"1.0": ("torch",)},
    "needs-old": {"1.0": ("torch<2.2",)},
    "needs-vision": {"1.0": ("torchvision",)},
    "needs-new": {"1.0": ("torch>=2.0",), "2.0": ("torch>=2.1",), "3.0": ("torch>=2.15",)},
    "needs-none": {"1.0": ()},
    "needs-too-new": {"1.0": ("torch>=2.15",)},
}


@pytest.fixture
def machine(machine: Machine, stub_driver: Path) -> Machine:
    """Return a machine whose driver runs CUDA 12.2, and an index with the packages."""
    add_packages(machine, PACKAGES)
    return machine.with_driver(stub_driver, "535.104.05", "12.2")


def brought(machine: Machine, folder: Path, *words: str) -> dict[str, str]:
    """Install into a folder, and read what is there."""
    done = machine.pipcuda("install", "--target", folder, *words)
    assert done.returncode == 0, done.stderr
    return installed(folder)


def planned(machine: Machine) -> str:
    """Ask what `pipcuda install torch` would take."""
    return str(machine.pipcuda("plan", "torch", "--json").json["packages"]["torch"])


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_a_dependency_is_the_planned_variant(
    version: str, make_machine: Callable[[str], Machine], stub_driver: Path, tmp_path: Path
) -> None:
    machine = make_machine(version).with_driver(stub_driver, "535.104.05", "12.2")
    add_packages(machine, PACKAGES)
    torch = brought(machine, tmp_path / "t", "needs-torch")["torch"]
    assert torch == planned(machine)
    assert "+cu12" in torch


def test_the_bounds_of_the_package_count(machine: Machine, tmp_path: Path) -> None:
    assert brought(machine, tmp_path / "t", "needs-old", "needs-torch")["torch"] == "2.1.2+cu121"


def test_a_companion_comes_with_its_torch(machine: Machine, tmp_path: Path) -> None:
    found = brought(machine, tmp_path / "t", "needs-vision", "needs-old")
    assert (found["torch"], found["torchvision"]) == ("2.1.2+cu121", "0.16.2+cu121")


def test_nothing_comes_where_nothing_is_needed(machine: Machine, tmp_path: Path) -> None:
    done = machine.pipcuda("install", "--target", tmp_path / "t", "needs-none")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(installed(tmp_path / "t")) == ["needs_none"]
    assert not machine.server.asked_for("/whl/cu121/needs-none")
    assert not machine.server.asked_for("/whl/needs-none")


def test_what_came_in_is_said(machine: Machine, tmp_path: Path) -> None:
    place = Place(machine, tmp_path / "venv")
    done = place.pipcuda("needs-torch")
    assert f"torch {place.has()['torch']} was installed as a dependency of needs-torch\n" in (
        done.stderr
    )


def test_an_older_version_of_the_package_that_runs_here(machine: Machine, tmp_path: Path) -> None:
    found = brought(machine, tmp_path / "t", "needs-new")
    assert (found["needs_new"], found["torch"]) == ("2.0", planned(machine))


def test_bounds_that_nothing_here_meets_are_explained(machine: Machine, tmp_path: Path) -> None:
    done = machine.pipcuda("install", "--target", tmp_path / "t", "needs-new==3.0")
    assert done.returncode == 1
    assert not (tmp_path / "t").exists()
    told = f"needs-new 3.0 needs torch>=2.15; the newest torch that runs here is {planned(machine)}"
    assert told in done.stderr.replace("needs_new", "needs-new")
    assert "The newest that runs here: pipcuda install needs-new==2.0" in done.stderr


def test_a_package_without_a_version_that_could(machine: Machine, tmp_path: Path) -> None:
    done = machine.pipcuda("install", "--target", tmp_path / "t", "needs-too-new")
    assert done.returncode == 1
    assert "needs torch>=2.15; the newest torch that runs here is" in done.stderr
    assert "pipcuda install needs-too-new" not in done.stderr


def test_where_nothing_runs_no_torch_comes_in(
    machine: Machine, stub_driver: Path, tmp_path: Path
) -> None:
    machine = machine.with_driver(stub_driver, "470.82.01", "11.4", RTX_5090)
    done = machine.pipcuda("install", "--target", tmp_path / "t", "needs-torch")
    assert done.returncode == 1
    assert "no torch runs here" in done.stderr
    assert "RTX 5090" in done.stderr
    assert brought(machine, tmp_path / "n", "needs-none")


def test_what_fails_anyhow_has_pips_message_alone(machine: Machine, tmp_path: Path) -> None:
    done = machine.pipcuda("install", "--target", tmp_path / "t", "needs-torch", "no-such-thing")
    assert done.returncode == 1
    assert "No matching distribution found for no-such-thing" in done.stderr
    assert "pipcuda" not in done.stderr


def test_the_torch_that_is_there_stays(machine: Machine, tmp_path: Path) -> None:
    place = Place(machine, tmp_path / "venv")
    place.put("torch==2.2.2", variant="cu118")
    place.pipcuda("needs-torch", "needs-new")
    assert place.has() == {"torch": "2.2.2+cu118"}
    done = place.tried("needs-old")
    assert done.returncode == 1
    assert place.has() == {"torch": "2.2.2+cu118"}
    assert "torch 2.2.2+cu118 is installed here and kept" in done.stderr
    assert "pipcuda install --upgrade torch needs-old" in done.stderr


def test_without_a_driver_the_cpu_build_comes(machine: Machine, tmp_path: Path) -> None:
    bare = Machine(machine.python, machine.home, machine.server)
    assert brought(bare, tmp_path / "t", "needs-torch")["torch"].endswith("+cpu")


@pytest.mark.parametrize("kind", ["500", "slow", "404"])
def test_without_the_wheel_index_the_plain_wheel_that_runs_comes(
    machine: Machine, tmp_path: Path, kind: str
) -> None:
    machine.server.fault("/whl", kind)
    machine.variables |= REAL_TIME if kind == "slow" else {}
    found = brought(machine, tmp_path / "t", "needs-torch")
    # The last release whose plain wheel is for CUDA 12.2 by minor-version compatibility.
    assert found["torch"] == "2.10.0"
    assert brought(machine, tmp_path / "n", "needs-none")


def test_offline_the_planned_build_comes_from_its_index(machine: Machine, tmp_path: Path) -> None:
    found = brought(machine, tmp_path / "t", "--offline", "needs-torch")
    assert (
        found["torch"]
        == machine.pipcuda("plan", "torch", "--offline", "--json").json["packages"]["torch"]
    )


@pytest.mark.parametrize("words", [("--no-deps",), ("--as-is",)])
def test_where_it_is_not_for_nothing_is_added(
    machine: Machine, tmp_path: Path, words: tuple[str, ...]
) -> None:
    found = brought(machine, tmp_path / "t", "needs-torch", *words)
    assert "+" not in found.get("torch", "")


def test_a_file_of_requirements_is_held_too(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("needs-torch\n")
    found = brought(machine, tmp_path / "t", "-r", str(tmp_path / "r.txt"))
    assert found["torch"] == planned(machine)


def test_nothing_came_in_by_a_download(machine: Machine, tmp_path: Path) -> None:
    place = Place(machine, tmp_path / "venv")
    place.put("torch==2.2.2", variant="cu118")
    words = ("--python", place.python, "download", "-d", tmp_path / "d", "needs-none")
    done = machine.pipcuda(*words)
    assert (done.returncode, done.stderr) == (0, "")


def test_download(machine: Machine, tmp_path: Path) -> None:
    done = machine.pipcuda("download", "-d", tmp_path / "d", "needs-torch")
    assert done.returncode == 0, done.stderr
    names = [path.name for path in (tmp_path / "d").iterdir()]
    assert any(name.startswith(f"torch-{planned(machine)}-") for name in names)


def test_the_files_of_another_python_come_where_it_is_named(
    machine: Machine, tmp_path: Path
) -> None:
    another = ("--python-version", "3.9", "--only-binary", ":all:")
    done = machine.pipcuda("download", "-d", tmp_path / "d", *another, "needs-old")
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "d").glob("torch-2.1.2+cu121-cp39-*"))


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_beside_a_named_torch_its_own_companion_comes_in(
    version: str, make_machine: Callable[[str], Machine], stub_driver: Path, tmp_path: Path
) -> None:
    machine = make_machine(version).with_driver(stub_driver, "535.104.05", "12.2")
    add_packages(machine, PACKAGES)
    # A torchvision that does not say which torch it belongs to.
    machine.server.add([WheelFile("simple/torchvision", "torchvision-0.29.1-py3-none-any.whl", ())])
    found = brought(machine, tmp_path / "t", "torch==2.1.2", "needs-vision")
    assert found["torch"] == "2.1.2+cu121"
    assert found["torchvision"] == "0.16.2+cu121"
    assert brought(machine, tmp_path / "n", "torch==2.1.2", "needs-none").keys() >= {"torch"}
    assert not (tmp_path / "n/torchvision").exists()


def test_a_dry_run_says_what_would_come_in_and_why(machine: Machine, tmp_path: Path) -> None:
    place = Place(machine, tmp_path / "venv")
    done = place.pipcuda("--dry-run", "needs-torch")
    told = f"torch {planned(machine)} would be installed as a dependency of needs_torch"
    assert told in done.stderr
    assert "torch is held to 2.14.1: 2.15.0 does not run on this machine" in done.stderr
    assert place.has() == {}
    done = place.pipcuda("--dry-run", "torch", "needs-old")
    told = "would be installed: other packages of the request ask for it (needs_old)"
    assert f"torch 2.1.2+cu121 {told}" in done.stderr
    own = ("--report", str(tmp_path / "report.json"))
    done = place.pipcuda("--dry-run", *own, "needs-old")
    assert "torch 2.1.2+cu121 would be installed as a dependency of needs_old" in done.stderr
    assert json.loads(Path(own[1]).read_text())["install"]
    place.put("torch==2.5.1", variant="cu121")
    for more in ((), own):
        done = place.tried("--dry-run", *more, "needs-old")
        assert "needs_old 1.0 needs torch<2.2; torch 2.5.1+cu121 is installed here" in done.stderr
    assert "would be installed" not in place.pipcuda("--dry-run", "needs-torch").stderr


CODECS: dict[str, dict[str, tuple[str, ...]]] = {
    "torchcodec": {"0.17.0": (), "0.2.1": (), "0.1.1": (), "0.0.3": ()},
    "needs-codec": {"1.0": ("torch", "torchcodec")},
    "needs-codec-and-old": {"1.0": ("torch<2.6", "torchcodec")},
    "needs-new-codec": {"1.0": ("torch<2.6", "torchcodec>=0.10")},
}


def test_a_follower_that_asks_for_no_torch_belongs_to_the_one_that_comes_in(
    machine: Machine, tmp_path: Path
) -> None:
    """What torchcodec belongs to stands in its documentation alone."""
    add_packages(machine, CODECS)
    found = brought(machine, tmp_path / "t", "torch==2.5.1", "needs-codec")
    assert (found["torch"], found["torchcodec"]) == ("2.5.1+cu121", "0.1.1")
    place = Place(machine, tmp_path / "venv")
    # pip takes the newest that goes with some torch which runs here; the one that came is older.
    done = place.pipcuda("needs-codec-and-old")
    found = installed(place.packages)
    assert (found["torch"], found["torchcodec"]) == ("2.5.1+cu121", "0.1.1")
    told = "torchcodec 0.17.0 does not belong to torch 2.5.1+cu121: once more, with torchcodec<=0.1"
    assert told in done.stderr


def test_what_a_planned_torch_keeps_out_is_said_where_pip_fails_for_it(
    machine: Machine, tmp_path: Path
) -> None:
    add_packages(machine, CODECS)
    needing = {"needs-numpy-2": {"1.0": ("numpy>=2",)}, "needs-nothing": {"1.0": ("not-there",)}}
    add_packages(machine, needing)
    told = {
        ("torch==2.5.1", "needs-new-codec"): "would take torchcodec 0.17.0; torch 2.5.1+cu121 is "
        "planned, and torchcodec 0.1.1 belongs to it",
        (
            "torch==2.2.2",
            "needs-numpy-2",
        ): "would take numpy 2.2.0; torch 2.2.2+cu121 does not work with it and needs numpy<2",
        ("torch==2.5.1", "needs-nothing"): "",
    }
    for words, said in told.items():
        done = machine.pipcuda("install", "--target", tmp_path / "t", *words)
        assert done.returncode == 1
        assert said in done.stderr
        assert ("pip would take" in done.stderr) == bool(said)


def test_a_follower_that_another_package_insists_on_is_told_of(
    machine: Machine, tmp_path: Path
) -> None:
    add_packages(machine, CODECS)
    place = Place(machine, tmp_path / "venv")
    done = place.pipcuda("needs-new-codec")
    found = installed(place.packages)
    assert (found["torch"], found["torchcodec"]) == ("2.5.1+cu121", "0.17.0")
    assert (
        "torchcodec 0.17.0 does not belong to torch 2.5.1+cu121, beside which torchcodec<=0.1.1 "
        "goes; another package asks for it" in done.stderr
    )
    assert "once more" not in done.stderr


def test_a_file_at_an_address_is_held(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("torch\n")
    address = (tmp_path / "r.txt").as_uri()
    assert brought(machine, tmp_path / "t", "-r", address)["torch"] == planned(machine)


PINS = {"pins-label": {"1.0": ("torch==2.9.1+cu128",)}, "pins-old": {"1.0": ("torch==2.1.2",)}}


def test_a_pinned_label_that_runs_here_is_taken(machine: Machine, tmp_path: Path) -> None:
    add_packages(machine, PINS)
    index = ("--extra-index-url", f"{machine.server.base}/cu128")
    found = brought(machine, tmp_path / "t", "pins-label", *index)
    assert found["torch"] == "2.9.1+cu128"


@pytest.mark.parametrize(
    ("driver", "gpu", "reason"),
    [
        (("470.82.01", "11.4"), RTX_5090, "[cuda-newer-than-driver]"),
        (("580.65.06", "13.0"), GTX_1080, "has no code for NVIDIA GeForce GTX 1080"),
    ],
)
def test_why_a_pinned_label_is_kept_out(  # noqa: PLR0913, PLR0917
    driver: tuple[str, str],
    gpu: tuple[str, str],
    reason: str,
    machine: Machine,
    stub_driver: Path,
    tmp_path: Path,
) -> None:
    add_packages(machine, PINS)
    there = machine.with_driver(stub_driver, *driver, gpu)
    index = ("--extra-index-url", f"{there.server.base}/cu128")
    done = there.pipcuda("install", "--target", tmp_path / "t", "pins-label", *index)
    assert done.returncode == 1
    assert reason in done.stderr
    assert not (tmp_path / "t" / "torch").exists()


def test_the_variant_that_is_wished_is_that_of_a_dependency_too(
    machine: Machine, tmp_path: Path
) -> None:
    assert brought(machine, tmp_path / "t", "needs-torch", "--variant", "cu121")["torch"] == (
        "2.5.1+cu121"
    )
    # One that does not run here binds nothing.
    found = brought(machine, tmp_path / "u", "needs-torch", "--variant", "cu130")
    assert found["torch"] == planned(machine)


def test_what_others_ask_for_is_not_held_by_the_machine(machine: Machine, tmp_path: Path) -> None:
    add_packages(machine, PINS)
    place = Place(machine, tmp_path / "venv")
    done = place.pipcuda("pins-old")
    assert place.has()["torch"] == "2.1.2+cu121"
    assert "[held-back]" not in done.stderr
