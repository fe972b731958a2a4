"""What a run is bounded to, where other packages ask for the lead or its companions (rule 9)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conda_cuda_guard.model import Answer, Installed, Question, Request, Sources, Wheel
from conda_cuda_guard.model.request import Dependent
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.agreement import cuda_beside
from conda_cuda_guard.planner.dependency_constraints import (
    admissible,
    admissible_around,
    admissible_beside,
    held_back,
    releases_of,
    runs_with,
)
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.rendering.messages import message
from conda_cuda_guard.sources.builtin import from_catalogue

from .machines import A100, LINUX, NO_DRIVER, WHEELS, machine

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host
    from conda_cuda_guard.planner.problem import Problem

KNOWN = from_catalogue("pip", LINUX)
H100 = machine("580.95.05", None, "9.0", python="3.12")
NEWEST_RUNNING = "torch>=1.13.0,<=2.14.1"


def problem(text: str, host: Host = A100, *, indexes: tuple[str, ...] = (), **more: Any) -> Problem:
    sources = Sources(index_urls=indexes)
    request = Request("pip", tuple(text.split()), (host,), sources=sources, **more)
    return read_problem(request, KNOWN)


def wheel(name: str, number: str) -> Wheel:
    return Wheel(name, number, frozenset(), frozenset({LINUX}), f"https://own.example/{name}.whl")


@pytest.mark.parametrize(
    ("text", "host", "newest", "line"),
    [
        ("torch", A100, "2.14.1+cu126", NEWEST_RUNNING),
        ("torch==2.5.1+cu121", A100, "2.5.1+cu121", "torch==2.5.1+cu121"),
        ("torch!=2.5.0", A100, "2.14.1+cu126", None),
        ("torch", NO_DRIVER, "2.15.0+cpu", "torch>=1.13.0,<=2.15.0"),
        ("torch xformers", A100, "2.14.1+cu126", "xformers>=0.0.22,<=0.0.35"),
    ],
)
def test_what_runs_here_is_admitted(text: str, host: Host, newest: str, line: str | None) -> None:
    asked = problem(text, host)
    found = admissible(asked, KNOWN, wish=asked.wish)
    assert found.versions["torch"][0] == newest
    lines = found.lines(asked, KNOWN)
    assert line in lines if line else "!=2.5.0" in lines[0]


def test_the_planned_variant_goes_before_the_others() -> None:
    found = admissible(problem("torch"), KNOWN, variant="cu118").versions["torch"]
    assert [one for one in found if one.startswith("2.5.")] == ["2.5.1+cu118", "2.5.0+cu118"]
    free = admissible(problem("torch"), KNOWN).versions["torch"]
    assert [one for one in free if one.startswith("2.5.")] == ["2.5.1+cu121", "2.5.0+cu121"]


def test_an_indexs_variant_is_admitted_with_older_releases_that_it_lacks() -> None:
    asked = problem("torch", indexes=(f"{WHEELS}/cu124",))
    found = admissible(asked, KNOWN, wish=asked.wish).versions["torch"]
    assert found[0] == "2.6.0+cu124"
    assert found[-1] == "1.13.0+cu117"
    # A label that is typed admits its variant alone.
    typed = problem("torch<2.7 torch==2.5.1+cu124")
    assert admissible(typed, KNOWN, wish=typed.wish).versions["torch"] == ("2.5.1+cu124",)


def test_a_follower_that_nobody_named_is_kept_from_a_file_of_another_cuda() -> None:
    """The one file of vLLM's newest on the default index is for CUDA 13."""
    assert "vllm<=0.19.1" in admissible(problem("torch"), KNOWN).lines(problem("torch"), KNOWN)
    newest = problem("torch", H100)
    assert not [one for one in admissible(newest, KNOWN).at_most if one == "vllm"]
    without = problem("torch", NO_DRIVER)
    assert admissible(without, KNOWN).at_most == {}


