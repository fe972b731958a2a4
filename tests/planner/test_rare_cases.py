"""What few requests come to: found as lines that no other test of the planner reached."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conda_cuda_guard.planner.compatibility import reaches

from .machines import A100, LINUX, OFFICIAL, WHEELS, codes, conda, machine, pip, words

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
