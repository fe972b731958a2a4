"""Rule 3: a build must hold code for every GPU."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conda_cuda_guard.catalogue import toolkits
from conda_cuda_guard.model import Architectures, Build, Gpu, Host, Request, Sources
from conda_cuda_guard.planner import make_plan, with_stand_ins
from conda_cuda_guard.planner.check_specs import check_specs
from conda_cuda_guard.planner.compatibility import covers
from conda_cuda_guard.sources.builtin import from_catalogue

from .machines import LINUX, WINDOWS, codes, conda, machine, pip, words


def _build(code: str = "", ptx: str = "", cuda: str = "12.1", release: str = "2.1.2") -> Build:
    known = Architectures(tuple(code.split()), tuple(ptx.split())) if code or ptx else None
    return Build(
        release, "cu" + cuda.replace(".", ""), cuda, LINUX, "pytorch-index", architectures=known
    )


RUNS = [
    ("8.0 8.6", "", "8.9", "direct", True),
    ("8.0 8.6", "", "8.0", "minor-compatible", True),
    ("8.6", "", "8.0", "direct", False),
    ("6.0", "", "6.1", "direct", True),
    ("5.0", "", "5.2", "direct", True),
    ("6.1", "", "6.0", "direct", False),
    ("9.0", "", "10.0", "direct", False),
    ("9.0", "9.0", "10.0", "direct", True),
    ("9.0", "9.0", "10.0", "minor-compatible", False),
    ("9.0", "9.0", "8.9", "direct", False),
    ("", "3.7", "8.0", "direct", True),
    ("", "3.7", "8.0", "minor-compatible", False),
    ("10.0", "", "10.3", "direct", True),
    ("12.0", "", "12.1", "direct", True),
    ("10.0", "", "12.0", "direct", False),
]


@pytest.mark.parametrize(("code", "ptx", "gpu", "level", "runs"), RUNS)
def test_machine_code_and_ptx(code: str, ptx: str, gpu: str, level: str, runs: bool) -> None:
    assert covers(_build(code, ptx), gpu, level, toolkits()) is runs


BOARDS = [
    ("8.0 9.0", "", "8.7", "direct", False),
    ("8.6", "", "8.7", "direct", False),
    ("8.7", "", "8.7", "minor-compatible", True),
    ("8.0", "8.0", "8.7", "direct", True),
    ("8.0", "8.0", "8.7", "minor-compatible", False),
    ("8.7", "", "8.9", "direct", True),
    ("5.0 6.0 7.0", "", "5.3", "direct", False),
    ("5.0 6.0 7.0", "", "6.2", "direct", False),
    ("5.0 6.0 7.0", "", "7.2", "direct", False),
    ("11.0", "", "11.0", "direct", True),
    ("12.0", "", "12.1", "direct", True),
]


@pytest.mark.parametrize(("code", "ptx", "gpu", "level", "runs"), BOARDS)
def test_a_board_runs_its_own_machine_code_alone(
    code: str, ptx: str, gpu: str, level: str, runs: bool
) -> None:
    """Thor (11.0) and GB10 (12.1) are no such boards: they take the servers' builds."""
    assert covers(_build(code, ptx), gpu, level, toolkits()) is runs


@pytest.mark.parametrize(("source", "runs"), [("pytorch-index", False), ("user-index", True)])
def test_a_build_for_servers_without_a_list_is_not_for_a_board(source: str, runs: bool) -> None:
    """What another index has may have been made for it (JetPack's wheels)."""
    assert covers(replace(_build(cuda="12.6"), source=source), "8.7", "direct", toolkits()) is runs


LIMITS = [
    ("12.9", "11.0", False),
    ("13.0", "11.0", True),
    ("11.0", "8.6", True),
    ("11.0", "8.9", True),
    ("13.0", "7.0", False),
    ("13.0", "7.5", True),
    ("12.6", "7.0", True),
    ("12.6", "12.0", False),
    ("12.6", "10.0", False),
    ("12.8", "10.0", True),
    ("12.8", "12.0", True),
    ("11.8", "9.0", True),
    ("11.2", "8.6", True),
    ("10.2", "8.0", False),
    ("13.0", "6.1", False),
]


@pytest.mark.parametrize(("cuda", "gpu", "runs"), LIMITS)
def test_without_a_list_the_toolkit_is_the_limit(cuda: str, gpu: str, runs: bool) -> None:
    assert covers(_build(cuda=cuda), gpu, "direct", toolkits()) is runs


