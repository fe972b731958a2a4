"""The torch that is already there: kept where it runs, shown before it goes, warned of conda's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

from tests.support.pips import bare_environment
from tests.support.wheel_file import unpack

from .running import GTX_1080, Machine, installed, python_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.tools import Result

KEPT = "[installed-cuda-build-kept]"
REPLACED = "[installed-build-replaced]"


class Place:
    """An environment without pip, and the machine whose pipcuda installs into it."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        self.machine = machine
        self.python = bare_environment(machine.python, folder)
        self.packages = next(folder.glob("lib/python3*/site-packages"))

    def put(self, *pins: str, variant: str = "") -> None:
        """Put packages there as pip leaves them: from a variant's index, or from the main one."""
        index = f"whl/{variant}" if variant else "simple"
        for pin in pins:
            asked = Requirement(pin)
            page = f"{index}/{asked.name}"
            wheel = self.machine.server.newest(page, asked.specifier, self._tag)
            unpack(wheel, self.packages)

    @property
    def _tag(self) -> str:
        return "cp" + python_of(self.machine).replace(".", "")

    def pipcuda(self, *words: str) -> Result:
        """Install by pipcuda, and be content with nothing but success."""
        done = self.tried(*words)
        assert done.returncode == 0, done.stderr
        return done

    def tried(self, *words: str) -> Result:
        """Run pipcuda's install."""
        return self.machine.pipcuda("--python", self.python, "install", *words)

    def has(self) -> dict[str, str]:
        """Read the family that is there."""
        names = ("torch", "torchvision", "torchaudio")
        return {k: v for k, v in installed(self.packages).items() if k in names}


@pytest.fixture
def machine(machine: Machine, stub_driver: Path) -> Machine:
    """Return a machine whose driver runs CUDA 12.2."""
    return machine.with_driver(stub_driver, "535.104.05", "12.2")


@pytest.fixture
def place(machine: Machine, tmp_path: Path) -> Place:
    """Return an environment with an older CUDA variant that runs here."""
    found = Place(machine, tmp_path / "venv")
    found.put("torch==2.2.2", variant="cu118")
    return found


@pytest.mark.parametrize("typed", ["torch", "torch>=2.0", "torch==2.2.2", "torch==2.2.*"])
def test_a_build_that_runs_and_is_allowed_stays(place: Place, typed: str) -> None:
    done = place.pipcuda(typed)
    assert place.has() == {"torch": "2.2.2+cu118"}
    assert "torch 2.2.2+cu118 is installed here and runs: it is kept" in done.stderr
    assert KEPT in done.stderr
    assert REPLACED not in done.stderr
    assert "pipcuda install --upgrade torch" in done.stderr


def test_a_companion_belongs_to_the_torch_that_is_there(place: Place) -> None:
    done = place.pipcuda("torchvision")
    assert place.has() == {"torch": "2.2.2+cu118", "torchvision": "0.17.2+cu118"}
    assert KEPT in done.stderr


def test_torch_and_its_companion_named_together(place: Place) -> None:
    place.pipcuda("torch", "torchvision", "--no-deps")
    assert place.has() == {"torch": "2.2.2+cu118", "torchvision": "0.17.2+cu118"}


def test_the_companion_of_another_torch_is_refused(place: Place) -> None:
    done = place.tried("torchvision==0.16.2")
    assert done.returncode == 3
    assert place.has() == {"torch": "2.2.2+cu118"}
    assert "torchvision==0.16.2 belongs to another torch" in done.stderr
    assert "pipcuda install --upgrade torch torchvision==0.16.2" in done.stderr


def test_what_the_refusal_says_to_type_does_it(place: Place) -> None:
    if python_of(place.machine) == "3.12":
        pytest.skip("torch 2.1.2 has no build for Python 3.12")
    done = place.pipcuda("--upgrade", "--no-deps", "torch", "torchvision==0.16.2")
    assert place.has() == {"torch": "2.1.2+cu121", "torchvision": "0.16.2+cu121"}
    assert "2.2.2+cu118 is installed here; torch 2.1.2+cu121 takes its place, as" in done.stderr


@pytest.mark.parametrize("asked", [("-U",), ("--force-reinstall",), ("torchaudio", "-U")])
def test_an_upgrade_is_asked_for(place: Place, asked: tuple[str, ...]) -> None:
    done = place.pipcuda("--no-deps", "torch<2.3", *asked)
    assert place.has()["torch"] == "2.2.2+cu121"
    assert REPLACED in done.stderr


@pytest.mark.parametrize("form", ["label", "index"])
def test_a_variant_is_asked_for(place: Place, form: str) -> None:
    wish = ["torch==2.2.2+cu121"]
    if form == "index":
        wish = ["torch==2.2.2", "--index-url", f"{place.machine.server.base}/cu121"]
    done = place.pipcuda("--no-deps", *wish)
    assert place.has() == {"torch": "2.2.2+cu121"}
    assert REPLACED in done.stderr


def test_the_cpu_build_is_asked_for(place: Place) -> None:
    done = place.pipcuda("--no-deps", "--cpu", "torch==2.2.2")
    assert place.has() == {"torch": "2.2.2+cpu"}
    assert REPLACED in done.stderr


