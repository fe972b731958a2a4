"""Families beside torch's on conda, by the catalogue alone: what a request becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.catalogue import families_on_conda

from .machines import A100, ask, codes, machine, words

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host

OLD = machine("470.82.01", None, "8.0")
NEW = machine("580.65.06", None, "8.0")
V100 = machine("580.65.06", None, "7.0")
FORGE = ("conda-forge",)


@pytest.mark.parametrize(
    ("specs", "host", "right"),
    [
        (("cupy",), A100, ("cupy", "cuda-version<=12.2")),
        (("cupy",), V100, ("cupy", "cuda-version<13")),
        (("cupy<13",), A100, ("cupy<13", "cuda-version<=12.2")),
        (("jaxlib",), A100, ("jaxlib[build=*cuda*]", "cuda-version<13")),
        (("jax",), NEW, ("jax", "jaxlib[build=*cuda*]", "cuda-version<13")),
        (("jaxlib 0.4.26",), A100, ("jaxlib[version='0.4.26',build=*cuda*]", "cuda-version<=12.2")),
        (("faiss-gpu=1.9",), OLD, ("faiss=1.9[build=*cuda*]", "cuda-version<12")),
        (("jaxlib=*=*cuda*",), NEW, ("jaxlib=*=*cuda*", "cuda-version<13")),
        (("cupy", "cuda-version>=12"), A100, ("cupy", "cuda-version>=12,<=12.2")),
        (("cupy", "cuda-version=11.8"), A100, ("cupy", "cuda-version=11.8")),
        (("cupy", "a", "jaxlib"), NEW, ("cupy", "a", "jaxlib[build=*cuda*]", "cuda-version<13")),
        (("paddlepaddle-gpu",), A100, ("paddlepaddle-gpu", "paddlepaddle-cuda=11.8")),
        (("paddlepaddle-gpu=2.6.1",), A100, ("paddlepaddle-gpu=2.6.1", "cudatoolkit=11.7")),
    ],
)  # fmt: skip
def test_what_a_request_becomes(specs: tuple[str, ...], host: Host, right: tuple[str, ...]) -> None:
    assert ask("conda", specs, host, channels=FORGE).requirements == right


def test_the_lead_decides_the_cuda_version_of_the_environment() -> None:
    plan = ask("conda", ("jaxlib", "pytorch==2.1.1"), A100, channels=("pytorch", "nvidia"))
    assert plan.channels == ("pytorch", "nvidia", "conda-forge")
    assert plan.requirements == (
        "jaxlib[build=*cuda*]",
        "pytorch==2.1.1[build=*cuda12.1*]",
        "pytorch-cuda=12.1",
        "cuda-version=12.1",
    )
    assert [one.family for one in plan.families] == ["torch", "jax"]


def test_the_lead_is_held_to_a_cuda_version_that_all_have() -> None:
    plan = ask("conda", ("pytorch", "tensorflow"), NEW, channels=FORGE)
    assert plan.requirements[0].startswith("pytorch==2.13.0[build=cuda129")
    assert "families-agree" in codes(plan)


def test_what_cannot_share_an_environment_is_refused_by_name() -> None:
    plan = ask("conda", ("pytorch==2.1.1", "tensorflow==2.19.1"), A100, channels=FORGE)
    assert (plan.status, codes(plan)) == ("refused", {"families-disagree"})
    assert "pytorch needs CUDA 12.1 here and tensorflow CUDA 12.9" in words(plan)


@pytest.mark.parametrize("spec", ["tensorflow-cpu", "jaxlib=*=cpu*", "faiss-cpu", "py-xgboost-cpu"])
def test_a_wish_for_the_cpu_is_left_as_it_is(spec: str) -> None:
    plan = ask("conda", (spec,), A100, channels=FORGE)
    assert (plan.status, plan.variant, plan.notes) == ("unchanged", "cpu", ())


def test_without_a_driver_it_is_refused_and_cpu_is_the_way() -> None:
    nothing = machine()
    assert codes(ask("conda", ("jaxlib",), nothing, channels=FORGE)) == {"no-driver"}
    plan = ask("conda", ("jaxlib",), nothing, channels=FORGE, cpu=True)
    assert plan.requirements == ("jaxlib[build=cpu_*]",)
    assert codes(ask("conda", ("cupy",), nothing, channels=FORGE, cpu=True)) == {"no-variant-fits"}


def test_a_driver_that_is_too_old_is_named_with_the_release_that_would_do() -> None:
    plan = ask("conda", ("jaxlib=0.9.2",), OLD, channels=FORGE)
    assert plan.status == "refused"
    assert "Driver 525.60.13 or newer runs it" in words(plan)
    assert "ask for jaxlib=0.4.26, which runs here" in words(plan)


def test_strict_takes_the_newest_release_that_runs_directly() -> None:
    plan = ask("conda", ("jaxlib",), A100, channels=FORGE, policy="strict")
    assert plan.packages == {"jaxlib": "0.4.34"}
    assert plan.requirements == ("jaxlib[build=*cuda*]", "cuda-version<=12.2")


def test_channels_are_added_where_none_in_force_has_the_family() -> None:
    assert ask("conda", ("rapids",), A100, channels=("defaults",)).channels == (
        "rapidsai", "conda-forge",
    )  # fmt: skip
    assert ask("conda", ("rapids",), A100, channels=("rapidsai", "conda-forge")).channels == ()
    assert ask("conda", ("cupy",), A100, channels=("defaults",)).channels == ("conda-forge",)


def test_every_row_has_what_the_planner_needs() -> None:
    for family in families_on_conda():
        assert set(family.needs.values()) <= set(family.packages), family.name
        assert set(family.cuda_names.values()) <= set(family.packages), family.name
        assert family.known, family.name
        assert family.channels, family.name
        assert not (family.build and not family.cpu_builds), family.name
        for release, _ in family.known:
            assert family.selector(release), family.name
        for one in family.cpu_builds:
            assert family.is_cpu_build(one.replace("*", "x")), family.name
            assert not family.is_cuda_build(one.replace("*", "x")), family.name