def test_what_lies_in_an_index_of_its_own_is_not_bounded_to_that() -> None:
    """Pip finds it there by its version alone, and no other index has it."""
    with_129 = machine("575.51.03", None, "9.0", python="3.12")
    found = admissible(problem("torch vllm>=0.22,<=0.30", with_129), KNOWN).versions
    assert found["torch"][0] == "2.13.0+cu129"
    assert found["vllm"] == ()


OTHER = "https://own.example/simple/"


@pytest.mark.parametrize(
    ("asked", "heard", "files", "excluded"),
    [
        (problem("torch==2.5.1"), ("2.5.1+cu124.own",), (), "!=2.5.1+cu124.own"),
        (problem("torch==2.5.1", indexes=(WHEELS,)), (), ("2.5.1+cu118",), "!=2.5.1+cu118"),
        (problem("torch==2.5.1"), ("2.5.1",), ("2.5.1+cu118",), ""),
        (
            problem("torch==2.5.1", installed=Installed("2.5.1+cu118", "11.8")),
            (),
            (),
            "!=2.5.1+cu118",
        ),
        (problem("torch==2.5.1", indexes=(f"{WHEELS}/cu118",)), (), (), "!=2.5.1+cu118"),
    ],
)
def test_labels_that_sort_higher_are_excluded_by_name(
    asked: Problem, heard: tuple[str, ...], files: tuple[str, ...], excluded: str
) -> None:
    question = Question(OTHER, f"{OTHER}torch/", "torch")
    known = replace(
        KNOWN,
        heard=(Answer(question, tuple(wheel("torch", one) for one in heard)),),
        files=tuple(wheel("torch", one) for one in files),
    )
    plain = admissible(asked, KNOWN)
    only = replace(plain, versions={"torch": ("2.5.1",)}, at_most={})
    assert only.lines(asked, known) == [f"torch==2.5.1{',' if excluded else ''}{excluded}"]


def test_what_is_installed_beside_and_goes_is_excluded() -> None:
    beside = (Dependent("torchvision", "0.20.1+cu118"), Dependent("torchaudio", "2.5.1"))
    there = Installed("2.5.0+cu118", "11.8", beside=beside)
    asked = problem("torch==2.5.1", installed=there)
    only = replace(
        admissible(asked, KNOWN),
        versions={"torchvision": ("0.20.0", "0.20.1"), "torchaudio": ("2.5.1",)},
        at_most={},
    )
    assert only.lines(asked, KNOWN) == [
        "torchvision>=0.20.0,<=0.20.1,!=0.20.1+cu118",
        "torchaudio==2.5.1",
    ]


@pytest.mark.parametrize(
    ("there", "torch", "vision"),
    [
        (Installed("2.1.2+cu121", "12.1"), "2.1.2+cu121", ("0.16.2+cu121",)),
        (
            Installed("2.5.1+rocm6.2", is_other=True),
            "2.5.1+rocm6.2",
            ("0.20.1+rocm6.2",),
        ),
        (Installed("9.9.9"), "9.9.9", ()),
        (Installed("2.15.0+cpu"), "2.15.0+cpu", ("0.30.0+cpu",)),
    ],
)
def test_around_what_is_installed(there: Installed, torch: str, vision: tuple[str, ...]) -> None:
    found = admissible_around(there, problem("torch", installed=there), KNOWN).versions
    assert found["torch"] == (torch,)
    if there.release != "2.15.0":
        assert found.get("torchvision", ()) == vision
    # A release that nothing of a companion belongs to has no bound on it.
    assert there.release != "2.15.0" or "torchtext" not in found


@pytest.mark.parametrize(
    ("planned", "named", "followers", "bounds"),
    [
        ("2.5.1+cu121", (), (), ["torchvision==0.20.1+cu121", "torchaudio==2.5.1+cu121"]),
        (
            "2.5.1+cu121",
            ("torchvision", "torchrec"),
            (),
            ["torchaudio==2.5.1+cu121", "fbgemm-gpu==1.0.0+cu121"],
        ),
        ("2.5.1+cu121", ("torchvision", "torchaudio"), ("xformers",), None),
        ("9.9.9", (), (), []),
    ],
)
def test_beside_what_is_planned(
    planned: str, named: tuple[str, ...], followers: tuple[str, ...], bounds: list[str] | None
) -> None:
    found = replace(admissible_beside(planned, named, KNOWN, followers), at_most={})
    lines = found.lines(problem("torch"), KNOWN)
    assert lines == (["xformers>=0.0.28.post3,<=0.0.29.post1"] if bounds is None else bounds)


