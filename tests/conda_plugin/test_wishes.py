"""What was typed is taken as meant: CPU builds by name or build, exact Pythons, exported files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.conda_package import CondaPackage

if TYPE_CHECKING:
    from tests.support.tools import Result

    from .conftest import Workshop

DRY = ("--dry-run", "--json")
OFFICIAL = ("-c", "pytorch", "-c", "nvidia")
FLOW = [
    CondaPackage(name, version, build, number, depends=depends)
    for name, version, build, number, depends in [
        ("tensorflow", "2.17", "cuda126py311h1_200", 200, ("__cuda", "tensorflow-base * cuda*")),
        ("tensorflow", "2.17", "cpu_py311h1_0", 0, ("tensorflow-base * cpu*",)),
        ("tensorflow-base", "2.17", "cuda126py311h1_200", 200, ("__cuda",)),
        ("tensorflow-base", "2.17", "cpu_py311h1_0", 0, ()),
        ("tensorflow-cpu", "2.17", "cpu_py311h1_0", 0, ("tensorflow 2.17 cpu*",)),
        ("faiss-cpu", "1.9", "h1_0", 0, ("libfaiss 1.9 cpu*",)),
        ("libfaiss", "1.9", "cpu_h1_0", 0, ()),
        ("libfaiss", "1.9", "cuda126_h1_0", 200, ("__cuda",)),
    ]
]


def builds(done: Result) -> dict[str, str]:
    """Return the builds that were solved."""
    assert done.returncode == 0, done.stdout + done.stderr
    return {one["name"]: one["build_string"] for one in done.json["actions"]["LINK"]}


@pytest.mark.parametrize("solver", ["classic", "enforcing"])
@pytest.mark.parametrize("spec", ["tensorflow-cpu", "tensorflow=*=cpu*", "faiss-cpu"])
def test_a_cpu_build_that_was_asked_for(shop: Workshop, spec: str, solver: str) -> None:
    if solver == "enforcing":
        shop.enforce_constrains()
    shop.configured = [shop.channels.add("flow", FLOW)]
    shop.settings = {"plugins": {"cuda_guard": "enforce"}}
    shop.put_driver("560.35.03", "12.6")
    done = shop.run("install", spec, *DRY)
    assert "cpu" in "".join(builds(done).values())
    assert done.stderr == ""


@pytest.mark.parametrize(
    "python", ["python==3.11.7", "python=3.11.7=h955ad1f_0", "python>=3.11.4,<3.12", "python=3.11"]
)
def test_a_python_to_the_patch_is_covered(shop: Workshop, python: str) -> None:
    shop.put_driver("535.104.05", "12.2")
    done = shop.run("cuda-install", "pytorch==2.1.1", python, *DRY)
    assert "cuda12.1" in builds(done)["pytorch"]


def test_an_exported_environment_is_not_warned_about(shop: Workshop) -> None:
    shop.put_driver("535.104.05", "12.2")
    specs = (
        "python=3.10.13=h955ad1f_0",
        "pytorch=1.13.1=py3.10_cuda11.7_cudnn8.5.0_0",
        "pytorch-cuda=11.7=h778d358_5",
        "pytorch-mutex=1.0=cuda",
        "torchvision=0.14.1=py310_cu117",
    )
    done = shop.run("install", *OFFICIAL, *specs, *DRY)
    assert "cuda11.7" in builds(done)["pytorch"]
    assert done.stderr == ""
    assert shop.run("cuda-install", *specs, "--plan").returncode == 0


@pytest.mark.parametrize("python", ["python=3.11", "python==3.11.7"])
def test_no_verdict_before_the_solve_on_what_it_may_take(shop: Workshop, python: str) -> None:
    shop.configured = ["conda-forge"]
    shop.settings = {"plugins": {"cuda_guard": "enforce"}}
    shop.put_driver("575.51.03", "12.9")
    done = shop.run("install", python, "pytorch-gpu=2.7.1", *DRY)
    assert "cuda129" in builds(done)["pytorch"]
    assert done.stderr == ""