def test_a_list_is_lent_by_the_nearest_older_release_of_the_same_variant() -> None:
    newer, middle = _build(release="2.3.0"), _build("8.0", release="2.2.0")
    older = _build("7.0", release="2.1.0")
    other = _build("9.0", cuda="12.4", release="2.2.0")
    filled = with_stand_ins((newer, other, middle, older))
    assert filled[0] == replace(newer, architectures=middle.architectures, stand_in=True)
    assert filled[1:] == (other, middle, older)


def test_then_by_the_nearest_variant_of_the_same_cuda_major_in_the_release() -> None:
    missing = _build(cuda="12.8", release="2.2.0")
    near, far = _build("8.0", cuda="12.6"), _build("7.0", cuda="12.1")
    other = _build("9.0", cuda="13.0")
    builds = tuple(replace(one, release="2.2.0") for one in (other, missing, near, far))
    filled = with_stand_ins(builds)
    assert filled[1].architectures == near.architectures
    assert [one.stand_in for one in filled] == [False, True, False, False]


def test_an_older_release_lends_before_another_variant() -> None:
    missing, other = _build(cuda="12.8", release="2.2.0"), _build("9.0", "", "12.6", "2.2.0")
    older = _build("8.0", cuda="12.8", release="2.1.0")
    assert with_stand_ins((missing, other, older))[0].architectures == older.architectures


def test_no_list_is_lent_across_a_cuda_major_version() -> None:
    builds = (_build(cuda="13.0", release="2.2.0"), _build("8.0", cuda="12.6", release="2.2.0"))
    assert with_stand_ins(builds)[0].architectures is None


def _chosen(*builds: Build, gpus: tuple[str, ...] = ("8.0",)) -> str:
    host = machine("580.65.06", "13.0", *gpus)
    known = replace(from_catalogue("pip", LINUX), builds=with_stand_ins(builds))
    release = known.releases[0].version
    named = tuple(replace(b, release=release, label=f"+{b.variant}") for b in known.builds)
    plan = make_plan(Request("pip", ("torch",), (host,)), replace(known, builds=named))
    return plan.variant or ""


def test_a_variant_with_a_list_of_its_own_goes_before_a_newer_one_whose_list_stands_in() -> None:
    guessed, own = _build(cuda="12.8"), _build("8.0", cuda="12.6")
    assert _chosen(guessed, own) == "cu126"
    assert _chosen(guessed, own, gpus=()) == "cu128"  # without a GPU nothing is looked up
    assert _chosen(_build("8.0", cuda="12.8"), own) == "cu128"


def test_no_list_is_lent_by_a_newer_release() -> None:
    filled = with_stand_ins((_build("8.0", release="2.2.0"), _build(release="2.1.0")))
    assert filled[1].architectures is None


def test_2_15_0_cu130_borrows_from_2_14_1_on_windows() -> None:
    known = {(b.release, b.variant): b for b in from_catalogue("pip", WINDOWS).builds}
    assert known["2.15.0", "cu130"].stand_in
    assert known["2.15.0", "cu130"].architectures is not None
    assert known["2.15.0", "cu130"].architectures == known["2.14.1", "cu130"].architectures


def test_2_15_0_cu130_has_a_list_of_its_own_on_linux() -> None:
    known = {(b.release, b.variant): b for b in from_catalogue("pip", LINUX).builds}
    assert not known["2.15.0", "cu130"].stand_in
    assert known["2.15.0", "cu130"].architectures == known["2.15.0", "cu132"].architectures


PLANS = [
    ("torch", "6.1", "torch==2.14.1+cu126"),
    ("torch", "7.0", "torch==2.14.1+cu126"),
    ("torch", "7.5", "torch==2.15.0+cu130"),
    ("torch", "8.9", "torch==2.15.0+cu130"),
    ("torch", "12.0", "torch==2.15.0+cu130"),
    ("torch==2.7.1", "12.0", "torch==2.7.1+cu128"),
    ("torch==2.7.1", "6.1", "torch==2.7.1+cu126"),
]


@pytest.mark.parametrize(("text", "gpu", "spelled"), PLANS)
def test_what_driver_580_gives_each_gpu(text: str, gpu: str, spelled: str) -> None:
    assert pip(text, machine("580.65.06", None, gpu)).requirements == (spelled,)


