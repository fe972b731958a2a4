"""The set moves together: torch, its companions and what was built for it, or it is said before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from tests.support.pips import PIP_VERSIONS

from .running import GTX_1080, Machine, add_packages, installed
from .test_installed import Place
from .test_uv import with_uv

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Callable

MOVED = "[installed-set-moved]"
BREAKS = "[installed-set-breaks]"
PACKAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "extends": {"1.0": ("torch==2.2.2",), "2.0": ("torch==2.5.1",)},
    "grows": {"1.0": ("torch>=2.0",), "2.0": ("torch>=2.1",)},
    "outgrows": {"1.0": ("torch>=2.0",), "2.0": ("torch>=2.5",)},
    "needs_none": {"1.0": ()},
    "built_for": {"1.0+cu118torch2.2": ()},
}


@pytest.fixture
def machine(machine: Machine, stub_driver: Path) -> Machine:
    """Return a machine whose driver runs CUDA 12.2, and an index with other people's packages."""
    add_packages(machine, PACKAGES)
    return machine.with_driver(stub_driver, "535.104.05", "12.2")


def place_with(machine: Machine, folder: Path, *more: str, variant: str = "cu118") -> Place:
    """Return an environment with a whole set of one release, and what else is named."""
    found = Place(machine, folder / "venv")
    found.put("torch==2.2.2", "torchvision==0.17.2", "torchaudio==2.2.2", variant=variant)
    found.put(*more)
    return found


OLD = {"torch": "2.2.2+cu118", "torchvision": "0.17.2+cu118", "torchaudio": "2.2.2+cu118"}
NEW = {"torch": "2.5.1+cu121", "torchvision": "0.20.1+cu121", "torchaudio": "2.5.1+cu121"}


@pytest.mark.parametrize("version", PIP_VERSIONS[1:])
def test_companions_move_with_a_torch_that_is_named(
    version: str, make_machine: Callable[[str], Machine], stub_driver: Path, tmp_path: Path
) -> None:
    machine = make_machine(version).with_driver(stub_driver, "535.104.05", "12.2")
    place = place_with(machine, tmp_path)
    done = place.pipcuda("torch==2.5.1", "--variant", "cu121")
    assert place.has() == NEW
    assert done.stderr.count(MOVED) == 1
    assert "torchvision 0.17.2+cu118 -> 0.20.1+cu121" in done.stderr
    assert BREAKS not in done.stderr


@pytest.mark.all_cases_with(way="pip")
@pytest.mark.parametrize("words", [["--upgrade", "torch"], ["-U", "--force-reinstall", "torch"],
                                   ["torch>2.3"], ["--upgrade", "torch", "needs-none"],
                                   ["torch>2.3", "grows"]])  # fmt: skip
@pytest.mark.parametrize("way", ["pip", "uv"])
def test_the_whole_set_is_of_one_release_and_variant(
    way: str, words: list[str], machine: Machine, tmp_path: Path, uv: Path
) -> None:
    place = place_with(machine, tmp_path)
    more = with_uv(machine, uv, tmp_path / "cache") if way == "uv" else {}
    place.machine = Machine(machine.python, machine.home, machine.server,
                            {**machine.variables, **more})  # fmt: skip
    done = place.pipcuda(*words)
    assert agrees(place)
    assert Version(place.has()["torch"]) > Version("2.3")
    assert done.stderr.count(MOVED) == 1


def agrees(place: Place) -> bool:
    """Return whether the doctor finds that the companions belong to their torch."""
    report = place.machine.pipcuda("doctor", "--python", place.python, "--json").json
    codes = {one["code"] for one in report["problems"]}
    labels = {version.partition("+")[2] for version in place.has().values()}
    return len(labels) == 1 and not {"torchvision-nms-missing", "torchaudio-mismatch"} & codes


@pytest.mark.parametrize("words", [["grows"], ["--upgrade", "grows"], ["-U", "outgrows"],
                                   ["--upgrade", "torchvision"], ["torch"]])  # fmt: skip
def test_the_set_is_kept_where_torch_is_not_to_change(
    words: list[str], machine: Machine, tmp_path: Path
) -> None:
    place = place_with(machine, tmp_path)
    place.pipcuda(*words)
    assert place.has() == OLD


def test_an_extension_that_outgrows_the_set_fails_and_the_way_is_told(
    machine: Machine, tmp_path: Path
) -> None:
    place = place_with(machine, tmp_path)
    done = place.tried("--upgrade", "outgrows==2.0")
    assert done.returncode == 1
    assert place.has() == OLD
    command = "pipcuda install --upgrade torch outgrows==2.0"
    assert command in done.stderr
    place.pipcuda(*command.split()[2:])
    assert agrees(place)
    assert Version(place.has()["torch"]) >= Version("2.5")


