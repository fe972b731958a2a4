"""A version that is left open stays open to what other packages ask of it, among what runs here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.pips import NEWEST, PIP_VERSIONS
from tests.support.wheel_index import WheelFile

from .running import Machine, add_packages, installed
from .test_installed import Place
from .test_uv import with_uv

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Callable

    from tests.support.tools import Result

PACKAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "pins": {"1.0": ("torch==2.2.2",)},
    "pins-set": {"1.0": ("torch==2.2.2", "torchvision==0.17.2", "torchaudio==2.2.2")},
    "any-torch": {"1.0": ("torch",)},
    "any-vision": {"1.0": ("torchvision",)},
    "at-least": {"1.0": ("torch>=2.1",)},
    "too-new": {"1.0": ("torch>=2.15",)},
    "none": {"1.0": ()},
}


@pytest.fixture
def machine(machine: Machine, stub_driver: Path) -> Machine:
    """Give a machine whose driver runs CUDA 12.2, and an index with other people's packages."""
    add_packages(machine, PACKAGES)
    return machine.with_driver(stub_driver, "535.104.05", "12.2")


def run(machine: Machine, folder: Path, *words: str) -> tuple[dict[str, str], Result]:
    done = machine.pipcuda("install", "--target", folder, *words)
    assert done.returncode == 0, done.stderr
    family = ("torch", "torchvision", "torchaudio")
    return {k: v for k, v in installed(folder).items() if k in family}, done


