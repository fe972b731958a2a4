"""Section 2 and rule 2: what a driver runs, and how its numbers follow from each other."""

from __future__ import annotations

import pytest

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Host
from conda_cuda_guard.planner import complete_host

from .machines import A100, LINUX, WINDOWS, codes, conda, machine, pip, words

CUDA_OF = [
    (LINUX, "535.104.05", "12.2"),
    (LINUX, "535.54.03", "12.2"),
    (LINUX, "535.54.02", "12.1"),
    (LINUX, "550.54.14", "12.4"),
    (LINUX, "525.60.13", "12.0"),
    (LINUX, "525.60.12", "11.8"),
    (LINUX, "580.65.06", "13.0"),
    (LINUX, "580.65.05", "12.9"),
    (LINUX, "450.51.05", "11.0"),
    (LINUX, "440.33", "10.2"),
    (LINUX, "340.108", None),
    (WINDOWS, "536.23", "12.1"),
    (WINDOWS, "536.25", "12.2"),
    (WINDOWS, "528.33", "12.0"),
    (WINDOWS, "531.14", "12.1"),
    (WINDOWS, "576.57", "12.9"),
    (WINDOWS, "452.39", "11.0"),
    (WINDOWS, "441.22", "10.2"),
]


@pytest.mark.parametrize(("platform", "driver", "cuda"), CUDA_OF)
def test_cuda_follows_from_the_driver(platform: str, driver: str, cuda: str | None) -> None:
    host = complete_host(Host(platform, "3.11", driver), catalogue.drivers())
    assert host.cuda == cuda
    assert host.driver == driver


DRIVER_OF = [
    (LINUX, "12.2", "535.54.03"),
    (LINUX, "11.8", "520.61.05"),
    (LINUX, "13.0", "580.65.06"),
    (LINUX, "12.0", "525.60.13"),
    (WINDOWS, "12.2", "536.25"),
    (WINDOWS, "11.8", "520.06"),
    (WINDOWS, "12.0", "527.41"),
]


@pytest.mark.parametrize(("platform", "cuda", "driver"), DRIVER_OF)
def test_the_driver_is_the_oldest_that_reports_the_cuda(
    platform: str, cuda: str, driver: str
) -> None:
    assert complete_host(Host(platform, "3.11", None, cuda), catalogue.drivers()).driver == driver


def test_what_the_driver_reports_beats_the_table() -> None:
    host = complete_host(Host(WINDOWS, "3.11", "536.23", "12.2"), catalogue.drivers())
    assert host.cuda == "12.2"
    seen = machine("470.42.01", "12.2", "8.0")
    assert pip("torch==2.1.2", seen).level == "direct"


def test_a_cuda_that_no_toolkit_has_lies_between_its_neighbours() -> None:
    host = machine(None, "12.7", "8.0")
    assert pip("torch==2.6.0", host).variant == "cu126"
    assert pip("torch==2.11.0", host, policy="strict").variant == "cu126"
    assert pip("torch==2.11.0", host).variant == "cu126"  # direct before minor-compatible


# What each driver makes of torch 2.5.1 (cu118, cu121, cu124) or 2.12.0 (cu126 and newer).
LEVELS = [
    (LINUX, "450.80.02", "torch==2.5.1", "cu118", "minor-compatible"),
    (LINUX, "450.80.01", "torch==2.5.1", None, None),
    (LINUX, "450.51.05", "torch==2.5.1", None, None),
    (LINUX, "470.42.01", "torch==2.5.1", "cu118", "minor-compatible"),
    (LINUX, "520.61.05", "torch==2.5.1", "cu118", "direct"),
    (LINUX, "525.60.12", "torch==2.12.0", None, None),
    (LINUX, "525.60.13", "torch==2.12.0", "cu126", "minor-compatible"),
    (LINUX, "560.28.03", "torch==2.12.0", "cu126", "direct"),
    (LINUX, "579.99", "torch==2.12.0", "cu126", "direct"),
    (LINUX, "580.65.06", "torch==2.12.0", "cu130", "direct"),
    (LINUX, "525.60.13", "torch==2.15.0", None, None),
    (LINUX, "580.65.06", "torch==2.15.0", "cu130", "direct"),
    (WINDOWS, "452.39", "torch==2.5.1", "cu118", "minor-compatible"),
    (WINDOWS, "452.38", "torch==2.5.1", None, None),
    (WINDOWS, "528.33", "torch==2.12.0", "cu126", "minor-compatible"),
    (WINDOWS, "528.32", "torch==2.12.0", None, None),
    (WINDOWS, "527.41", "torch==2.12.0", None, None),
    (WINDOWS, "580.88", "torch==2.12.0", "cu130", "direct"),
    (WINDOWS, "579.90", "torch==2.12.0", "cu126", "direct"),
]


