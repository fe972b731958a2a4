"""Solvers that enforce `constrains: __cuda`, as libmamba and rattler do and classic does not."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from tests.support.conda_package import CondaPackage

if TYPE_CHECKING:
    from tests.support.tools import Result

    from .conftest import Workshop

DRY = ("--dry-run", "--json")


@pytest.fixture
def shop(shop: Workshop) -> Workshop:
    shop.enforce_constrains()
    return shop


def builds(done: Result) -> dict[str, str]:
    """Return the builds that were solved."""
    assert done.returncode == 0, done.stdout + done.stderr
    return {one["name"]: one["build_string"] for one in done.json["actions"]["LINK"]}


def test_it_enforces(shop: Workshop) -> None:
    shop.configured = ["conda-forge"]
    shop.put_driver("535.104.05", "12.2")
    done = shop.run("install", "pytorch=2.10", *DRY)
    assert builds(done)["pytorch"].startswith("cuda129")
    assert done.stderr == ""
    shop.put_driver("520.61.05", "11.8")
    assert builds(shop.run("install", "pytorch=2.10", *DRY))["pytorch"].startswith("cpu")


def command(stderr: str) -> list[str]:
    """Return the words of the one command that was printed, without `conda`."""
    found = {
        line.partition(mark)[2]
        for line in stderr.splitlines()
        for mark in ("Type instead: ", "this machine: ")
        if mark in line
    }
    assert len(found) == 1, stderr
    program, *words = shlex.split(found.pop())
    assert program == "conda"
    return words


def test_a_solution_that_heeds_the_driver_is_not_warned_about(shop: Workshop) -> None:
    shop.configured = ["conda-forge"]
    shop.settings = {"plugins": {"cuda_guard": "enforce"}}
    shop.put_driver("535.104.05", "12.2")
    for words in (("pytorch",), ("python=3.11", "pytorch-gpu"), ("pytorch=2.10=*cuda*",)):
        done = shop.run("install", *words, *DRY)
        assert "cuda129" in builds(done)["pytorch"]
        assert done.stderr == ""


def test_a_plan_by_minor_version_compatibility_is_let_through(shop: Workshop) -> None:
    # conda-forge's cudatoolkit wants a driver for its own CUDA.
    toolkit = CondaPackage("cudatoolkit", "11.6.2", "h1_0", constrains=("__cuda >=11.6",))
    nvidia = shop.channels.add("strict/nvidia", [toolkit])
    shop.put_driver("460.32.03", "11.2")
    words = ("pytorch==1.12.1", "python=3.10", "-c", "pytorch", "-c", nvidia)
    done = shop.run("cuda-install", *words, "--override-channels", "-c", "defaults", *DRY)
    assert "cuda11.6" in builds(done)["pytorch"]
    assert "[driver-minor-compatible]" in done.stderr


GPULIB = [
    CondaPackage("gpulib", number, f"{flavour}_h1_{offset}", offset, depends=depends)
    for number, flavour, offset, depends in [
        ("2.0", "cuda126", 200, ("__cuda", "cuda-version >=12.6,<13")),
        ("2.0", "cpu", 0, ()),
        ("1.0", "cuda118", 200, ("__cuda", "cuda-version >=11.8,<12")),
        ("1.0", "cpu", 0, ()),
    ]
]
GPU_ONLY = CondaPackage("lib-gpu", "2.0", "0", depends=("gpulib 2.0 cuda*",), subdir="noarch")


def test_a_cpu_build_taken_for_the_driver_is_told(shop: Workshop) -> None:
    shop.configured = [shop.channels.add("gpulib", GPULIB), "conda-forge"]
    shop.put_driver("520.61.05", "11.8")
    done = shop.run("install", "gpulib", *DRY)
    assert builds(done)["gpulib"].startswith("cpu")
    assert "need CUDA 12.6 or newer" in done.stderr
    assert "cuda118" in builds(shop.run(*command(done.stderr), *DRY))["gpulib"]


def test_a_cpu_build_where_no_cuda_build_runs_has_no_command(shop: Workshop) -> None:
    shop.configured = [shop.channels.add("gpulib-new", GPULIB[:2]), "conda-forge"]
    shop.put_driver("520.61.05", "11.8")
    done = shop.run("install", "gpulib", *DRY)
    assert "gpulib: no build that runs here was found in the channels" in done.stderr
    assert "Type instead" not in done.stderr


def test_a_failure_for_the_driver_is_explained(shop: Workshop) -> None:
    shop.configured = [shop.channels.add("gpulib-only", [*GPULIB, GPU_ONLY]), "conda-forge"]
    shop.put_driver("520.61.05", "11.8")
    done = shop.run("install", "lib-gpu", "--dry-run")
    assert done.returncode == 1
    assert "needs CUDA 12.6; driver 520.61.05 runs CUDA 11.8 at most" in done.stderr
    assert "Type instead" not in done.stderr


def test_torch_as_a_dependency_gets_a_way_out(shop: Workshop) -> None:
    needs = ("python >=3.10", "pytorch >=2.1")
    lightning = CondaPackage("pytorch-lightning", "2.5", "0", depends=needs, subdir="noarch")
    shop.configured = [shop.channels.add("lightning", [lightning]), "conda-forge"]
    shop.put_driver("520.61.05", "11.8")
    done = shop.run("cuda-install", "pytorch-lightning", "-y")
    assert done.returncode == 3
    assert "cuda118" in builds(shop.run(*command(done.stderr), *DRY))["pytorch"]