@pytest.mark.parametrize("form", ["torch @ {}", "{}"])
def test_a_file_that_is_named_replaces_it_and_that_is_said(place: Place, form: str) -> None:
    """A file is the person's own choice, also one without CUDA."""
    page = place.machine.pip("download", "--no-deps", "--index-url",
                             f"{place.machine.server.base}/cpu", "torch==2.2.2",
                             "-d", str(place.packages.parent / "wheels"))  # fmt: skip
    assert page.returncode == 0, page.stderr
    (wheel,) = (place.packages.parent / "wheels").glob("torch-*.whl")
    done = place.pipcuda("--no-deps", form.format(wheel.as_uri()))
    assert "torch 2.2.2+cu118 is installed here; torch 2.2.2+cpu takes its place" in done.stderr
    assert place.has() == {"torch": "2.2.2+cpu"}


def test_a_dry_run_shows_the_change_and_makes_none(place: Place) -> None:
    done = place.pipcuda("--dry-run", "--no-deps", "torch==2.2.2+cu121")
    assert place.has() == {"torch": "2.2.2+cu118"}
    assert "torch 2.2.2+cu118 is installed here; torch 2.2.2+cu121 takes its place" in done.stderr


def test_a_build_without_code_for_the_gpu_goes(
    machine: Machine, stub_driver: Path, tmp_path: Path
) -> None:
    place = Place(machine, tmp_path / "venv")
    place.put("torch==2.8.0", variant="cu128")
    place.machine = machine.with_driver(stub_driver, "580.65.06", "13.0", GTX_1080)
    done = place.pipcuda("--no-deps", "torch==2.8.0")
    assert place.has() == {"torch": "2.8.0+cu126"}
    assert "does not run on this machine; torch 2.8.0+cu126 takes its place" in done.stderr


@pytest.mark.parametrize("typed", ["torch", "torchvision"])
def test_a_cpu_build_on_a_machine_with_a_gpu_goes(
    machine: Machine, tmp_path: Path, typed: str
) -> None:
    place = Place(machine, tmp_path / "venv")
    place.put("torch==2.2.2", variant="cpu")
    done = place.pipcuda("--no-deps", typed)
    assert "+cu1" in place.has()["torch"]
    assert "a CPU build on a machine with an NVIDIA driver" in done.stderr


def test_a_cpu_build_is_not_what_a_plain_version_means(machine: Machine, tmp_path: Path) -> None:
    """For pip `2.2.2+cpu` is what `==2.2.2` asks for: it would leave it there."""
    place = Place(machine, tmp_path / "venv")
    place.put("torch==2.2.2", variant="cpu")
    place.pipcuda("--no-deps", "--prefer-index", "torch==2.2.2")
    assert place.has() == {"torch": "2.2.2"}


def test_without_a_driver_what_is_there_stays(make_bare: Machine, tmp_path: Path) -> None:
    for at, variant in enumerate(("cu118", "cpu")):
        place = Place(make_bare, tmp_path / f"venv{at}")
        place.put("torch==2.2.2", variant=variant)
        done = place.pipcuda("--no-deps", "torch")
        assert place.has() == {"torch": f"2.2.2+{variant}"}
        assert (KEPT in done.stderr) == (variant == "cu118")
        assert "[cpu-build-chosen]" not in done.stderr


@pytest.fixture
def make_bare(machine: Machine) -> Machine:
    """Return the machine without its driver."""
    return Machine(machine.python, machine.home, machine.server)


@pytest.mark.parametrize("own", ["hip: str = '6.2'", "hip = '6.2'"])
def test_a_build_that_is_not_ours_to_judge_stays(
    machine: Machine, tmp_path: Path, own: str
) -> None:
    place = Place(machine, tmp_path / "venv")
    place.put("torch==2.2.2", variant="cpu")
    info = place.packages / "torch-2.2.2+cpu.dist-info"
    metadata = (info / "METADATA").read_text().replace("2.2.2+cpu", "2.2.2")
    (info / "METADATA").write_text(metadata)
    info.rename(place.packages / "torch-2.2.2.dist-info")
    (place.packages / "torch" / "version.py").write_text(f"cuda = None\n{own}\n")
    place.pipcuda("--no-deps", "torch")
    assert place.has() == {"torch": "2.2.2"}


def test_over_conda_only_with_a_warning(place: Place) -> None:
    info = place.packages / "torch-2.2.2+cu118.dist-info"
    (info / "INSTALLER").write_text("conda\n")
    assert "[pip-conda-mix]" not in place.pipcuda("torch").stderr
    done = place.pipcuda("--no-deps", "--dry-run", "torch==2.2.2+cu121")
    assert "warning: torch 2.2.2+cu118 was installed here by conda; pip would" in done.stderr
    assert "conda cuda-install pytorch" in done.stderr


def test_a_folder_apart_does_not_look_at_what_is_installed(place: Place, tmp_path: Path) -> None:
    done = place.pipcuda("--no-deps", "--target", str(tmp_path / "t"), "torch==2.2.2")
    assert installed(tmp_path / "t")["torch"] == "2.2.2+cu121"
    assert KEPT not in done.stderr


def test_the_environment_that_runs_pipcuda(machine: Machine, place: Place) -> None:
    machine.variables = {**machine.variables, "PYTHONPATH": str(place.packages)}
    done = machine.pipcuda("install", "--no-deps", "torch")
    assert done.returncode == 0, done.stderr
    assert "already satisfied" in done.stdout
    assert KEPT in done.stderr


def test_a_file_of_requirements(place: Place, tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("torch>=2\ntorchvision\n")
    place.pipcuda("--no-deps", "-r", str(tmp_path / "r.txt"))
    assert place.has() == {"torch": "2.2.2+cu118", "torchvision": "0.17.2+cu118"}
