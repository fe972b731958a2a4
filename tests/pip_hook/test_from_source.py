"""Packages that are built beside torch, by real pip and uv: torch first, then they, with it there.

The source that is built here imports torch when pip asks for its metadata, as flash-attn's does.
"""

from __future__ import annotations

import io
import os
import tarfile
from typing import TYPE_CHECKING

import pytest

from tests.support.pips import bare_environment

from .running import Machine, add_packages, installed
from .test_uv import with_uv

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.tools import Result

NAME, NUMBER = "flash_attn", "2.8.3"
TOOLS = ("setuptools", "wheel", "packaging", "psutil", "ninja")
# What is built says what it saw: torch's version, and what the environment says.
BACKEND = """
import os, zipfile
from importlib.metadata import version
TORCH = version("torch")
INFO = "flash_attn-2.8.3.dist-info"

def _metadata():
    return "Metadata-Version: 2.1\\nName: flash-attn\\nVersion: 2.8.3\\nRequires-Dist: torch\\n"

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    os.mkdir(os.path.join(folder, INFO))
    with open(os.path.join(folder, INFO, "METADATA"), "w") as file:
        file.write(_metadata())
    return INFO

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "flash_attn-2.8.3-py3-none-any.whl"
    files = {
        "flash_attn.py": f"SAW = {TORCH!r}, {os.environ.get('MAX_JOBS')!r}\\n",
        f"{INFO}/METADATA": _metadata(),
        f"{INFO}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    files[f"{INFO}/RECORD"] = "".join(f"{one},,\\n" for one in [*files, f"{INFO}/RECORD"])
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        for one, text in files.items():
            archive.writestr(one, text)
    return name
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
METADATA = "Metadata-Version: 2.1\nName: flash-attn\nVersion: 2.8.3\n"


def write_source(folder: Path) -> None:
    folder.mkdir(parents=True)
    files = {"backend.py": BACKEND, "pyproject.toml": PYPROJECT, "PKG-INFO": METADATA}
    with tarfile.open(folder / f"{NAME}-{NUMBER}.tar.gz", "w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"{NAME}-{NUMBER}/{name}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))


class Place:
    """An environment, the machine whose pipcuda installs into it, and a folder with the source."""

    def __init__(self, machine: Machine, driver: Path, folder: Path) -> None:
        self.machine = machine.with_driver(driver, "535.104.05", "12.2")
        self.python = bare_environment(machine.python, folder / "venv")
        self.packages = next((folder / "venv").glob("lib/python3*/site-packages"))
        self.sources = folder / "sources"
        write_source(self.sources)
        add_packages(machine, {name: {"99": ()} for name in TOOLS})
        add_packages(machine, {"sixlike": {"1.0": ()}})

    def run(self, *words: str | Path, more: dict[str, str] | None = None) -> Result:
        """Run pipcuda's install; --offline, as no file is asked for."""
        line = ("install", "--find-links", self.sources, "--offline", *words)
        return self.machine.pipcuda("--python", self.python, *line, more=more)

    def has(self) -> dict[str, str]:
        return {name.replace("_", "-"): one for name, one in installed(self.packages).items()}

    @property
    def saw(self) -> str:
        return (self.packages / "flash_attn.py").read_text().strip()


@pytest.fixture
def place(machine: Machine, stub_driver: Path, tmp_path: Path) -> Place:
    return Place(machine, stub_driver, tmp_path)


# No file of flash-attn's is for this release.
TORCH = "torch==2.2.2"


def test_torch_comes_first_and_is_what_it_is_built_against(place: Place) -> None:
    done = place.run(TORCH, "flash-attn==2.8.3", "sixlike")
    assert done.returncode == 0, done.stderr
    has = place.has()
    assert (has["torch"], has["flash-attn"], has["sixlike"]) == ("2.2.2+cu121", "2.8.3", "1.0")
    assert set(TOOLS) <= set(has)
    assert place.saw == "SAW = '2.2.2+cu121', '4'"
    assert "[built-from-source]" in done.stderr
    assert "flash-attn is built last" in done.stderr


def test_what_pip_alone_does_with_the_same_line(place: Place) -> None:
    """It builds where there is no torch: what is mended is real."""
    index = f"{place.machine.server.base}/cu121"
    words = ("--extra-index-url", index, "--find-links", place.sources)
    done = place.machine.pip(
        "--python", place.python, "install", *words, TORCH, "flash-attn==2.8.3"
    )
    assert done.returncode != 0
    assert "No package metadata was found for torch" in done.stdout + done.stderr


