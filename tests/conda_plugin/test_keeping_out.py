"""NumPy 2 stays out of an environment with a torch that was made for NumPy 1, and asks for none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Workshop

TOLD = "for this run it is held to numpy<2"


@pytest.fixture
def shop(shop: Workshop) -> Workshop:
    shop.put_driver("520.61.05", "11.8")
    return shop


def version_of(shop: Workshop, name: str) -> str | None:
    record = shop.record(name)
    return None if record is None else str(record["version"])


@pytest.mark.parametrize("how", ["cuda-install", "rewrite"])
def test_what_brings_numpy_brings_an_older_one(shop: Workshop, how: str) -> None:
    command = "install"
    if how == "rewrite":
        shop.settings = {"plugins": {"cuda_guard": "rewrite"}}
    else:
        command = how
    done = shop.run(command, "pytorch==2.1.1", "torchvision", "-y")
    assert done.returncode == 0, done.stderr
    assert version_of(shop, "numpy") == "1.26.4"
    assert done.stderr.count(TOLD) == 1


def test_numpy_is_not_installed_where_nothing_brings_it(shop: Workshop) -> None:
    done = shop.run("cuda-install", "pytorch==2.1.1", "-y")
    assert done.returncode == 0, done.stderr
    assert version_of(shop, "numpy") is None
    assert TOLD not in done.stderr


@pytest.mark.parametrize("spec", ["numpy", "numpy>=1.20"])
def test_numpy_that_was_typed_open_is_an_older_one(shop: Workshop, spec: str) -> None:
    done = shop.run("cuda-install", "pytorch==2.1.1", spec, "-y")
    assert done.returncode == 0, done.stderr
    assert version_of(shop, "numpy") == "1.26.4"


def test_numpy_2_that_was_asked_for_is_taken_and_that_is_said(shop: Workshop) -> None:
    done = shop.run("cuda-install", "pytorch==2.1.1", "numpy=2.2", "-y")
    assert done.returncode == 0, done.stderr
    assert version_of(shop, "numpy") == "2.2.0"
    assert "pytorch 2.1.1 does not work with numpy=2.2: it needs numpy<2" in done.stderr


def test_a_newer_torch_holds_nothing(shop: Workshop) -> None:
    done = shop.run("cuda-install", "pytorch==2.5.1", "torchvision", "-y")
    assert done.returncode == 0, done.stderr
    assert version_of(shop, "numpy") == "2.2.0"
    assert TOLD not in done.stderr


def test_the_users_own_pins_stay_in_force(shop: Workshop) -> None:
    shop.settings = {"pinned_packages": ["torchvision=0.16.1"]}
    done = shop.run("cuda-install", "pytorch==2.1.1", "torchvision", "-y")
    assert done.returncode == 0, done.stderr
    assert version_of(shop, "torchvision") == "0.16.1"
    assert version_of(shop, "numpy") == "1.26.4"
