"""`conda cuda-install --variant`: the build that is wished."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Workshop

DRIVER = ("550.54.14", "12.4")


@pytest.mark.parametrize(
    ("variant", "build"), [("cu118", "cuda11.8"), ("cu121", "cuda12.1"), ("auto", "cuda12.1")]
)
def test_the_solver_takes_the_build_that_is_wished(
    shop: Workshop, variant: str, build: str
) -> None:
    shop.put_driver(*DRIVER)
    words = ("-c", "pytorch", "-c", "nvidia", "pytorch==2.1.1", "--variant", variant)
    done = shop.run("cuda-install", *words, "--dry-run", "--json")
    links = {link["name"]: link["build_string"] for link in done.json["actions"]["LINK"]}
    assert build in links["pytorch"]


def test_a_selector_that_says_otherwise_is_left_out_and_that_is_said(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    words = ("pytorch==2.1.1", "pytorch-cuda=12.1", "--variant", "cu118")
    found = shop.run("cuda-install", *words, "--plan", "--json").json
    assert found["variant"] == "cu118"
    note = next(one for one in found["notes"] if one["code"] == "explicit-variant-replaced")
    assert "pytorch-cuda=12.1" in note["message"]
    assert "--variant cu118" in note["message"]


def test_the_cpu_build_may_be_wished(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    found = shop.run("cuda-install", "pytorch==2.1.1", "--variant", "cpu", "--plan", "--json").json
    assert (found["status"], found["variant"]) == ("ok", "cpu")
    assert "cpu-build-chosen" in {one["code"] for one in found["notes"]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--variant", "cu999x"], "'cu999x' is not a variant"),
        (["--cuda", "cu118"], "--variant cu118"),
        (["--cuda", "12.99"], "no driver supports CUDA 12.99"),
        (["--driver", "999.1"], "there is no driver 999.1"),
        (["--cuda", "12.4", "--driver", "470.1"], "driver 470.1 does not support CUDA 12.4"),
    ],
)
def test_what_cannot_be_is_unusable(shop: Workshop, words: list[str], said: str) -> None:
    done = shop.run("cuda-install", "pytorch", *words, "-y")
    assert done.returncode == 2
    assert said in done.stderr
    assert shop.record("pytorch") is None