@pytest.mark.all_cases_with(version=NEWEST)
@pytest.mark.parametrize("version", [PIP_VERSIONS[0], PIP_VERSIONS[-1]])
@pytest.mark.parametrize(
    ("words", "right"),
    [
        (["torch", "pins"], {"torch": "2.2.2+cu121"}),
        (["torch>=2.0", "pins"], {"torch": "2.2.2+cu121"}),
        (["torch", "torchvision", "pins"], {"torch": "2.2.2+cu121", "torchvision": "0.17.2+cu121"}),
        (
            ["torch", "pins-set"],
            {"torch": "2.2.2+cu121", "torchvision": "0.17.2+cu121", "torchaudio": "2.2.2+cu121"},
        ),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_a_pin_of_another_package_is_met(  # noqa: PLR0913, PLR0917
    version: str,
    words: list[str],
    right: dict[str, str],
    make_machine: Callable[[str], Machine],
    stub_driver: Path,
    tmp_path: Path,
) -> None:
    machine = make_machine(version).with_driver(stub_driver, "535.104.05", "12.2")
    add_packages(machine, PACKAGES)
    assert run(machine, tmp_path / "t", *words)[0] == right


@pytest.mark.parametrize("version", [PIP_VERSIONS[0], PIP_VERSIONS[-1]])
def test_a_companion_that_names_no_torch_belongs_to_the_one_that_was_taken(
    version: str, make_machine: Callable[[str], Machine], stub_driver: Path, tmp_path: Path
) -> None:
    """The newest torchaudio, 2.11.0, asks for no torch in its metadata."""
    machine = make_machine(version).with_driver(stub_driver, "535.104.05", "12.2")
    add_packages(machine, PACKAGES)
    found, done = run(machine, tmp_path / "t", "torch", "torchaudio", "pins")
    assert found == {"torch": "2.2.2+cu121", "torchaudio": "2.2.2+cu121"}
    assert "does not belong to torch 2.2.2+cu121: 2.2.2+cu121 takes its place" in done.stderr


def test_wheels_that_are_ruled_out_are_the_only_ones(machine: Machine, tmp_path: Path) -> None:
    for words in (["--no-binary", "torch"], ["--no-binary=:all:"]):
        done = machine.pipcuda("install", *words, "--target", tmp_path / "t", "torch")
        assert done.returncode == 2
        assert "torch has no source distribution" in done.stderr
        assert machine.pipcuda("plan", *words, "torch").returncode == 2
    left_in = ("--no-binary=:all:", "--only-binary=torch")
    assert machine.pipcuda("plan", *left_in, "torch").returncode == 0
    assert not (tmp_path / "t").exists()


def test_beside_a_package_that_asks_for_nothing_the_planned_build_is_taken(
    machine: Machine, tmp_path: Path
) -> None:
    planned = machine.pipcuda("plan", "torch", "--json").json["packages"]
    assert run(machine, tmp_path / "t", "torch", "any-torch", "none")[0] == planned


def test_in_a_requirements_file_too(machine: Machine, tmp_path: Path) -> None:
    (machine.home / "r.txt").write_text("torch\npins\n", "utf-8")
    assert run(machine, tmp_path / "t", "-r", "r.txt")[0] == {"torch": "2.2.2+cu121"}


def test_what_was_taken_instead_is_said_once(machine: Machine, tmp_path: Path) -> None:
    place = Place(machine, tmp_path / "venv")
    done = place.pipcuda("torch", "pins")
    told = "torch 2.2.2+cu121 was installed: other packages of the request ask for it (pins)"
    assert done.stderr.count(told) == 1


def test_a_typed_version_is_final(machine: Machine, tmp_path: Path) -> None:
    done = machine.pipcuda("install", "--target", tmp_path / "t", "torch==2.1.2", "pins")
    assert done.returncode == 1
    assert not (tmp_path / "t").exists()


@pytest.mark.all_cases_with(way="line")
@pytest.mark.parametrize(
    "words", [["any-torch"], ["torch", "any-torch"], ["torch", "any-vision"], ["at-least"]]
)
@pytest.mark.parametrize("way", ["line", "file", "pip.conf", "environment", "uv"])
def test_a_label_that_sorts_higher_does_not_win(
    words: list[str], way: str, machine: Machine, tmp_path: Path, uv: Path
) -> None:
    """An index for CUDA 13 is in force, and the driver runs CUDA 12."""
    index = f"{machine.server.base}/cu130"
    more: dict[str, str] = {}
    if way == "line":
        words = [*words, "--extra-index-url", index]
    elif way == "file":
        (machine.home / "r.txt").write_text(f"--extra-index-url {index}\n" + "\n".join(words))
        words = ["-r", "r.txt"]
    elif way == "pip.conf":
        (machine.home / "pip.conf").write_text(f"[global]\nextra-index-url = {index}\n")
        more = {"PIP_CONFIG_FILE": str(machine.home / "pip.conf")}
    else:
        more = {"PIP_EXTRA_INDEX_URL": index}
    if way == "uv":
        more.update(with_uv(machine, uv, tmp_path / "cache"))
    done = machine.pipcuda("install", "--target", tmp_path / "t", *words, more=more)
    assert done.returncode == 0, done.stderr
    found = installed(tmp_path / "t")
    labels = {found[name].partition("+")[2] for name in ("torch", "torchvision") if name in found}
    assert len(labels) == 1
    assert labels.pop() in ("cu126", "cu121", "cu124")


def test_an_index_left_over_from_another_machine_binds_no_dependency(
    machine: Machine, stub_driver: Path, tmp_path: Path
) -> None:
    """A build of the newest admissible release, not whichever label sorts highest."""
    machine = machine.with_driver(stub_driver, "580.65.06", "13.0")
    planned = machine.pipcuda("plan", "torch", "--json").json["packages"]["torch"]
    words = ("--extra-index-url", f"{machine.server.base}/cu118", "any-torch")
    assert run(machine, tmp_path / "t", *words)[0] == {"torch": planned}


def test_no_other_file_comes_from_an_index_that_was_added(machine: Machine, tmp_path: Path) -> None:
    machine.server.add([WheelFile("whl/cu126/none", "none-9.0-py3-none-any.whl")])
    run(machine, tmp_path / "t", "torch", "none")
    assert installed(tmp_path / "t")["none"] == "1.0"


def test_bounds_that_nothing_here_meets_are_explained(machine: Machine, tmp_path: Path) -> None:
    done = machine.pipcuda("install", "--target", tmp_path / "t", "torch", "too-new")
    assert done.returncode == 1
    assert "too_new 1.0 needs torch>=2.15; the newest torch that runs here is" in (
        done.stderr.replace("too-new", "too_new")
    )
    assert not (tmp_path / "t").exists()
