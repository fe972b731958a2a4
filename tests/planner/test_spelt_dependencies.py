"""What other packages bring in of families that are told apart by their version."""

from __future__ import annotations

import pytest

from conda_cuda_guard.model import Host, Request
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.planner.spelt_dependencies import bounds_on_spelt, came_in
from conda_cuda_guard.sources.builtin import from_catalogue

from .machines import machine

CATALOGUE = from_catalogue("pip", "linux-x86_64")


def bounds(
    host: Host,
    *,
    named: tuple[str, ...] = (),
    present: dict[str, str] | None = None,
    lead: tuple[str, str] | None = None,
) -> list[str]:
    problem = read_problem(Request("pip", ("torch",), (host,)), CATALOGUE)
    found = bounds_on_spelt(problem, CATALOGUE, named=named, present=present or {}, lead=lead)
    return sorted(one.constraint for one in found)


CUDA_12 = ["cuda-bindings<13", "cuda-python<13", "onnxruntime-genai-cuda<0.15.0"]


@pytest.mark.parametrize(
    ("host", "right"),
    [
        (machine("535.104.05"), [*CUDA_12, "onnxruntime-gpu<1.27"]),
        (machine("535.104.05", python="3.12"), [*CUDA_12, "onnxruntime-gpu<1.27", "xgboost<3.4"]),
        (machine("580.95.05", python="3.12"), []),
        (machine(), []),
    ],
)
def test_only_what_would_not_run_is_bounded(host: Host, right: list[str]) -> None:
    assert bounds(host) == right


def test_a_lead_that_stays_bounds_what_does_not_agree_with_it() -> None:
    host = machine("580.95.05")
    assert "bitsandbytes<0.50" in bounds(host, lead=("2.8.0", "12.9"))
    assert "onnxruntime-gpu<1.27" in bounds(host, lead=("2.8.0", "12.9"))
    assert "ctranslate2<4.5" in bounds(host, lead=("2.3.1", "12.1"))
    assert bounds(host, lead=("2.15.0", "13.0")) == []


def test_where_no_build_agrees_the_driver_bounds_still() -> None:
    # With cuDNN 8 and CUDA 12 there are builds in an index of their own alone.
    found = bounds(machine("535.104.05"), lead=("2.3.1", "12.1"))
    assert "onnxruntime-gpu<1.27" in found


def test_what_is_named_or_there_in_spite_of_it_is_left() -> None:
    host = machine("535.104.05")
    assert bounds(host, named=("onnxruntime-gpu",)) == CUDA_12
    assert bounds(host, present={"onnxruntime-gpu": "1.30.0"}) == CUDA_12
    assert bounds(host, present={"onnxruntime-gpu": "1.20.0"})[-1] == "onnxruntime-gpu<1.27"


def test_what_mattered_is_said() -> None:
    problem = read_problem(Request("pip", ("torch",), (machine("535.104.05"),)), CATALOGUE)
    found = bounds_on_spelt(problem, CATALOGUE, named=(), present={})
    assert came_in(found, {}, {}) == ()
    there = {"onnxruntime-gpu": "1.26.0"}
    assert came_in(found, there, there) == ()
    (note,) = came_in(found, {}, there)
    assert (note.code, note.facts["newest"]) == ("held-back", "1.31.1")