@pytest.mark.parametrize(
    ("release", "newest"),
    [
        ("2.10.0", {"torchcodec": "0.10.0", "torchao": "0.16.0"}),
        ("2.6.0", {"torchcodec": "0.2.1"}),
        ("2.14.1", {"torchcodec": None, "torchao": None, "triton": None}),
        # Nothing of it belongs to this one, so any is as good.
        ("2.3.1", {"torchcodec": None}),
        ("9.9.9", {"torchcodec": None, "torchao": None, "triton": None}),
    ],
)
def test_a_follower_that_says_nothing_of_its_torch_is_held_to_it(
    release: str, newest: dict[str, str | None]
) -> None:
    """The newest torchcodec would come beside any torch: its metadata ask for none."""
    planned = admissible_beside(f"{release}+cu126", (), KNOWN)
    there = Installed(f"{release}+cu126", "12.6")
    kept = admissible_around(there, problem("torch", installed=there), KNOWN)
    for name, number in newest.items():
        assert planned.at_most.get(name) == kept.at_most.get(name) == number
        assert (f"{name}<={number}" in planned.lines(problem("torch"), KNOWN)) == bool(number)
    assert "torchcodec" not in admissible_beside(f"{release}+cu126", ["torchcodec"], KNOWN).at_most


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        ("torch cupy", "12.0"),
        ("torch tensorflow cupy", "12.5"),
        ("torch==1.13.1 cupy", "11.2"),
        ("torch", None),
        ("torch bitsandbytes", None),
    ],
)
def test_what_shares_its_cuda_with_the_lead_bounds_it(text: str, beside: str | None) -> None:
    plan = make_plan(problem(text).request, KNOWN)
    assert cuda_beside(plan, KNOWN) == beside
    # A plan that warns that they have it not in common.
    assert cuda_beside(replace(plan, cuda="10.2"), KNOWN) is None
    found = admissible(problem("torch"), KNOWN, beside=beside).versions["torch"]
    majors = {one.partition("+cu")[2][:2] for one in found}
    assert majors == ({"11", "12"} if beside is None else {beside[:2]})


@pytest.mark.parametrize(
    ("release", "slow", "unreachable", "cases"),
    [
        ("2.15.0+cpu", False, "", []),
        ("2.5.1+cu121", False, "", [""]),
        ("2.5.1+cu121", True, "", ["slow"]),
        ("2.5.1+cu121", False, WHEELS, ["unreachable"]),
    ],
)
def test_an_older_release_than_asked_for_is_told_of(
    release: str, unreachable: str, cases: list[str], *, slow: bool
) -> None:
    known = replace(KNOWN, unreachable=unreachable)
    told = held_back(release, problem("torch", NO_DRIVER), known, slow=slow)
    assert [one.case for one in told] == cases
    assert all(one.facts["newest"] == "2.15.0" and "2.5.1" in message(one) for one in told)


@pytest.mark.parametrize(
    ("packages", "releases"),
    [
        ({"torch": "2.5.1+cu121"}, ("2.5.1",)),
        ({"torchvision": "0.20.1+cu121"}, ("2.5.1",)),
        ({"vllm": "0.6.5"}, ("2.5.1",)),
        ({"torchvision": "0.20.1", "torchaudio": "2.4.1"}, ()),
        ({}, ()),
    ],
)
def test_the_releases_that_planned_packages_are_of(
    packages: dict[str, str], releases: tuple[str, ...]
) -> None:
    assert releases_of(packages, KNOWN) == releases


@pytest.mark.parametrize(("label", "right"), [("cu121", True), ("cu132", False)])
def test_whether_a_wish_runs_here(label: str, *, right: bool) -> None:
    asked = problem("torch", variant=label)
    assert asked.wish is not None
    assert runs_with(asked.wish, asked, KNOWN) is right
