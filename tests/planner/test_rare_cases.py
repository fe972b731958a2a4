"""What few requests come to: found as lines that no other test of the planner reached."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.model import Gpu, Host, Request, Sources
from conda_cuda_guard.model.addresses import place
from conda_cuda_guard.model.request import Origin
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.compatibility import reaches
from conda_cuda_guard.planner.dependency_constraints import admissible
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.sources.builtin import from_catalogue

from .machines import (
    A100,
    LINUX,
    NEWEST,
    NO_DRIVER,
    OFFICIAL,
    WHEELS,
    codes,
    conda,
    machine,
    pip,
    words,
)

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue, Plan

KNOWN = from_catalogue("pip", LINUX)
FAILING = replace(NO_DRIVER, driver_failure="NVML: error 9")
MAC = machine(platform="macos-arm64")

NVIDIA = "https://pypi.nvidia.com"
PADDLE = "https://www.paddlepaddle.org.cn/packages/stable"
JAX = "https://storage.googleapis.com/jax-releases"
LLAMA = "https://abetlen.github.io/llama-cpp-python/whl"

FILE = f"torch @ {WHEELS}/cu130/torch-2.9.1%2Bcu130-cp311-cp311-linux_x86_64.whl"


def test_what_is_no_version_of_a_driver_reaches_none() -> None:
    assert not reaches("unknown", "525.60.13")


def test_a_spelt_family_stays_beside_a_driver_that_fails() -> None:
    failing = replace(machine(platform=LINUX), driver_failure="NVML: error 9")
    plan = pip("cupy-cuda12x", failing)
    assert (plan.status, codes(plan)) == ("unchanged", {"driver-fails"})


def test_a_spelt_family_without_code_for_the_gpu_is_refused_with_its_name() -> None:
    plan = pip("cupy-cuda13x>=14", machine("580.95.05", None, "3.5"))
    assert plan.status == "refused"
    assert "3.5" in words(plan)


@pytest.mark.parametrize(
    ("host", "told"),
    [
        (machine("470.42.01", None, "8.0"), {"cuda-newer-than-driver"}),
        (machine("580.95.05", None, "6.1"), {"gpu-not-covered"}),
        (machine("470.42.01", None, "6.1"), {"cuda-newer-than-driver", "gpu-not-covered"}),
    ],
)
def test_a_file_that_was_named_stays_and_what_is_wrong_is_said(
    host: object, told: set[str]
) -> None:
    plan = pip(f"{FILE}|numpy", host)  # type: ignore[arg-type]
    assert (plan.status, plan.left) == ("unchanged", "address")
    assert told <= codes(plan)


def test_pins_and_forbidden_channels_are_told_of_where_nothing_is_left() -> None:
    plan = conda(
        "pytorch=2.1",
        machine("340.108"),
        channels=OFFICIAL,
        pins=("pytorch=2.0",),
        forbidden=frozenset({"nvidia"}),
    )
    assert plan.status == "refused"
    assert {"pinned-spec", "channel-forbidden"} <= codes(plan)


def test_a_companion_by_its_address_stays() -> None:
    url = f"torchvision @ {WHEELS}/cu121/torchvision-0.16.2%2Bcu121-cp311-cp311-linux_x86_64.whl"
    plan = pip(f"torch==2.1.2|{url}", A100)
    assert plan.requirements[-1] == url


def known(text: str, host: Host, catalogue: Catalogue, **more: object) -> Plan:
    """Plan a request with a catalogue of its own."""
    request = Request("pip", tuple(text.split("|")), (host,), **more)  # type: ignore[arg-type]
    return make_plan(request, catalogue)


@pytest.mark.parametrize(
    ("text", "requirement", "case"),
    [("torch", None, ""), ("torch==2.1.2+cu121", "torch==2.1.2+cu121", "wish-kept")],
)
def test_a_variant_that_was_typed_is_kept_beside_a_driver_that_fails(
    text: str, requirement: str | None, case: str
) -> None:
    plan = pip(text, FAILING)
    assert plan.requirements == ((requirement,) if requirement else ())
    assert [(one.code, one.case) for one in plan.notes] == [("driver-fails", case)]


def test_what_the_index_in_use_lacks_comes_from_the_next_one() -> None:
    first, second = "https://first.example/whl", "https://second.example/whl"
    builds = [replace(one, base=first) for one in KNOWN.builds if one.variant == "cu132"]
    builds += [replace(one, base=second) for one in KNOWN.builds if one.variant == "cu121"]
    both = replace(KNOWN, builds=tuple(builds))
    plan = known("torch", A100, both)
    assert (plan.requirements, plan.index_urls) == (("torch==2.5.1+cu121",), (f"{second}/cu121",))
    assert codes(plan) == {"index-lacks-variant"}
    assert known("torch", machine("340.108", None, "8.0"), both).status == "refused"


def test_without_a_wheel_index_a_plain_wheel_runs_on_the_cpu() -> None:
    plain = tuple(one for one in KNOWN.builds if one.cuda)
    plan = known("torch", NO_DRIVER, replace(KNOWN, unreachable=WHEELS, builds=plain))
    assert plan.requirements == ("torch==2.15.0+cu132",)
    assert [(one.code, one.case) for one in plan.notes] == [("no-driver", "")]
    # And so it does as a dependency of something else.
    problem = read_problem(Request("pip", ("torch",), (NO_DRIVER,)), KNOWN)
    found = admissible(problem, replace(KNOWN, unreachable=WHEELS, builds=plain))
    assert found.versions["torch"][0] == "2.15.0+cu132"


def test_a_variant_that_an_unreachable_index_has_is_not_said_not_to_exist() -> None:
    plan = known("torch==2.15.0+cu118", NEWEST, replace(KNOWN, unreachable=WHEELS))
    (note,) = [one for one in plan.notes if one.code == "explicit-variant-replaced"]
    assert (note.case, note.facts["index"]) == ("unavailable", WHEELS)


def test_a_gpu_whose_capability_is_not_known_is_named_so() -> None:
    gpus = (Gpu("Old one", "3.7"), Gpu(None, "12.0"), Gpu("Mystery 9000", None))
    plan = pip("torch", Host(LINUX, "3.11", "580.95.05", None, gpus))
    assert plan.status == "refused"
    assert "Mystery 9000 (compute capability unknown)" in words(plan)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("cu128/torch-2.99.1%2Bcu128-cp311-cp311-linux_x86_64.whl", {"driver-minor-compatible"}),
        ("cu132/torch-2.99.1%2Bcu132-cp311-cp311-linux_x86_64.whl", {"cuda-newer-than-driver"}),
        ("cu121/torch-2.99.1%2Bcu121-cp311-cp311-linux_x86_64.whl", set()),
    ],
)
def test_a_file_that_is_not_known_is_judged_by_its_cuda(file: str, told: set[str]) -> None:
    plan = pip(f"torch @ {WHEELS}/{file}|numpy", A100)
    assert (plan.status, codes(plan)) == ("unchanged", told)


@pytest.mark.parametrize(
    ("host", "near"),
    [(NEWEST, "cupy-cuda13x"), (machine("340.108", None, "2.0"), None), (NO_DRIVER, None)],
)
def test_a_misspelt_build_is_told_of_with_the_right_one(host: Host, near: str | None) -> None:
    plan = pip("numpy cupy-cuda14x", host)
    (note,) = [one for one in plan.notes if one.code == "family-unknown"]
    assert (note.facts["asked"], note.facts.get("near")) == ("cupy-cuda14x", near)


def test_another_projects_index_counts_as_foreign_where_the_catalogue_says_so() -> None:
    url = "https://wheels.example/simple/cu118"
    plain = known("torch", NEWEST, KNOWN, sources=Sources(index_urls=(url,)))
    foreign = replace(KNOWN, foreign=frozenset({url}))
    plan = known("torch", NEWEST, foreign, sources=Sources(index_urls=(url,)))
    assert (plain.variant, plan.variant) == ("cu118", "cu132")
    assert plan.foreign == {url}


@pytest.mark.parametrize(
    ("texts", "held"),
    [
        ("torch|torchvision|torch<2.5", ["torch<2.5 (c.txt, line 2)"]),
        ("torch|torchvision|torch<99", []),
        ("numpy|scipy|torch<2.5", []),
        ("torch==2.4.1|torchvision|torch<2.5", []),
    ],
)
def test_a_constraint_that_holds_a_plan_back_is_named(texts: str, held: list[str]) -> None:
    origins = (Origin(), Origin(), Origin("constraint", "c.txt", 2))
    plan = known(texts, NEWEST, KNOWN, origins=origins)
    found = [one for one in plan.notes if one.code == "held-back"]
    assert [str(one.facts["constraint"]) for one in found] == held


@pytest.mark.parametrize(
    ("text", "pair", "torch"),
    [
        ("torch==2.5.1|torchtext", "", "2.3.1"),
        (
            "torch==2.5.1|torchtext|torchvision==0.20.1",
            "torch==2.3.1 torchtext==0.18.0 torchvision==0.18.1",
            None,
        ),
        ("torch==2.5.1|torchvision==0.16.2", "torch==2.5.1 torchvision==0.20.1", "2.1.2"),
    ],
)
def test_companions_that_do_not_belong_are_told_what_does(
    text: str, pair: str, torch: str | None
) -> None:
    (note,) = known(text, NEWEST, KNOWN).notes
    assert note.code == "companion-mismatch"
    assert note.facts["pair"] == pair
    assert note.facts.get("lead_for_companion") == torch


def test_on_macos_a_companion_needs_no_lead_beside_it() -> None:
    plan = pip("torchvision", MAC)
    assert (plan.requirements, plan.packages) == (("torchvision",), {"torchvision": "0.29.2"})


@pytest.mark.parametrize(
    ("marker", "counts"),
    [("python_version<'3.10'", False), ("sys_platform=='linux'", True)],
)
def test_markers_count_where_no_python_is_known(marker: str, *, counts: bool) -> None:
    plan = pip(f"torch==2.1.2; {marker}|numpy", replace(A100, python=None))
    assert ("torch" in plan.packages) is counts


def test_a_mirrors_one_page_is_named_as_it_is() -> None:
    page = "https://mirror.example/torch_stable.html"
    builds = tuple(replace(one, flat=True, base=page) for one in KNOWN.builds)
    plan = known("torch==2.5.1", A100, replace(KNOWN, builds=builds))
    assert (plan.requirements, plan.find_links) == (("torch==2.5.1+cu121",), (page,))


def test_a_project_page_for_the_cpu_is_a_wish() -> None:
    page = "https://data.pyg.org/whl/torch-2.5.0+cpu.html"
    plan = known("torch", NEWEST, KNOWN, sources=Sources(find_links=(page,)))
    assert plan.requirements == ("torch==2.5.0+cpu",)
    assert [(one.code, one.case) for one in plan.notes] == [("cpu-build-chosen", "wished")]


def test_a_spelt_family_that_an_index_serves_stays() -> None:
    plan = known("cupy", NEWEST, replace(KNOWN, served={"cupy": "https://own.example/simple"}))
    assert (plan.requirements, codes(plan)) == (("cupy",), {"user-index-serves-it"})


@pytest.mark.parametrize(
    ("text", "index", "requirements", "said"),
    [
        ("paddlepaddle-gpu", PADDLE, ("paddlepaddle-gpu==2.6.2",), ("warning", "family")),
        ("jax", JAX, ("jax[cuda13]",), ("warning", "family")),
        ("cudf<26.8", NVIDIA, (), ("error", "family-none")),
        ("llama-cpp-python", LLAMA, (), ("error", "family-none")),
        ("cudf", PADDLE, ("cudf-cu13",), None),
    ],
)
def test_an_index_of_a_spelt_family_that_cannot_be_had_is_not_used(
    text: str, index: str, requirements: tuple[str, ...], said: tuple[str, str] | None
) -> None:
    dead = {place(index)[:1]: (index, "HTTP 503")}
    plan = known(text, NEWEST, replace(KNOWN, dead=dead))
    assert (plan.status, plan.requirements) == ("ok" if requirements else "refused", requirements)
    assert [(one.severity, one.case) for one in plan.notes] == ([said] if said else [])
    if said:
        assert {one.facts["index"] for one in plan.notes} == {index}
        assert "HTTP 503" in words(plan)


@pytest.mark.parametrize("text", ["xgboost", "cuda-python"])
def test_on_macos_a_family_without_a_build_for_it_alone_is_left(text: str) -> None:
    assert pip(text, MAC).notes == ()


def test_what_a_constraint_alone_names_is_left_by_as_is() -> None:
    origins = (Origin(), Origin("constraint", "c.txt", 2))
    plan = known("cupy-cuda12x|jax[cuda12]", NEWEST, KNOWN, as_is=True, origins=origins)
    assert (plan.status, codes(plan)) == ("unchanged", set())


def test_what_is_no_requirement_is_left_beside_a_family() -> None:
    plan = pip("faiss-gpu-cu12|./own.whl|this is none", NEWEST)
    assert plan.requirements == ("faiss-gpu-cu12", "./own.whl", "this is none")


def test_versions_that_no_file_carries_out_together_are_told_by_name() -> None:
    plan = pip("torch==2.15.0 bitsandbytes==0.45.0", machine("580.65.06", None, "9.0"))
    assert (plan.status, [(one.code, one.case) for one in plan.notes]) == (
        "refused",
        [("families-disagree", "exact")],
    )