def test_a_requirements_file_is_done_in_the_same_order(place: Place) -> None:
    file = place.machine.home / "requirements.txt"
    text = f"flash-attn==2.8.3  # fast\n{TORCH}\nsixlike\n"
    file.write_text(text)
    done = place.run("-r", file)
    assert done.returncode == 0, done.stderr
    assert place.saw == "SAW = '2.2.2+cu121', '4'"
    assert place.has()["sixlike"] == "1.0"
    assert file.read_text() == text


def test_with_torch_installed_it_is_built_beside_that(place: Place) -> None:
    assert place.run(TORCH).returncode == 0
    done = place.run("flash-attn==2.8.3", more={"MAX_JOBS": "2"})
    assert done.returncode == 0, done.stderr
    assert place.saw == "SAW = '2.2.2+cu121', '2'"  # what the person has set stays
    assert set(TOOLS) <= set(place.has())


def test_the_planned_command_does_it(place: Place) -> None:
    words = (TORCH, "flash-attn==2.8.3", "--find-links", place.sources, "--offline")
    command = place.machine.pipcuda("plan", "--json", *words).json["command"]
    assert command[:2] == ["pipcuda", "install"]
    done = place.machine.pipcuda("--python", place.python, *command[1:], "--offline")
    assert done.returncode == 0, done.stderr
    assert place.saw == "SAW = '2.2.2+cu121', '4'"


def test_a_dry_run_installs_nothing_and_says_what_would_follow(place: Place) -> None:
    done = place.run(TORCH, "flash-attn==2.8.3", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "Would install" in done.stdout
    assert "torch-2.2.2+cu121" in done.stdout
    assert "flash-attn would be built after that" in done.stderr
    assert "torch" not in place.has()


def test_what_fails_first_ends_it(place: Place) -> None:
    done = place.run(TORCH, "flash-attn==2.8.3", "not-to-be-found")
    assert done.returncode == 1
    assert "torch" not in place.has()


def test_uv_does_it_in_the_same_order(place: Place, uv: Path, tmp_path: Path) -> None:
    more = with_uv(place.machine, uv, tmp_path / "cache")
    done = place.run(TORCH, "flash-attn==2.8.3", more=more)
    assert done.returncode == 0, done.stderr
    assert place.saw == "SAW = '2.2.2+cu121', '4'"


def in_default_index(place: Place, *words: str | Path, path: str, home: str = "") -> Result:
    """Run it where only pip's default index is in force, so that no other file can be meant."""
    more = {"PIP_INDEX_URL": "", "PATH": path, "CUDA_HOME": home, "CUDA_PATH": ""}
    line = ("--python", place.python, "install", "--offline", *words)
    return place.machine.pipcuda(*line, more=more)


def refused(done: Result, place: Place) -> str:
    assert done.returncode == 3
    assert done.stderr.count("error: ") == 1
    assert "[built-from-source]" in done.stderr
    assert "flash-attn cannot be built" in done.stderr
    assert "nothing was installed" in done.stderr
    assert not place.has()
    return done.stderr


def test_without_a_compiler_it_is_refused_before_anything(place: Place, tmp_path: Path) -> None:
    words, nothing = (TORCH, "flash-attn==2.8.3"), str(tmp_path / "nothing")
    said = refused(in_default_index(place, *words, path=nothing, home=nothing), place)
    assert "nvcc of CUDA 12.1, and there is none" in said
    assert "next: pipcuda install torch==" in said


def test_a_compiler_of_another_major_version_is_refused(place: Place, tmp_path: Path) -> None:
    program = tmp_path / "cuda-11.8" / "bin" / "nvcc"
    program.parent.mkdir(parents=True)
    program.touch(0o755)
    done = in_default_index(place, TORCH, "flash-attn==2.8.3", path=str(program.parent))
    assert "cuda-11.8 is CUDA 11.8" in refused(done, place)


def test_what_is_not_the_environment_has_no_torch_to_build_beside(
    place: Place, tmp_path: Path
) -> None:
    program = tmp_path / "cuda-12.1" / "bin" / "nvcc"
    program.parent.mkdir(parents=True)
    program.touch(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    words = (TORCH, "flash-attn==2.8.3", "--target", tmp_path / "there")
    done = in_default_index(place, *words, path=path)
    assert "next: install that first: pipcuda install torch==2.2.2+cu121" in refused(done, place)
