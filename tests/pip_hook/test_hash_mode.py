"""`--require-hashes` is kept: what `plan --locked` prints passes, another file does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .running import Machine, installed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.tools import Result

PLANNED = {"torch": "2.2.2+cu118"}
# How the mode is asked for: a word of the line, or a variable.
MODES = [(("--require-hashes",), {}), ((), {"PIP_REQUIRE_HASHES": "1"})]


@pytest.fixture
def hashing(machine: Machine, stub_driver: Path) -> Machine:
    """Return a machine whose driver has CUDA 11.8."""
    return machine.with_driver(stub_driver, "520.61.05", "11.8")


def locked(machine: Machine, *words: str) -> str:
    """Return the requirement that `plan --locked` prints."""
    done = machine.pipcuda("plan", "--locked", "--json", *words)
    assert done.returncode == 0, done.stderr
    (one,) = done.json["requirements"]
    assert isinstance(one, str)
    return one


def install(
    machine: Machine, target: Path, how: str, requirement: str, mode: tuple[str, ...], **more: str
) -> Result:
    """Install one requirement, from the line or from a file."""
    (machine.home / "r.txt").write_text(f"{requirement}\n")
    asked = (requirement,) if how == "line" else ("-r", "r.txt")
    return machine.pipcuda("install", "--no-deps", "--target", target, *mode, *asked, more=more)


def test_locked_names_address_and_hash(hashing: Machine) -> None:
    (hashing.home / "r.txt").write_text("torch==2.2.2\n")
    one = locked(hashing, "-r", "r.txt")
    assert one.startswith(f"torch @ {hashing.server.base}/cu118/torch-2.2.2%2Bcu118-")
    assert len(one.rpartition("#sha256=")[2]) == 64
    assert one in hashing.pipcuda("plan", "--locked", "-r", "r.txt").stdout


@pytest.mark.parametrize("how", ["line", "file"])
@pytest.mark.parametrize(("mode", "more"), MODES)
def test_what_is_locked_passes(
    hashing: Machine, tmp_path: Path, how: str, mode: tuple[str, ...], more: dict[str, str]
) -> None:
    one = locked(hashing, "torch==2.2.2")
    done = install(hashing, tmp_path / "t", how, one, mode, **more)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t") == PLANNED


@pytest.mark.parametrize(("mode", "more"), MODES)
@pytest.mark.parametrize("version", ["2.2.2", "2.2.2+cu118"])
def test_a_line_with_the_hash_of_the_planned_file_passes(
    hashing: Machine, tmp_path: Path, version: str, mode: tuple[str, ...], more: dict[str, str]
) -> None:
    digest = locked(hashing, "torch==2.2.2").rpartition("#sha256=")[2]
    one = f"torch=={version} --hash=sha256:{digest}"
    done = install(hashing, tmp_path / "t", "file", one, mode, **more)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t") == PLANNED


@pytest.mark.parametrize(("mode", "more"), MODES)
def test_a_line_with_the_hash_of_another_file_is_refused(
    hashing: Machine, tmp_path: Path, mode: tuple[str, ...], more: dict[str, str]
) -> None:
    other = locked(hashing, "torch==2.2.2", "--cuda", "12.1").rpartition("#sha256=")[2]
    one = f"torch==2.2.2 --hash=sha256:{other}"
    done = install(hashing, tmp_path / "t", "file", one, mode, **more)
    assert done.returncode == 3
    assert "torch==2.2.2 (r.txt, line 1) has hashes" in done.stderr
    assert not (tmp_path / "t").exists()


@pytest.mark.parametrize("how", ["line", "file"])
@pytest.mark.parametrize(("mode", "more"), MODES)
def test_the_mode_is_not_weakened_for_what_has_no_hash(
    hashing: Machine, tmp_path: Path, how: str, mode: tuple[str, ...], more: dict[str, str]
) -> None:
    done = install(hashing, tmp_path / "t", how, "torch==2.2.2", mode, **more)
    assert done.returncode == 1
    assert "Hashes are required in --require-hashes mode" in done.stderr
    assert not (tmp_path / "t").exists()
