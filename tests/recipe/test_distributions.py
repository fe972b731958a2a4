"""What is published: the wheel holds what runs, the sdist everything of the maintainer's too."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from conda_cuda_guard.catalogue.rebuilding.__main__ import FACTS

ROOT = Path(__file__).resolve().parents[2]
MAINTAINERS = ("conda_cuda_guard/catalogue/rebuilding/", "pip_hook/maintenance/")


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist and the wheel, with the build backend that is installed here."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


@pytest.fixture(scope="module")
def unpacked(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel into an empty folder."""
    folder = tmp_path_factory.mktemp("wheel")
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(unpacked: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run this interpreter with the wheel's content before everything else."""
    clean = {name: value for name, value in os.environ.items() if "CUDA" not in name}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=unpacked,
        env={**clean, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_wheel_lacks_what_the_maintainer_alone_needs(unpacked: Path) -> None:
    assert not [folder for folder in MAINTAINERS if (unpacked / folder).exists()]
    missing = run(unpacked, "-c", "import conda_cuda_guard.catalogue.rebuilding")
    assert "ModuleNotFoundError" in missing.stderr


def test_the_wheel_has_every_other_file_of_the_packages(unpacked: Path) -> None:
    here = {
        path.relative_to(ROOT).as_posix()
        for package in ("conda_cuda_guard", "pip_hook")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = {
        path.relative_to(unpacked).as_posix()
        for package in ("conda_cuda_guard", "pip_hook")
        for path in (unpacked / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == {name for name in here if not name.startswith(MAINTAINERS)}


def test_the_wheel_plans_with_its_own_catalogue(unpacked: Path) -> None:
    planned = run(unpacked, "-m", "pip_hook", "plan", "torch==2.1.2", "--cuda", "12.1", "--offline")
    assert planned.returncode == 0, planned.stderr
    assert "torch 2.1.2+cu121" in planned.stdout
    where = run(unpacked, "-c", "import conda_cuda_guard; print(conda_cuda_guard.__file__)")
    assert Path(where.stdout.strip()).is_relative_to(unpacked)


def test_the_sdist_has_the_facts_and_what_makes_the_catalogue_from_them(dist: Path) -> None:
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    assert "conda_cuda_guard/catalogue/rebuilding/__main__.py" in names
    assert "pip_hook/maintenance/pip_options.py" in names
    facts = {f"conda_cuda_guard/catalogue/rebuilding/facts/{path.name}" for path in FACTS.iterdir()}
    assert facts <= names
