"""Command lines of old posts, carried out by the real pip: which files come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.tools import Result

    from .running import Machine

RTX_3090 = ("NVIDIA GeForce RTX 3090", "8.6")


@pytest.fixture
def machine_3090(machine: Machine, stub_driver: Path) -> Machine:
    """Return a machine with a GeForce RTX 3090."""
    return machine.with_driver(stub_driver, "535.104.05", "12.2", RTX_3090)


def _download(machine: Machine, folder: Path, python: str, line: str) -> Result:
    """Download what a line would install, for a Python that is too old to be here."""
    words = line.replace("WHL", machine.server.base).split()
    return machine.pipcuda(
        "download", *words, "--python-version", python, "--platform", "linux_x86_64",
        "--only-binary=:all:", "--no-deps", "-d", folder,
    )  # fmt: skip


def _files(folder: Path) -> set[str]:
    """Return the packages and versions of what was downloaded."""
    return {"-".join(path.name.split("-")[:2]) for path in folder.glob("*.whl")}


FILES = [
    (
        "3.8",
        "torch==1.9.0+cu111 torchvision==0.10.0+cu111 torchaudio==0.9.0 -f WHL/torch_stable.html",
        {"torch-1.9.0+cu111", "torchvision-0.10.0+cu111", "torchaudio-0.9.0"},
    ),
    (
        "3.9",
        "torch torchvision torchaudio --extra-index-url WHL/cu113",
        {"torch-1.12.1+cu113", "torchvision-0.13.1+cu113", "torchaudio-0.12.1+cu113"},
    ),
    (
        "3.8",
        "torch==1.7.1+cu101 torchvision==0.8.2+cu101 -f WHL/torch_stable.html",
        {"torch-1.7.1+cu110", "torchvision-0.8.2+cu110"},
    ),
    # The two pages named here are gone.
    (
        "3.8",
        "torch==1.8.2+cu111 torchvision==0.9.2+cu111 -f WHL/lts/1.8/torch_lts.html",
        {"torch-1.8.2+cu111", "torchvision-0.9.2+cu111"},
    ),
    ("3.7", "torch==1.1.0 -f WHL/cu100/stable", {"torch-1.1.0"}),
]


@pytest.mark.parametrize(("python", "line", "files"), FILES, ids=[line for _, line, _ in FILES])
def test_the_files_that_come(
    machine_3090: Machine, tmp_path: Path, python: str, line: str, files: set[str]
) -> None:
    done = _download(machine_3090, tmp_path / "d", python, line)
    assert done.returncode == 0, done.stderr
    assert _files(tmp_path / "d") == files


def test_the_file_of_1_1_is_of_the_cuda_asked_for(machine_3090: Machine, tmp_path: Path) -> None:
    """The default index has the same version for CUDA 9.0."""
    done = _download(machine_3090, tmp_path / "d", "3.7", "torch==1.1.0 -f WHL/cu100/stable")
    assert done.returncode == 0, done.stderr
    assert machine_3090.server.asked_for("/whl/cu100/torch-1.1.0-cp37")


def test_a_variant_that_ended_is_replaced_and_its_last_release_named(
    machine_3090: Machine, tmp_path: Path
) -> None:
    line = "torch==2.1 --index-url WHL/cu113"
    done = _download(machine_3090, tmp_path / "d", "3.10", line)
    assert done.returncode == 0, done.stderr
    assert _files(tmp_path / "d") == {"torch-2.1.0+cu121"}
    assert "cu113's last release is 1.12.1" in done.stderr
    kept = _download(machine_3090, tmp_path / "k", "3.10", "torch==1.12.1+cu113")
    assert kept.returncode == 0, kept.stderr
    assert _files(tmp_path / "k") == {"torch-1.12.1+cu113"}


def test_a_release_from_before_the_card_is_refused_and_the_nearest_named(
    machine_3090: Machine, tmp_path: Path
) -> None:
    line = "torch===1.6.0 torchvision===0.7.0 -f WHL/torch_stable.html"
    done = _download(machine_3090, tmp_path / "d", "3.8", line)
    assert done.returncode == 3
    assert not (tmp_path / "d").exists()
    nearest = "torch==1.7.1 torchvision==0.8.2"
    assert f"nearest that would run here: ask for {nearest}" in done.stderr
    again = _download(machine_3090, tmp_path / "d", "3.8", nearest)
    assert again.returncode == 0, again.stderr
    assert _files(tmp_path / "d") == {"torch-1.7.1+cu110", "torchvision-0.8.2+cu110"}


def test_a_newer_python_is_told_which_ones_there_are(machine_3090: Machine, tmp_path: Path) -> None:
    line = "torch==1.10.1+cu113 -f WHL/cu113/torch_stable.html"
    done = _download(machine_3090, tmp_path / "d", "3.10", line)
    assert done.returncode == 3
    assert "Use an environment with Python 3.6, 3.7, 3.8, 3.9." in done.stderr
    assert "nearest release for Python 3.10 that runs here: torch==1.11.0" in done.stderr
