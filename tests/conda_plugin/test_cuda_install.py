"""`conda cuda-install` end to end: what is installed, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import RTX_5090, Workshop

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("driver", "cuda", "build"),
    [("535.104.05", "12.2", "cuda12.1"), ("520.61.05", "11.8", "cuda11.8")],
)
def test_the_build_that_the_driver_runs_is_installed(
    shop: Workshop, driver: str, cuda: str, build: str
) -> None:
    shop.put_driver(driver, cuda)
    done = shop.run("cuda-install", "pytorch==2.1.1", "-y")
    assert done.returncode == 0, done.stderr
    torch = shop.record("pytorch")
    assert torch is not None
    assert torch["version"] == "2.1.1"
    assert build in torch["build"]
    assert f"cuda-install: pytorch 2.1.1 for CUDA {build[4:]}, direct" in done.stderr


def test_an_old_driver_and_a_new_card_are_refused(shop: Workshop) -> None:
    shop.put_driver("470.82.01", "11.4", RTX_5090)
    done = shop.run("cuda-install", "pytorch", "-y")
    assert done.returncode == 3
    assert shop.record("pytorch") is None
    assert "nothing was installed" in done.stderr
    assert "Driver 570.26 or newer" in done.stderr
    assert "Traceback" not in done.stderr


def test_companions_come_with_it(shop: Workshop) -> None:
    shop.put_driver("535.104.05", "12.2")
    done = shop.run("cuda-install", "pytorch=2.1", "torchvision", "-y")
    assert done.returncode == 0, done.stderr
    torch, vision = shop.record("pytorch"), shop.record("torchvision")
    assert torch is not None
    assert vision is not None
    assert torch["version"] == "2.1.2"
    assert (vision["version"], vision["build"]) == ("0.16.2", "py311_cu121")
    assert shop.record("torchaudio") is None


def test_conda_forge_users_stay_on_conda_forge(shop: Workshop) -> None:
    shop.configured = ["conda-forge"]
    shop.put_driver("575.51.03", "12.9")
    done = shop.run("cuda-install", "pytorch", "-y")
    assert done.returncode == 0, done.stderr
    torch = shop.record("pytorch")
    assert torch is not None
    assert torch["version"] == "2.13.0"
    assert torch["build"].startswith("cuda129")
    assert "conda-forge" in torch["channel"]


def test_conda_forge_users_get_from_pytorch_what_conda_forge_lacks(shop: Workshop) -> None:
    shop.configured = ["conda-forge"]
    shop.settings = {"channel_priority": "strict"}
    shop.put_driver("535.104.05", "12.2")
    done = shop.run("cuda-install", "pytorch==2.1.1", "-y")
    assert done.returncode == 0, done.stderr
    torch = shop.record("pytorch")
    assert torch is not None
    assert "cuda12.1" in torch["build"]
    assert "[index-lacks-variant]" in done.stderr


def test_cudatoolkit_releases(shop: Workshop, python_prefix: Path) -> None:
    del python_prefix
    shop.put_driver("465.19.01", "11.3")
    done = shop.run("cuda-install", "pytorch==1.12.1", "python=3.10", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    links = {link["name"]: link for link in done.json["actions"]["LINK"]}
    assert "cuda11.3" in links["pytorch"]["build_string"]
    assert links["cudatoolkit"]["version"].startswith("11.3")


def test_without_a_driver_it_is_refused(shop: Workshop) -> None:
    done = shop.run("cuda-install", "pytorch", "-y")
    assert done.returncode == 3
    assert shop.record("pytorch") is None
    assert "--cuda X.Y" in done.stderr
    assert "--cpu" in done.stderr


def test_cpu_is_the_explicit_way(shop: Workshop) -> None:
    shop.put_driver("535.104.05", "12.2")
    done = shop.run("cuda-install", "pytorch==2.1.1", "--cpu", "-y")
    assert done.returncode == 0, done.stderr
    torch = shop.record("pytorch")
    assert torch is not None
    assert torch["build"] == "py3.11_cpu_0"


def test_a_login_node_can_say_what_the_other_machine_has(shop: Workshop) -> None:
    shop.configured = ["conda-forge"]
    done = shop.run("cuda-install", "pytorch", "--cuda", "12.9", "--gpu", "A100", "-y")
    assert done.returncode == 0, done.stderr
    torch = shop.record("pytorch")
    assert torch is not None
    assert torch["build"].startswith("cuda129")


def test_a_wish_that_the_driver_cannot_run_is_replaced(shop: Workshop) -> None:
    shop.put_driver("520.61.05", "11.8")
    done = shop.run("cuda-install", "pytorch==2.1.1", "pytorch-cuda=12.1", "-y")
    assert done.returncode == 0, done.stderr
    torch, metapackage = shop.record("pytorch"), shop.record("pytorch-cuda")
    assert torch is not None
    assert metapackage is not None
    assert "cuda11.8" in torch["build"]
    assert metapackage["version"] == "11.8"
    assert "[explicit-variant-replaced]" in done.stderr


def test_a_python_that_the_release_was_not_made_for(shop: Workshop) -> None:
    shop.put_driver("535.104.05", "12.2")
    done = shop.run("cuda-install", "pytorch==1.12.1", "-y")
    assert done.returncode == 3
    assert "[python-not-covered]" in done.stderr
    assert "Python 3.11" in done.stderr


@pytest.mark.parametrize("words", [("--plan",), ("--plan", "--json"), ("-y",), ("-y", "--quiet")])
def test_a_family_file_that_is_left_out_is_told_of_once(
    words: tuple[str, ...], shop: Workshop, tmp_path: Path
) -> None:
    shop.put_driver("535.104.05", "12.2")
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"table": "family",\n "follows": 7}', "utf-8")
    shop.variables["CUDA_GUARD_FAMILIES"] = str(wrong)
    done = shop.run("cuda-install", "pytorch==2.1.1", *words)
    assert done.returncode == 0, done.stderr
    told = f"warning: {wrong} is left out (line 1, schema): it is missing"
    assert done.stderr.count(told) == (0 if "--quiet" in words else 1)
    assert "left out" not in done.stdout