def test_ptx_serves_a_newer_gpu_only_directly() -> None:
    """1.5.0 cu101 holds PTX for 3.7: an A100 compiles it, where the driver is new enough."""
    plan = pip("torch==1.5.0+cu101", machine("470.42.01", None, "8.0", python="3.8"))
    assert (plan.status, plan.variant, plan.level) == ("ok", "cu101", "direct")


@pytest.mark.parametrize("text", ["torch==2.1.2", "torch==2.1.2+cu118", "torch==2.6.0"])
def test_blackwell_needs_12_8(text: str) -> None:
    plan = pip(text, machine("580.65.06", None, "12.0"))
    assert plan.status == "refused"
    assert "gpu-not-covered" in codes(plan)
    assert "2.15.0" in words(plan)


def test_gpus_of_two_generations_need_one_build_for_both() -> None:
    both = machine("580.65.06", None, "6.1", "9.0")
    assert pip("torch", both).requirements == ("torch==2.14.1+cu126",)
    assert pip("torch", machine("580.65.06", None, "9.0")).variant == "cu130"


def test_pascal_beside_blackwell_has_no_wheel_but_conda_forge() -> None:
    plan = pip("torch", machine("580.65.06", None, "6.1", "12.0"))
    assert plan.status == "refused"
    assert "conda-forge" in words(plan)
    assert conda("pytorch", machine("580.65.06", None, "6.1", "12.0")).source == "conda-forge"


def test_several_hosts_at_once_must_all_run_it() -> None:
    old, new = machine("535.104.05", None, "8.0"), machine("580.65.06", None, "6.1")
    plan = pip("torch", new, old)
    assert plan.variant == "cu126"
    assert plan.level == "minor-compatible"  # the worst of all machines
    far = machine("470.42.01", None, "8.0")
    assert pip("torch>=2.8", new, far).status == "refused"


def test_a_host_that_fails_is_the_one_that_is_named() -> None:
    fine, failing = machine("580.65.06", None, "8.0"), machine("470.42.01", None, "8.0")
    plan = pip("torch==2.12.0", fine, failing)
    assert plan.status == "refused"
    assert "470.42.01" in words(plan)
    assert "driver 580.65.06 runs" not in words(plan)


def test_no_gpu_known_is_said_and_not_checked() -> None:
    plan = pip("torch", machine("580.65.06"))
    assert (plan.status, plan.variant) == ("ok", "cu130")
    assert "no-gpu-known" in codes(plan)
    assert "no-gpu-known" not in codes(pip("torch", machine("580.65.06", None, "8.0")))


def test_a_driver_that_gives_no_gpu_is_planned_for_and_said_to_fail() -> None:
    """As in a container started without its GPU, where the kernel lists it all the same."""
    failure = "nvml: error 9; the kernel lists NVIDIA GeForce GTX 1080"
    host = Host(
        LINUX, "3.11", "580.159.04", "13.0", (Gpu("NVIDIA GeForce GTX 1080", "6.1"),),
        gpu_failure=failure,
    )  # fmt: skip
    for plan in (pip("torch", host), pip("torch==2.7.1", host)):
        assert (plan.status, plan.variant) == ("ok", "cu126")
        assert codes(plan) == {"driver-gives-no-gpu"}
        (note,) = plan.notes
        assert (note.severity, note.facts["failure"]) == ("warning", failure)
    assert codes(pip("torch", host, cpu=True)) == {"cpu-build-chosen"}


def test_the_guard_of_conda_tells_of_it_where_a_gpu_is_wanted() -> None:
    host = replace(machine("580.159.04", None, "9.0"), gpu_failure="nvml: error 9")
    for specs, told in ((("pytorch=2.4",), 1), (("pytorch=2.4", "cpuonly"), 0), (("numpy",), 0)):
        request = Request("conda", specs, (host,), sources=Sources(channels=("pytorch", "nvidia")))
        found = [note.code for note in check_specs(request, from_catalogue("conda", LINUX))]
        assert found.count("driver-gives-no-gpu") == told, specs


def test_a_gpu_of_unknown_capability_is_not_checked_but_its_neighbour_is() -> None:
    mystery, pascal = Gpu("Mystery 9000", None), Gpu("NVIDIA GeForce GTX 1080", "6.1")
    alone = pip("torch", Host(LINUX, "3.11", "580.65.06", None, (mystery,)))
    assert (alone.variant, codes(alone)) == ("cu130", {"no-gpu-known"})
    beside = pip("torch", Host(LINUX, "3.11", "580.65.06", None, (mystery, pascal)))
    assert beside.variant == "cu126"
