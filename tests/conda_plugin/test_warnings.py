"""Warnings during conda's own commands: before the solve, and of what the solver chose."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.real_conda import SOLVER

from .conftest import RTX_5090, Workshop

if TYPE_CHECKING:
    from tests.support.tools import Result

DRIVER = ("535.104.05", "12.2")
OFFICIAL = ("-c", "pytorch", "-c", "nvidia")


def solve(shop: Workshop, *words: str, **options: Any) -> Result:
    """Run a dry solve in JSON."""
    return shop.run("install", *words, "--dry-run", "--json", **options)


def follow(shop: Workshop, stderr: str) -> str:
    """Type the command that a warning gives, and return the build of pytorch that it solves to."""
    (line,) = {one for one in stderr.splitlines() if "Type instead: " in one}
    program, command, *words = shlex.split(line.partition("Type instead: ")[2])
    assert program == "conda"
    done = shop.run(command, *words, "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    builds = {link["name"]: link["build_string"] for link in done.json["actions"]["LINK"]}
    return str(builds["pytorch"])


def test_cuda_newer_than_the_driver_is_told_before_the_solve(shop: Workshop) -> None:
    shop.put_driver("520.61.05", "11.8")
    done = solve(shop, *OFFICIAL, "pytorch==2.1.1", "pytorch-cuda=12.1")
    assert done.returncode == 0
    assert "needs CUDA 12.1; driver 520.61.05 runs CUDA 11.8 at most" in done.stderr
    assert "cuda11.8" in follow(shop, done.stderr)


@pytest.mark.parametrize("spec", ["cudatoolkit=11.8", "cuda-version=12.9"])
def test_so_are_selectors_without_torch(shop: Workshop, spec: str) -> None:
    shop.configured = ["conda-forge"]
    shop.put_driver("440.33", "10.2")
    assert "[cuda-newer-than-driver]" in solve(shop, spec, "numpy").stderr


def test_cpuonly_on_a_gpu_machine_is_told(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    done = solve(shop, *OFFICIAL, "pytorch==2.1.1", "cpuonly")
    assert done.returncode == 0
    assert done.stderr.count("[cpu-build-chosen]") == 1


def test_torch_is_not_condas_name(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    done = solve(shop, *OFFICIAL, "torch=2.1.1")
    assert done.returncode == 1
    assert "[name-is-pytorch-on-conda]" in done.stderr
    assert "cuda12.1" in follow(shop, done.stderr)


def test_a_label_is_pips_way(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    done = solve(shop, *OFFICIAL, "pytorch==2.1.1+cu121")
    assert done.returncode == 1
    assert "+cu121 is pip's way" in done.stderr
    assert "cuda12.1" in follow(shop, done.stderr)


def test_a_release_that_the_channel_cannot_have(shop: Workshop) -> None:
    shop.configured = ["pytorch", "nvidia"]
    shop.put_driver("575.51.03", "12.9")
    done = solve(shop, "pytorch=2.10", "python=3.11")
    assert "Channel pytorch ended at 2.5.1" in done.stderr
    assert follow(shop, done.stderr).startswith("cuda129")


def test_companions_that_do_not_belong(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    done = solve(shop, *OFFICIAL, "pytorch=2.1.1", "torchvision=0.20")
    assert "[companion-mismatch]" in done.stderr
    assert "torchvision==0.16.1" in done.stderr


def test_a_cpu_build_that_the_solver_chose(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    done = solve(shop, "pytorch=2.1.2")
    assert done.returncode == 0
    assert "is a CPU build" in done.stderr
    assert "cuda12.1" in follow(shop, done.stderr)


def test_a_cpu_build_that_came_as_a_dependency(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    done = solve(shop, "torchvision=0.16.1", "-c", "pytorch")
    assert "[cpu-build-chosen]" in done.stderr


def test_a_build_without_code_for_the_card(shop: Workshop) -> None:
    shop.put_driver("575.51.03", "12.9", RTX_5090)
    done = solve(shop, *OFFICIAL, "pytorch=2.1.1", "pytorch-cuda=12.1")
    assert "has no code for NVIDIA GeForce RTX 5090 (compute capability 12.0)" in done.stderr


def test_a_build_newer_than_the_driver_that_the_solver_chose(shop: Workshop) -> None:
    shop.configured = ["conda-forge"]
    shop.put_driver("520.61.05", "11.8")
    done = solve(shop, "pytorch=2.10")
    assert done.returncode == 0
    # The classic solver does not heed what cuda-version constrains; another one falls back on CPU.
    classic = SOLVER == "classic"
    assert f"[{'cuda-newer-than-driver' if classic else 'cpu-build-chosen'}]" in done.stderr


def test_an_update_that_swaps_the_cuda_build_for_a_cpu_one(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    made = shop.run("install", *OFFICIAL, "pytorch=2.1.1", "pytorch-cuda=12.1", "-y")
    assert made.returncode == 0, made.stderr
    assert made.stderr.strip() == ""
    done = solve(shop, "--override-channels", "-c", "pytorch", "pytorch=2.1.2=py3.11_cpu_0")
    assert "[cpu-build-chosen]" in done.stderr


def test_a_torch_that_pip_installed(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    info = shop.prefix / "lib/python3.11/site-packages/torch-2.1.1.dist-info"
    info.mkdir(parents=True)
    (info / "INSTALLER").write_text("pip\n")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 2.1.1\n")
    (info / "RECORD").write_text("")
    done = solve(shop, *OFFICIAL, "pytorch=2.1.1", "pytorch-cuda=12.1")
    assert "[pip-conda-mix]" in done.stderr
    assert "pip uninstall torch" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("pytorch=2.1.2",),
        (*OFFICIAL, "pytorch==2.1.1", "pytorch-cuda=12.1"),
        (*OFFICIAL, "pytorch==2.1.1", "cpuonly"),
    ],
)
def test_without_a_driver_nothing_is_said(shop: Workshop, words: tuple[str, ...]) -> None:
    assert solve(shop, *words).stderr == ""


def test_what_runs_here_is_not_warned_about(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    assert solve(shop, *OFFICIAL, "pytorch==2.1.1", "pytorch-cuda=12.1").stderr == ""


def test_each_note_is_told_once_although_the_hooks_fire_again(shop: Workshop) -> None:
    shop.put_driver("520.61.05", "11.8")
    # Unsatisfiable: the hook fires on every retry.
    done = solve(shop, *OFFICIAL, "pytorch==2.1.1", "pytorch-cuda=12.1", "torchvision==0.16.2")
    assert done.returncode == 1
    assert done.stderr.count("[companion-mismatch]") == 1


def test_cuda_install_does_not_warn_of_its_own_specs(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    done = shop.run("cuda-install", "pytorch==2.1.1", "--dry-run", "--json")
    assert "cuda-guard:" not in done.stderr
