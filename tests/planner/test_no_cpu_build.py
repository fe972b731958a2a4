"""Whatever the route: a plan for CUDA cannot end in a CPU build."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest
from packaging.requirements import Requirement

from conda_cuda_guard import catalogue

from . import cells
from .machines import A100, GTX_1080, NEWEST, WINDOWS, conda, machine, pip

PINNED = re.compile(r"^pytorch==(?P<version>[\d.]+)\[build=(?P<glob>[^\]]+)\]$")
CPU_BUILDS = [
    "py3.11_cpu_0",
    "py3.7_cpu_1",
    "py38_cpu_0",
    "cpu_mkl_py311_h0_100",
    "cpu_py38h0_0",
    "cpu_generic_py310_h1_0",
    "cpu_openblas_py312h34_3",
    "cpu_mkl_py311hcuda12_100",
    "0",
    "cpu",
]
CUDA_BUILDS = {
    "*cuda12.1*": "py3.11_cuda12.1_cudnn8.9.2_0",
    "*cuda11.8*": "py3.11_cuda11.8_cudnn8.7.0_0",
    "*cuda10.0*": "py3.7_cuda10.0.130_cudnn7.4.1_1",
    "cuda129*": "cuda129_mkl_py311_h0_300",
    "cuda112*": "cuda112py39h3cd7b5f_201",
}


def _glob(requirements: tuple[str, ...]) -> str:
    (found,) = [match for one in requirements if (match := PINNED.match(one))]
    return found["glob"]


@pytest.mark.parametrize(("manager", "source", "platform"), cells.PLACES[3:], ids=cells.IDS[3:])
def test_no_cell_matches_a_cpu_build(manager: str, source: str, platform: str) -> None:
    wrong = []
    for build in cells.cells(manager, source, platform):
        glob = _glob(cells.plan_for(manager, build).requirements)
        wrong += [(glob, one) for one in CPU_BUILDS if fnmatchcase(one, glob)]
    assert wrong == []


@pytest.mark.parametrize(("glob", "name"), CUDA_BUILDS.items())
def test_but_its_own_builds(glob: str, name: str) -> None:
    assert fnmatchcase(name, glob)
    known = {
        build.build_glob
        for source in ("pytorch-channel", "conda-forge")
        for build in catalogue.conda_builds(source, "linux-x86_64")
    }
    assert glob in known


@pytest.mark.parametrize("source", ["pytorch-channel", "conda-forge"])
def test_no_glob_matches_another_variant(source: str) -> None:
    by_glob: dict[str, set[str]] = {}
    for build in catalogue.conda_builds(source, "linux-x86_64"):
        by_glob.setdefault(build.build_glob or "", set()).add(build.variant)
    assert all(len(variants) == 1 for variants in by_glob.values())


OPEN = [
    "pytorch",
    "torch",
    "pytorch=2.1",
    "pytorch torchvision",
    "torchvision",
    "torchaudio",
    "pytorch-gpu",
    "pytorch=*=*cuda*",
    "pytorch pytorch-cuda",
    "pytorch cuda-version=12",
    "pytorch pytorch-cuda=11.8",
    "conda-forge::pytorch",
    "pytorch=2.1 pytorch-cuda=11.3",
]


@pytest.mark.parametrize(
    "channels",
    [(), ("conda-forge",), ("pytorch", "nvidia"), ("conda-forge", "defaults")],
    ids=" ".join,
)
@pytest.mark.parametrize("text", OPEN)
def test_open_requests_on_conda(text: str, channels: tuple[str, ...]) -> None:
    plan = conda(text, A100, channels=channels)
    assert plan.status == "ok"
    glob = _glob(plan.requirements)
    assert not any(fnmatchcase(one, glob) for one in CPU_BUILDS)
    assert "cpuonly" not in plan.requirements


def test_a_constraint_of_one_channel_fits_no_build_of_the_other() -> None:
    """The channel's name is not in the spec; the build glob has to keep them apart."""
    assert not fnmatchcase("cuda121_py311_h0_300", "*cuda12.1*")
    assert not fnmatchcase("py3.11_cuda12.1_cudnn8_0", "cuda121*")


@pytest.mark.parametrize("platform", ["linux-x86_64", WINDOWS])
def test_pip_pins_leave_no_choice(platform: str) -> None:
    for text in ("torch", "torch>=2,<2.2", "torch torchvision torchaudio"):
        for host in (A100, GTX_1080, NEWEST):
            at = machine(
                host.driver,
                host.cuda,
                *(g.compute_capability or "" for g in host.gpus),
                platform=platform,
            )
            plan = pip(text, at)
            assert plan.variant not in (None, "cpu")
            for one in plan.requirements:
                specifier = str(Requirement(one).specifier)
                assert specifier.startswith("==")
                assert specifier.endswith(f"+{plan.variant}")
