"""`cuda_guard: rewrite`: plain `conda install` and `conda create` get the plan by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import RTX_5090, Workshop

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.tools import Result

DRY = ("--dry-run", "--json")


@pytest.fixture
def shop(shop: Workshop) -> Workshop:
    shop.put_driver("520.61.05", "11.8")
    shop.settings = {"plugins": {"cuda_guard": "rewrite"}}
    return shop


def torch_of(done: Result) -> str:
    """Give the build of pytorch that was solved."""
    assert done.returncode == 0, done.stderr
    return str(
        {one["name"]: one["build_string"] for one in done.json["actions"]["LINK"]}["pytorch"]
    )


def test_install_gets_the_cuda_build_and_its_channels(shop: Workshop) -> None:
    done = shop.run("install", "pytorch==2.1.1", "-y")
    assert done.returncode == 0, done.stderr
    record = shop.record("pytorch")
    assert record is not None
    assert "cuda11.8" in record["build"]
    assert "cuda-guard: pytorch 2.1.1 for CUDA 11.8, direct" in done.stderr
    assert "cuda-install" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("pytorch==2.1.1",),
        ("pytorch==2.1.1", "-c", "conda-forge"),
        (
            "pytorch==2.1.1",
            "--override-channels",
            "-c",
            "pytorch",
            "-c",
            "nvidia",
            "-c",
            "defaults",
        ),
        ("pytorch==2.1.1", "pytorch-cuda=12.1"),
        ("numpy", "pytorch==2.1.1", "torchvision"),
    ],
    ids=["bare", "another-channel", "fixed-channels", "wrong-wish", "companions"],
)
def test_what_is_typed_ends_in_what_the_driver_runs(shop: Workshop, words: tuple[str, ...]) -> None:
    assert "cuda11.8" in torch_of(shop.run("install", *words, *DRY))


def test_create(shop: Workshop, tmp_path: Path) -> None:
    done = shop.run("create", "python=3.11", "pytorch==2.1.1", "-p", tmp_path / "new", *DRY)
    assert "cuda11.8" in torch_of(done)


def test_specs_of_a_file(shop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "specs.txt").write_text("pytorch==2.1.1\n", encoding="utf-8")
    done = shop.run("install", "--file", tmp_path / "specs.txt", "numpy", *DRY)
    assert "cuda11.8" in torch_of(done)


def test_a_refusal_stops_it(shop: Workshop) -> None:
    shop.put_driver("470.82.01", "11.4", RTX_5090)
    done = shop.run("install", "pytorch", "-y", "--json")
    assert done.returncode == 3
    assert done.json["plan"]["status"] == "refused"
    assert shop.record("pytorch") is None


def test_without_a_driver_it_stays_as_typed(shop: Workshop) -> None:
    shop.variables = {}
    assert "cpu" in torch_of(shop.run("install", "pytorch=2.1.2", *DRY))


def test_what_has_nothing_of_cuda_stays_as_typed(shop: Workshop) -> None:
    done = shop.run("install", "numpy", *DRY)
    plain = shop.run("install", "numpy", *DRY, plugin=False)
    assert done.stdout == plain.stdout
    assert done.stderr == ""


def test_update_is_warned_about_and_not_rewritten(shop: Workshop) -> None:
    shop.settings = {"plugins": {"cuda_guard": "off"}}
    assert shop.run("install", "pytorch=2.1.2", "-y").returncode == 0
    shop.settings = {"plugins": {"cuda_guard": "rewrite"}}
    done = shop.run("update", "pytorch", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    assert "[cpu-build-chosen]" in done.stderr


def test_cuda_install_is_planned_once(shop: Workshop) -> None:
    done = shop.run("cuda-install", "pytorch==2.1.1", *DRY)
    assert "cuda11.8" in torch_of(done)
    assert done.stderr.count("for CUDA 11.8") == 1


def test_a_fault_of_ours_leaves_it_as_typed(shop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    shop.variables["CUDA_GUARD_CATALOGUE"] = str(tmp_path / "data")
    assert "cpu" in torch_of(shop.run("install", "pytorch=2.1.2", *DRY))
