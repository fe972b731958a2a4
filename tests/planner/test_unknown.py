"""A package that is in no family stays as typed, and is said to be unknown, not harmless."""

from __future__ import annotations

import json

import pytest

from conda_cuda_guard.batch import Defaults, answer
from conda_cuda_guard.model import Request
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.planner.unknown import off_conda_asked
from conda_cuda_guard.rendering import plan_text, plan_to_json
from conda_cuda_guard.sources.builtin import from_catalogue

from .machines import A100, LINUX, conda, pip

UNKNOWN = "whether it depends on CUDA is not known"


@pytest.mark.parametrize(
    ("typed", "unknown"),
    [
        ("my-kernels", ["my-kernels"]),
        ("My_Kernels>=2", ["my-kernels"]),
        ("torch my-kernels other[x]", ["my-kernels", "other"]),
        ("cupy my-kernels", ["my-kernels"]),
        ("torch torchvision cupy jax onnxruntime-gpu", []),
        ("./my_kernels-1-py3-none-any.whl", []),
        ("torch ; sys_platform=='win32'| numpy", ["numpy"]),
    ],
)
def test_of_pip(typed: str, unknown: list[str]) -> None:
    plan = pip(typed, A100)
    assert plan_to_json(plan)["unknown"] == unknown
    assert (UNKNOWN in plan_text(plan)) is bool(unknown)
    if unknown:
        assert f"unknown  {', '.join(unknown)}: as typed" in plan_text(plan)


def test_names_that_pip_alone_has_are_found_in_a_conda_request() -> None:
    known = from_catalogue("conda", LINUX)
    request = Request("conda", ("pytorch", "sageattention", "numpy", "my-kernels"), (A100,))
    assert off_conda_asked(read_problem(request, known), known) == ("sageattention",)


def test_a_line_of_unknown_ones_alone_is_left_and_says_why() -> None:
    plan = pip("my-kernels==1.0", A100)
    assert (plan.status, plan.requirements) == ("unchanged", ("my-kernels==1.0",))
    said = plan_text(plan).splitlines()
    assert said[0] == "Unchanged: no package of a known CUDA family is in the request."
    assert UNKNOWN in said[2]


@pytest.mark.parametrize(
    ("typed", "unknown"),
    [
        ("my-kernels", ["my-kernels"]),
        ("conda-forge::my_kernels=1.0", ["my_kernels"]),
        ("pytorch my-kernels", ["my-kernels"]),
        ("pytorch torchvision cuda-version=12.6 python=3.11", []),
        ("cupy", []),
        ("jax tensorflow-gpu rapids my-kernels", ["my-kernels"]),
    ],
)
def test_of_conda(typed: str, unknown: list[str]) -> None:
    plan = conda(typed, A100)
    assert plan_to_json(plan)["unknown"] == unknown
    assert (UNKNOWN in plan_text(plan)) is bool(unknown)


@pytest.mark.parametrize("manager", ["pip", "conda"])
def test_of_a_batch(manager: str) -> None:
    request = {"manager": manager, "requirements": ["my-kernels"]}
    plan, _ = answer(json.dumps(request), 1, Defaults(here=lambda: (A100,)))
    assert plan_to_json(plan)["unknown"] == ["my-kernels"]


@pytest.mark.parametrize(
    ("typed", "becomes", "families"),
    [
        (["cupy-cuda13x"], ["cupy-cuda12x"], ["cupy"]),
        (["jax[cuda13]"], ["jax[cuda12]"], ["jax"]),
        (["onnxruntime-gpu", "torch==2.5.1"], ["onnxruntime-gpu<1.27", "torch==2.5.1+cu121"],
         ["torch", "onnxruntime-gpu"]),
        (["numpy", "cupy", "torch==2.5.1", "jax[cuda]"],
         ["numpy", "cupy-cuda12x", "torch==2.5.1+cu121", "jax[cuda]"], ["torch", "cupy", "jax"]),
    ],
)  # fmt: skip
def test_a_batch_is_answered_for_every_family(
    typed: list[str], becomes: list[str], families: list[str]
) -> None:
    host = {"platform": "linux-x86_64", "python": "3.11", "driver": "535.104.05", "gpus": []}
    request = {"id": 7, "manager": "pip", "requirements": typed, "host": host}
    plan, usable = answer(json.dumps(request), 1, Defaults(here=lambda: ()))
    said = plan_to_json(plan)
    assert usable
    assert said["requirements"] == becomes
    assert [one["family"] for one in said["families"]] == families
    assert said["command"][2 : 2 + len(becomes)] == becomes
