"""A family is a file: another package of PyTorch's index is planned by a row of data alone."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard import catalogue
from conda_cuda_guard.catalogue.files import folder
from pip_hook.cli import main
from tests.support.wheel_file import WheelFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.wheel_index import WheelServer

TORCHARROW = {
    "table": "family",
    "schema": 1,
    "sources": ["https://example.org/torcharrow"],
    "family": "torcharrow",
    "follows": "torch",
    "lead": {"pip": "torcharrow", "conda": "torcharrow", "variants_since": None},
    "labelled": True,
    "pins_torch": False,
    "versions": [["0.15.0", ">=2.9,<2.11"], ["0.14.0", ">=2.8,<2.10"], ["0.9.0", "==2.5.*"]],
}
A100 = ("--driver", "535.104.05", "--gpu", "A100", "--offline")


@pytest.fixture
def with_torcharrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a catalogue that has one file more."""
    there = tmp_path / "data"
    shutil.copytree(folder(), there)
    (there / "families" / "torcharrow.json").write_text(json.dumps(TORCHARROW), "utf-8")
    monkeypatch.setenv("CUDA_GUARD_CATALOGUE", str(there))
    return there


def planned(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, str]:
    assert main(["plan", "--json", *words, *A100]) == 0
    packages: dict[str, str] = json.loads(capsys.readouterr().out)["packages"]
    return packages


@pytest.mark.usefixtures("with_torcharrow")
@pytest.mark.parametrize(
    ("words", "right"),
    [
        (["torch", "torcharrow"], {"torch": "2.10.0+cu128", "torcharrow": "0.15.0+cu128"}),
        (["torch==2.5.1", "torcharrow"], {"torch": "2.5.1+cu124", "torcharrow": "0.9.0+cu124"}),
        (["torch", "torcharrow==0.14.0"], {"torch": "2.9.1+cu128", "torcharrow": "0.14.0+cu128"}),
    ],
)
def test_a_follower_gets_the_version_and_the_label_of_its_torch(
    words: list[str], right: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = planned(capsys, *words)
    releases = {name: number.partition("+")[0] for name, number in found.items()}
    assert releases == {name: number.partition("+")[0] for name, number in right.items()}
    assert len({number.partition("+")[2] for number in found.values()}) == 1


@pytest.mark.usefixtures("with_torcharrow")
def test_a_pair_that_does_not_belong_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "torch==2.7.1", "torcharrow", *A100]) == 3
    assert "torcharrow" in capsys.readouterr().out


@pytest.mark.usefixtures("with_torcharrow")
def test_its_files_are_read_and_a_glance_knows_its_name() -> None:
    from conda_cuda_guard.sources.wheel_filename import is_family
    from pip_hook.files.family_names import could_name_family

    assert is_family("torcharrow-0.15.0+cu128-py3-none-any.whl")
    assert could_name_family("torcharrow")


def test_without_the_file_it_is_another_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert "torcharrow" not in catalogue.family().pip_names
    assert "torcharrow" not in planned(capsys, "torch", "torcharrow")


def test_it_is_taken_from_the_index_of_its_torch(
    with_torcharrow: Path, pip_env: Callable[[str], Path], wheel_server: WheelServer, tmp_path: Path
) -> None:
    from tests.pip_hook.running import Machine

    tags = "cp311-cp311-manylinux_2_28_x86_64.whl"
    wheel_server.add(
        [
            WheelFile("whl/cu128/torch", f"torch-2.10.0+cu128-{tags}"),
            WheelFile("whl/cu128/torch", f"torch-2.9.1+cu128-{tags}"),
            WheelFile("whl/cu128/torcharrow", f"torcharrow-0.15.0+cu128-{tags}", ("torch",)),
        ]
    )
    machine = Machine(pip_env("newest"), tmp_path, wheel_server)
    more = {"CUDA_GUARD_CATALOGUE": str(with_torcharrow)}
    words = ("plan", "--json", "torch", "torcharrow", "--driver", "570.86.15", "--gpu", "A100")
    done = machine.pipcuda(*words, "--python-version", "3.11", more=more)
    assert done.json["packages"] == {"torch": "2.10.0+cu128", "torcharrow": "0.15.0+cu128"}
