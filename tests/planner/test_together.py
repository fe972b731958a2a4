"""Families beside torch: how a request is spelt for a machine, and sets that agree."""

from __future__ import annotations

import pytest

from conda_cuda_guard.model import Installed

from .machines import machine, pip

A100_535 = machine("535.104.05")
H100_580 = machine("580.95.05")


@pytest.mark.parametrize(
    ("typed", "driver", "becomes"),
    [
        ("cupy", "535.104.05", ["cupy-cuda12x"]),
        ("cupy", "580.95.05", ["cupy-cuda13x"]),
        ("cupy-cuda13x", "535.104.05", ["cupy-cuda12x"]),
        ("cupy-cuda13x==14.2.0", "535.104.05", ["cupy-cuda12x==14.2.0"]),
        ("CuPy_CUDA12x>=13", "580.95.05", ["CuPy_CUDA12x>=13"]),
        ("jax[cuda13]", "535.104.05", ["jax[cuda12]"]),
        ("jax[cuda,k8s]>=0.7", "535.104.05", ["jax[cuda,k8s]>=0.7"]),
        ("onnxruntime-gpu", "535.104.05", ["onnxruntime-gpu<1.27"]),
        ("onnxruntime-gpu", "580.95.05", ["onnxruntime-gpu"]),
        ("onnxruntime-gpu>=1.20", "535.104.05", ["onnxruntime-gpu>=1.20,<1.27"]),
        ("onnxruntime-gpu==1.20.0", "580.95.05", ["onnxruntime-gpu==1.20.0"]),
    ],
)
def test_what_is_typed_becomes_what_fits(typed: str, driver: str, becomes: list[str]) -> None:
    plan = pip(typed, machine(driver))
    assert list(plan.requirements) == becomes
    assert plan.status == ("unchanged" if becomes == [typed] else "ok")


def test_a_variant_that_was_typed_is_replaced_with_a_note() -> None:
    plan = pip("cupy-cuda13x", A100_535)
    assert [note.code for note in plan.notes] == ["explicit-variant-replaced"]
    assert plan.notes[0].facts["wish"] == "cupy-cuda13x"


def test_a_release_that_does_not_run_is_refused_with_the_driver_and_the_release_that_would() -> (
    None
):
    plan = pip("onnxruntime-gpu==1.27.0", A100_535)
    assert plan.status == "refused"
    assert plan.notes[0].facts["driver_needed"] == "580"
    assert plan.notes[0].facts["near"].startswith("onnxruntime-gpu==1.2")


def test_families_take_builds_of_one_cuda_major_version() -> None:
    plan = pip("torch==2.8.0 cupy-cuda13x onnxruntime-gpu", H100_580)
    assert plan.packages["torch"] == "2.8.0+cu129"
    assert plan.requirements[1:] == ("cupy-cuda12x", "onnxruntime-gpu<1.27")
    assert "families-agree" in [note.code for note in plan.notes]


def test_two_that_cannot_meet_are_named_and_what_could() -> None:
    plan = pip("onnxruntime-gpu==1.27.0 torch==2.5.1", H100_580)
    assert (plan.status, [note.code for note in plan.notes]) == ("refused", ["families-disagree"])
    facts = plan.notes[0].facts
    assert {facts["first"], facts["second"]} == {"torch", "onnxruntime-gpu"}
    assert facts["near"].startswith("onnxruntime-gpu==1.2")


def test_an_installed_torch_decides_the_major_version() -> None:
    there = Installed("2.8.0+cu126", "12.6")
    plan = pip("cupy", H100_580, installed=there)
    assert plan.requirements == ("cupy-cuda12x",)
    assert [(note.code, note.case) for note in plan.notes] == [("families-agree", "installed")]


def test_what_cannot_live_together_is_told_of() -> None:
    plan = pip("onnxruntime onnxruntime-gpu", H100_580)
    assert [note.code for note in plan.notes] == ["cannot-live-together"]
    assert "cannot-live-together" not in [n.code for n in pip("cupy", H100_580).notes]


def test_without_a_driver_nothing_is_guessed() -> None:
    plan = pip("cupy", machine())
    assert (plan.status, plan.requirements) == ("unchanged", ("cupy",))
    assert [(note.code, note.case) for note in plan.notes] == [("no-driver", "family")]
    assert pip("jax", machine()).requirements == ("jax",)


def test_each_family_has_its_part_of_the_plan() -> None:
    plan = pip("torch cupy", A100_535)
    assert [(one.family, one.cuda) for one in plan.families] == [
        ("torch", "12.6"),
        ("cupy", "12.0"),
    ]
