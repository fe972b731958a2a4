"""Packages that a torch is known not to work with (rule 12), without a pip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conda_cuda_guard.model import Request
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.lead_bounds import (
    about_conflicts,
    bounds_told,
    conflict_bounds,
    conflicts_present,
)
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.sources.builtin import from_catalogue

from .machines import A100, LINUX, words

if TYPE_CHECKING:
    from conda_cuda_guard.planner.problem import Problem

KNOWN = from_catalogue("pip", LINUX)
AT_ADDRESS = "numpy @ https://own.example/numpy-2.1-py3-none-any.whl"


def problem(text: str, manager: str = "pip", **more: Any) -> Problem:
    request = Request(manager, tuple(text.split("|")), (A100,), **more)
    return read_problem(request, from_catalogue(manager, LINUX))


@pytest.mark.parametrize(
    ("text", "present", "told"),
    [
        ("torch==2.1.2|scipy", {"numpy": "2.1.0"}, ["installed"]),
        ("torch==2.1.2|scipy", {"numpy": "1.26.4"}, []),
        ("torch==2.5.1|scipy", {"numpy": "2.1.0"}, []),
        ("torch==2.1.2|numpy>=2", {}, ["asked"]),
        ("torch==2.1.2|numpy>1", {}, []),
        (f"torch==2.1.2|{AT_ADDRESS}", {}, ["asked"]),
        ("torch==2.1.2|numpy>2 or newer", {}, ["asked"]),
        ("torch==2.1.2|numpy>=2; python_version<'3'", {"numpy": "2.1.0"}, ["installed"]),
    ],
)
def test_a_plan_tells_of_a_conflict(text: str, present: dict[str, str], told: list[str]) -> None:
    request = Request("pip", tuple(text.split("|")), (A100,), present=present)
    plan = make_plan(request, KNOWN)
    assert plan.requirements[1] == text.split("|")[1]
    found = [one for one in plan.notes if one.code == "known-conflict"]
    assert [one.case for one in found] == told
    assert not told or "numpy" in words(plan)


@pytest.mark.parametrize(
    ("releases", "asked", "bounds"),
    [
        (("2.1.2",), problem("torch"), ("numpy<2",)),
        (("2.1.2", "2.2.0"), problem("torch"), ("numpy<2",)),
        (("2.1.2", "2.5.1"), problem("torch"), ()),
        ((), problem("torch"), ()),
        (("2.1.2",), problem("torch|numpy>=2"), ()),
        (("2.1.2",), problem("pytorch|numpy=2", "conda"), ()),
        (("2.1.2",), problem("pytorch|conda-forge::numpy", "conda"), ("numpy<2",)),
    ],
)
def test_a_run_is_bounded_by_what_holds_for_every_release(
    releases: tuple[str, ...], asked: Problem, bounds: tuple[str, ...]
) -> None:
    assert conflict_bounds(releases, asked) == bounds


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("torch", 0),
        ("torch|scipy", 1),
        ("torch|numpy>=2", 0),
        ("torch|numpy<2", 0),
        ("torch|numpy", 1),
    ],
)
def test_a_bound_that_nobody_typed_is_told_of(text: str, told: int) -> None:
    assert [one.facts["bound"] for one in bounds_told("2.1.2", problem(text))] == (
        ["numpy<2"] * told
    )


@pytest.mark.parametrize(("version", "told"), [("2.1.0", 1), ("1.26.4", 0)])
def test_what_is_installed_beside_is_told_of(version: str, told: int) -> None:
    found = conflicts_present("2.1.2", {"numpy": version}, KNOWN.family)
    assert [one.facts["present"] for one in found] == [f"numpy {version}"] * told


def test_the_texts_that_are_about_conflicts() -> None:
    assert about_conflicts(("scipy", "NumPy<2", "torch"), KNOWN.family) == ("NumPy<2",)