@pytest.mark.parametrize(("platform", "driver", "text", "variant", "level"), LEVELS)
def test_floors_just_below_and_just_at(
    platform: str, driver: str, text: str, variant: str | None, level: str | None
) -> None:
    plan = pip(text, machine(driver, platform=platform))
    assert (plan.variant, plan.level) == (variant, level)
    assert plan.status == ("ok" if variant else "refused")


def test_no_compatibility_within_cuda_10() -> None:
    plan = pip("torch==1.6.0+cu102", machine("418.39", None, "7.0", python="3.8"))
    assert plan.variant != "cu102"
    assert "explicit-variant-replaced" in codes(plan)


def test_13_x_on_driver_580_is_minor_compatible_for_newer_13() -> None:
    plan = pip("torch==2.15.0+cu132", machine("580.65.06", None, "9.0", python="3.12"))
    assert (plan.variant, plan.level) == ("cu132", "minor-compatible")


def test_a_newer_major_version_of_the_driver_runs_everything_directly() -> None:
    for cuda in ("13.4", "14.0"):
        plan = pip("torch==2.1.2+cu118", machine(None, cuda, "8.0"))
        assert (plan.variant, plan.level) == ("cu118", "direct")


@pytest.mark.parametrize("driver", ["450", "470", "525", "535", "550", "580"])
def test_a_branch_stands_for_all_of_its_drivers(driver: str) -> None:
    assert pip("torch==1.13.1+cu117", machine(driver, None, "8.0", python="3.9")).status == "ok"


@pytest.mark.parametrize(
    ("driver", "cuda"),
    [
        ("550", "12.4"),
        ("550.54", "12.4"),
        ("550.54.14", "12.4"),
        ("550.54.13", "12.3"),
        ("550.53", "12.3"),
        ("525.60", "12.0"),
        ("525.59", "11.8"),
    ],
)
def test_a_driver_that_is_named_in_part_is_one_that_begins_so(driver: str, cuda: str) -> None:
    assert complete_host(machine(driver, None), catalogue.drivers()).cuda == cuda


@pytest.mark.parametrize("text", ["340.108", "304.137"])
def test_a_driver_older_than_all_tables_is_refused_in_whole_sentences(text: str) -> None:
    plan = pip("torch", machine(text, None, "3.5"))
    assert plan.status == "refused"
    assert "CUDA )" not in words(plan)
    assert "CUDA  " not in words(plan)


def test_a_cuda_older_than_all_tables_is_refused_in_whole_sentences() -> None:
    plan = pip("torch", machine(None, "6.5"))
    assert plan.status == "refused"
    assert "driver ," not in words(plan)
    assert "driver  " not in words(plan)


def test_of_several_machines_the_one_that_is_concerned_is_named() -> None:
    new, old = machine("580.65.06", None, "6.1"), machine("535.104.05", None, "8.0")
    for plan in (pip("torch", new, old), pip("torch", old, new)):
        assert plan.level == "minor-compatible"
        assert "535.104.05" in words(plan)
        assert "580.65.06" not in words(plan)


@pytest.mark.parametrize("text", ["cuda-version=12.9 gpulib", "cuda-version=13.0 gpulib"])
def test_a_selector_without_torch_is_checked_on_every_machine(text: str) -> None:
    new, far = machine("580.65.06", None, "8.0"), machine("470.42.01", None, "8.0")
    assert conda(text, new).status == "unchanged"
    assert conda(text, far).status == "refused"
    assert conda(text, far, new).status == "refused"
    assert conda(text, new, far).status == "refused"


def test_a_selector_without_torch_says_when_it_is_minor_compatible() -> None:
    plan = conda("cuda-version=12.9 gpulib", A100)
    assert (plan.status, codes(plan)) == ("unchanged", {"driver-minor-compatible"})
    assert conda("cuda-version=12.9 gpulib", A100, policy="strict").status == "refused"
    assert conda("cuda-version=11.8 gpulib", A100).notes == ()
    assert conda("cuda-version=13.0 gpulib", machine()).status == "unchanged"
