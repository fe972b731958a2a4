"""Families beside torch's on conda, by the catalogue alone: what a request becomes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.catalogue import families_on_conda
from conda_cuda_guard.model import Request, Sources
from conda_cuda_guard.model.conda import ChannelAnswer
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.conda_asks import channels_to_ask
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.sources.builtin import from_catalogue

from .machines import A100, LINUX, WINDOWS, ask, codes, conda, machine, words

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host, Plan

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
        (("cupy", "cuda-version"), A100, ("cupy", "cuda-version<=12.2")),
        (("cupy", "cuda-version=11.8|12.0"), A100, ("cupy", "cuda-version=11.8|12.0")),
        (
            ("cupy", "cuda-version=11.8|13.0"),
            A100,
            ("cupy", "cuda-version[version='=11.8,<12|13.0,<12']"),
        ),
        (
            ("cupy", "cuda-version>=12", "cuda-version<12.5"),
            A100,
            ("cupy", "cuda-version>=12,<=12.2", "cuda-version<12.5"),
        ),
        (("cupy", "cuda-version 12.*"), A100, ("cupy", "cuda-version 12.*")),
        (("faiss=1.9.0=cuda118*",), A100, ("faiss=1.9.0=cuda118*", "cuda-version<12")),
        (("jaxlib=0.4.31=cuda126*",), A100, ("jaxlib==0.4.31[build=*cuda*]", "cuda-version<=12.2")),
        (("jaxlib", "cuda-version=12.9"), OLD, ("jaxlib[build=*cuda*]", "cuda-version<12")),
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
    plan = conda("cupy|cuda-version 12.*", A100, policy="strict")
    assert plan.requirements == ("cupy", "cuda-version[version='12.*,<=12.2']")


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


@pytest.mark.parametrize(
    ("specs", "host", "case", "said"),
    [
        ("jaxlib=0.4.31=cuda126*", A100, "absent", "no such build exists"),
        ("cupy|cuda-version=13.7", A100, "absent", "no such build exists"),
        ("cupy|cuda-version=12.9", OLD, "driver", "needs CUDA 12.9, and driver 470.82.01"),
        ("faiss=1.9.0=cuda126*|numpy", OLD, "driver", "needs CUDA 12.6, and driver 470.82.01"),
        ("jaxlib=0.9.2=cuda129*|jaxlib", OLD, "", ""),
    ],
)
def test_a_cuda_version_that_is_not_kept_is_told_of(
    specs: str, host: Host, case: str, said: str
) -> None:
    plan = conda(specs, host)
    found = [one for one in plan.notes if one.code == "explicit-variant-replaced"]
    assert [one.case for one in found] == ([case] if case else [])
    assert said in words(plan)


def test_the_package_that_chooses_the_cuda_version_is_held_to_the_leads() -> None:
    plan = conda(
        "pytorch=1.13.1|paddlepaddle-gpu=2.6.1", machine(python="3.9", driver="535.104.05")
    )
    assert plan.requirements[-2:] == ("pytorch-cuda=11.7", "cudatoolkit=11.7")


def test_a_gpu_without_code_is_named() -> None:
    plan = conda("rapids=26.10|numpy", machine("580.65.06", None, "6.1"))
    assert (plan.status, [one.case for one in plan.notes]) == ("refused", ["family-gpu"])
    assert "6.1" in words(plan)


def test_a_driver_that_fails_is_no_missing_driver() -> None:
    plan = conda("jaxlib|numpy", replace(machine(), driver_failure="NVML: error 9"))
    assert (plan.status, codes(plan)) == ("refused", {"driver-fails"})
    assert "NVML: error 9" in words(plan)


def test_on_macos_there_is_one_build() -> None:
    plan = conda("jaxlib|numpy", machine(platform="macos-arm64"))
    assert (plan.status, plan.requirements) == ("unchanged", ("jaxlib", "numpy"))
    assert [one.variant for one in plan.families] == ["cpu"]


def test_on_macos_a_cuda_build_becomes_the_one_there_is() -> None:
    mac = machine(platform="macos-arm64")
    plan = conda("tensorflow=*=*cuda*", mac)
    assert (plan.status, plan.requirements) == ("ok", ("tensorflow[build=cpu_*]",))
    assert [(one.code, one.case) for one in plan.notes] == [("cpu-build-chosen", "macos")]
    again = conda("|".join(plan.requirements), mac)
    assert (again.status, again.requirements) == ("unchanged", plan.requirements)
    refused = conda("rapids=*=*cuda11.8*|pytorch", mac)
    assert [one.case for one in refused.notes] == ["no-cpu"]


def test_on_macos_what_torch_is_planned_as_is_no_wish_for_others() -> None:
    mac = machine(platform="macos-arm64")
    first = conda("rapids|pytorch", mac)
    again = conda("|".join(first.requirements), mac)
    assert first.requirements[0] == "rapids"
    assert again.requirements == first.requirements


def test_where_there_are_no_cuda_builds_it_is_refused() -> None:
    plan = conda("jaxlib|numpy", machine("537.13", None, "8.0", platform=WINDOWS))
    assert (plan.status, [one.case for one in plan.notes]) == ("refused", ["conda-none"])


def test_a_machine_whose_gpus_are_not_known_is_told_of() -> None:
    assert "no-gpu-known" in codes(conda("cupy|numpy", machine("535.104.05")))


def test_a_channel_that_is_forbidden_is_not_added() -> None:
    plan = conda("rapids|numpy", A100, forbidden=frozenset({"rapidsai"}))
    assert (plan.status, codes(plan)) == ("refused", {"channel-forbidden"})


def test_packages_that_need_two_major_versions_are_refused_without_a_lead() -> None:
    plan = conda("faiss-gpu=1.7.4|tensorflow=2.19.1", A100)
    assert (plan.status, codes(plan)) == ("refused", {"families-disagree"})


# --- what channels list ---------------------------------------------------------------------------

MAIN, OTHER = "https://own.example/main", "https://own.example/conda-forge"
GPU_BUILD = ("jaxlib", "0.4.31", "cuda126py311h1_200")
CPU_BUILD = ("jaxlib", "0.4.31", "cpu_py311h1_0")
NO_VERSION = ("jaxlib", "not a version", "cuda126py311h1_200")
WITH_126 = machine("560.35.03", None, "8.0")


def heard(*answers: ChannelAnswer, priority: str = "strict", host: Host = WITH_126) -> Plan:
    channels = tuple(one.channel for one in answers)
    sources = Sources(channels=channels, addresses=channels, priority=priority)
    known = replace(from_catalogue("conda", LINUX), listed=answers)
    return make_plan(Request("conda", ("jaxlib",), (host,), sources=sources), known)


@pytest.mark.parametrize(
    ("first", "second", "priority", "added"),
    [
        (MAIN, OTHER, "strict", (OTHER,)),
        (MAIN, OTHER, "flexible", ()),
        (OTHER, MAIN, "strict", ()),
    ],
)
def test_a_channel_that_is_hidden_by_another_goes_first(
    first: str, second: str, priority: str, added: tuple[str, ...]
) -> None:
    builds = {MAIN: CPU_BUILD, OTHER: GPU_BUILD}
    answers = (ChannelAnswer(one, (builds[one], NO_VERSION)) for one in (first, second))
    plan = heard(*answers, priority=priority)
    assert plan.packages == {"jaxlib": "0.4.31"}
    assert plan.channels == added


def test_a_build_that_no_driver_here_runs_does_not_count() -> None:
    newer = ("jaxlib", "0.9.2", "cuda129py311h1_200")
    plan = heard(ChannelAnswer(MAIN, (newer,)), ChannelAnswer(OTHER, (GPU_BUILD,)), host=A100)
    assert plan.packages == {"jaxlib": "0.9.2"}  # the driver runs it by minor-version compatibility
    plan = heard(ChannelAnswer(MAIN, (newer,)), host=OLD)
    assert (plan.status, [one.case for one in plan.notes]) == ("refused", ["family"])


def test_channels_that_have_none_are_believed() -> None:
    plan = heard(ChannelAnswer(MAIN), ChannelAnswer(OTHER))
    assert (plan.status, [one.case for one in plan.notes]) == ("refused", ["conda-none"])
    silent = heard(ChannelAnswer(MAIN), ChannelAnswer(OTHER, problem="unreachable"))
    assert silent.packages == {"jaxlib": "0.9.2"}


def test_the_channels_that_a_family_may_need_are_asked_too() -> None:
    known = from_catalogue("conda", LINUX)
    asked = read_problem(Request("conda", ("rapids", "cupy", "numpy"), (A100,)), known)
    assert channels_to_ask(asked, known) == ("rapidsai", "conda-forge")


def test_another_channel_s_name_for_the_package_stays() -> None:
    typed = "pytorch::faiss-gpu=1.8"
    plan = conda(typed, machine("550.54.14", "12.4", "8.0"), channels=("conda-forge",))
    assert typed in plan.requirements
    here = conda(f"conda-forge::{typed[9:]}", machine("550.54.14", "12.4", "8.0"))
    assert "conda-forge::faiss=1.8[build=*cuda*]" in here.requirements