def test_what_the_new_torch_breaks_is_named_before(machine: Machine, tmp_path: Path) -> None:
    place = place_with(machine, tmp_path, "extends==1.0", "built-for", "grows")
    done = place.pipcuda("--dry-run", "torch==2.5.1")
    assert place.has() == OLD
    (told,) = (line for line in done.stderr.splitlines() if BREAKS in line)
    assert "extends 1.0 (torch==2.2.2)" in told
    assert "built-for 1.0+cu118torch2.2 (torch==2.2.*)" in told
    assert "grows" not in told
    assert "pipcuda install --upgrade torch extends" in done.stderr


def test_what_that_says_to_type_moves_the_extension_too(machine: Machine, tmp_path: Path) -> None:
    place = place_with(machine, tmp_path, "extends==1.0")
    done = place.pipcuda("--upgrade", "torch", "extends")
    assert installed(place.packages)["extends"] == "2.0"
    assert place.has()["torch"].startswith("2.5.1+")
    assert agrees(place)
    assert BREAKS not in done.stderr


def test_a_companion_that_ended_is_named(machine: Machine, tmp_path: Path) -> None:
    place = place_with(machine, tmp_path)
    place.put("torchtext==0.17.2", variant="cu118")
    done = place.pipcuda("torch==2.5.1")
    assert agrees(place)
    (told,) = (line for line in done.stderr.splitlines() if BREAKS in line)
    assert "torchtext 0.17.2" in told


def test_a_torch_that_is_named_by_its_file_breaks_what_is_named(
    machine: Machine, tmp_path: Path
) -> None:
    place = place_with(machine, tmp_path)
    index = ("--index-url", f"{machine.server.base}/cu121", "-d", tmp_path / "wheels")
    done = machine.pip("download", "--no-deps", "torch==2.5.1", *index)
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "wheels").glob("torch-*.whl")
    done = place.pipcuda("--dry-run", "--no-deps", str(wheel))
    (told,) = (line for line in done.stderr.splitlines() if BREAKS in line)
    assert "torchvision 0.17.2+cu118 (torch==2.2.2)" in told


def test_where_hashes_are_asked_for_nothing_is_added(machine: Machine, tmp_path: Path) -> None:
    place = place_with(machine, tmp_path)
    done = place.tried("--require-hashes", "torch==2.5.1")
    assert MOVED not in done.stderr
    assert BREAKS in done.stderr
    assert place.has() == OLD


@pytest.fixture
def unfit(machine: Machine, stub_driver: Path, tmp_path: Path) -> Place:
    """Return an environment with a set that has no code for the machine's GPU."""
    place = Place(machine, tmp_path / "venv")
    place.put("torch==2.8.0", "torchvision==0.23.0", "torchaudio==2.8.0", variant="cu128")
    place.machine = machine.with_driver(stub_driver, "580.65.06", "13.0", GTX_1080)
    add_packages(machine, PACKAGES)
    return place


@pytest.mark.parametrize("words", [["torch"], ["torchvision"], ["torch", "grows"], ["grows"],
                                   ["--upgrade", "grows"]])  # fmt: skip
def test_a_set_that_does_not_run_here_moves_whole(unfit: Place, words: list[str]) -> None:
    done = unfit.pipcuda(*words)
    assert agrees(unfit)
    assert unfit.has()["torch"].endswith("+cu126")
    assert "does not run on this machine" in done.stderr


def test_a_set_that_does_not_run_here_is_left_where_nothing_needs_it(unfit: Place) -> None:
    before = unfit.has()
    done = unfit.pipcuda("needs-none")
    assert unfit.has() == before
    assert done.stderr == ""


def test_a_cpu_build_that_nobody_named_is_kept_and_that_is_said(
    machine: Machine, tmp_path: Path
) -> None:
    place = place_with(machine, tmp_path, variant="cpu")
    before = place.has()
    assert "[installed-cuda-build-kept]" not in place.pipcuda("needs-none").stderr
    done = place.pipcuda("grows")
    assert place.has() == before
    assert "torch 2.2.2+cpu is installed here, a CPU build on a machine with" in done.stderr


def as_rocm(place: Place) -> None:
    """Turn the torch that is there into a build for ROCm."""
    (place.packages / "torch" / "version.py").write_text("cuda = None\nhip = '6.4'\n")
    old = next(place.packages.glob("torch-*.dist-info"))
    metadata = (old / "METADATA").read_text().replace("+cu118", "+rocm6.4")
    (old / "METADATA").write_text(metadata)
    old.rename(place.packages / "torch-2.2.2+rocm6.4.dist-info")


@pytest.mark.parametrize("words", [["torch"], ["-r", "r.txt"], ["--upgrade", "torch"]])
def test_a_build_for_rocm_is_kept_and_called_that(
    machine: Machine, tmp_path: Path, words: list[str]
) -> None:
    (machine.home / "r.txt").write_text("torch>=2\n", "utf-8")
    place = Place(machine, tmp_path / "venv")
    place.put("torch==2.2.2", variant="cu118")
    as_rocm(place)
    done = place.pipcuda("--no-deps", *words)
    assert place.has() == {"torch": "2.2.2+rocm6.4"}
    assert "torch 2.2.2+rocm6.4 is installed here, a build for ROCm: it is kept" in done.stderr
