"""Dependency groups (`--group`): planned with the line, and the file stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.pips import NEWEST

from .running import Machine, installed

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Callable

TEXT = """\
[dependency-groups]
old = ["torch==2.1.2"]
gpu = [{include-group = "old"}, "numpy<2.1 ; python_version > '3'"]
plain = ["numpy"]
round = [{include-group = "round"}]
"""


@pytest.fixture(params=[pytest.param("25.3", marks=pytest.mark.nightly), NEWEST])
def cuda_machine(
    request: pytest.FixtureRequest, make_machine: Callable[[str], Machine], stub_driver: Path
) -> Machine:
    """Return a machine whose driver runs CUDA 12.2, with a pip that knows groups, and a project."""
    machine = make_machine(request.param).with_driver(stub_driver, "535.104.05", "12.2")
    (machine.home / "pyproject.toml").write_text(TEXT)
    return machine


@pytest.mark.parametrize(
    "words",
    [("--group", "gpu", "torchvision"), ("torchvision", "--group=pyproject.toml:gpu")],
)
def test_a_group_is_one_plan_with_the_line(
    cuda_machine: Machine, tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = cuda_machine.pipcuda("install", "--target", tmp_path / "t", *words)
    assert done.returncode == 0, done.stderr
    there = installed(tmp_path / "t")
    assert (there["torch"], there["torchvision"]) == ("2.1.2+cu121", "0.16.2+cu121")
    assert there["numpy"] < "2.1"
    assert (cuda_machine.home / "pyproject.toml").read_text() == TEXT


def test_a_plan_for_a_group(cuda_machine: Machine) -> None:
    done = cuda_machine.pipcuda("plan", "--json", "--group", "gpu")
    assert done.json["packages"] == {"torch": "2.1.2+cu121"}


def test_a_group_that_cannot_be_met_is_refused(cuda_machine: Machine, tmp_path: Path) -> None:
    words = ("--target", tmp_path / "t", "--group", "gpu", "torchvision==0.17.2")
    done = cuda_machine.pipcuda("install", *words)
    assert done.returncode == 3
    assert "[companion-mismatch]" in done.stderr
    assert not (tmp_path / "t").exists()


def test_a_group_without_torch_is_pips(cuda_machine: Machine, tmp_path: Path) -> None:
    done = cuda_machine.pipcuda("install", "--target", tmp_path / "t", "--group", "plain")
    assert (done.returncode, done.stderr) == (0, "")
    assert installed(tmp_path / "t").keys() == {"numpy"}


@pytest.mark.parametrize("group", ["none-such", "round", "elsewhere/pyproject.toml:gpu"])
def test_what_pip_cannot_read_is_pips_to_say(cuda_machine: Machine, group: str) -> None:
    done = cuda_machine.pipcuda("install", "torch", "--group", group)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert group.partition(":")[0] in done.stderr
