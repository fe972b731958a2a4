"""Followers with files for a platform and none for the machine: the reason is the right one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from .machines import machine, pip

H100, V100, P100 = "9.0", "7.0", "6.0"
R580 = "580.65.06"


@pytest.mark.parametrize(
    ("typed", "where", "code", "facts"),
    [
        ("vllm>=0.20", (R580, V100, "3.12"), "gpu-not-covered", {"needed": ">=7.5"}),
        ("vllm", (R580, P100, "3.12"), "gpu-not-covered", {"capability": "6.0"}),
        (
            "fbgemm-gpu==1.9.0",
            (R580, V100, "3.12"),
            "gpu-not-covered",
            {
                "needed": ">=8.0,<9 or ==9.0 or ==10.0",
                "other_spec": "torch==2.13.0 fbgemm-gpu==1.8.0",
            },
        ),
        ("vllm>=0.20", (R580, H100, "3.15"), "python-not-covered", {"pythons": ">=3.11,<3.15"}),
        ("vllm>=0.32", (R580, H100, "3.10"), "python-not-covered", {"python": "3.10"}),
    ],
)
def test_the_reason_is_what_the_files_need(
    typed: str, where: tuple[str, str, str], code: str, facts: dict[str, str]
) -> None:
    driver, capability, python = where
    plan = pip(typed, machine(driver, None, capability, python=python))
    assert plan.status == "refused"
    assert [note.code for note in plan.notes] == [code]
    assert facts.items() <= plan.notes[0].facts.items()


def test_a_c_library_that_is_too_old_is_the_reason() -> None:
    plan = pip("vllm>=0.22", replace(machine(R580, None, H100, python="3.12"), libc="glibc 2.27"))
    assert [note.code for note in plan.notes] == ["libc-too-old"]
    assert plan.notes[0].facts["needed"] == "glibc 2.28"


def test_another_python_is_one_that_the_files_are_for() -> None:
    plan = pip("vllm>=0.32", machine(R580, None, H100, python="3.15"))
    assert plan.notes[0].facts["other_pythons"] == "3.11, 3.12, 3.13, 3.14"


def test_vllm_has_no_code_for_what_is_older_than_its_kernels() -> None:
    """0.14 says 7.0 or higher of itself, 0.21 says 7.5."""
    assert pip("vllm", machine(R580, None, V100, python="3.12")).packages["vllm"] == "0.19.1"
    assert pip("vllm==0.10.1", machine(R580, None, P100, python="3.12")).status == "refused"


def test_a_newer_driver_is_promised_the_newest_that_it_runs() -> None:
    plan = pip("vllm", machine("470.57.02", None, "8.0", python="3.11"))
    facts = plan.notes[0].facts
    assert facts["driver_needed"] == "525.60.13"
    assert facts["driver_for"] == "torch 2.13.0 (cu129), vllm 0.30.0"
    then = pip("vllm", machine("525.60.13", None, "8.0", python="3.11"))
    assert then.packages == {"vllm": "0.30.0+cu129", "torch": "2.13.0+cu129"}
