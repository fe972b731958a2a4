"""Families beside torch: how a request is spelt for a machine, and sets that agree."""

from __future__ import annotations

import pytest

from conda_cuda_guard.model import Installed, Origin, Request
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.sources.builtin import from_catalogue

from .machines import codes, machine, pip, words

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


@pytest.mark.parametrize(
    ("typed", "driver", "becomes", "case"),
    [
        # cuDNN: torch 2.4 and newer load 9, ONNX Runtime before 1.19 and CTranslate2 before 4.5 8.
        ("torch==2.3.1 ctranslate2", "535.104.05", "torch==2.3.1+cu121 ctranslate2<4.5", "cudnn"),
        (
            "torch ctranslate2==4.4.0",
            "535.104.05",
            "torch==2.3.1+cu121 ctranslate2==4.4.0",
            "cudnn",
        ),
        (
            "torch==2.2.0 onnxruntime-gpu",
            "535.104.05",
            "torch==2.2.0+cu121 onnxruntime-gpu==1.18.1",
            "cudnn",
        ),
        # One CUDA major version for all: TensorFlow has none for CUDA 13.
        ("torch tensorflow", "580.95.05", "torch==2.14.1+cu126 tensorflow[and-cuda]", ""),
        (
            "tensorflow jax[cuda13] cupy",
            "580.95.05",
            "tensorflow[and-cuda] jax[cuda12] cupy-cuda12x",
            "",
        ),
        # A variant that was typed is kept where the rest can follow it.
        (
            "torch==2.9.0+cu126 cupy",
            "580.95.05",
            "torch==2.9.0+cu126 cupy-cuda12x",
            "beside",
        ),
        # bitsandbytes has no code for CUDA 12.9 since 0.50.
        (
            "torch==2.8.0 bitsandbytes==0.50.2",
            "580.95.05",
            "torch==2.8.0+cu128 bitsandbytes==0.50.2",
            "exact",
        ),
    ],
)
def test_the_newest_set_that_agrees(typed: str, driver: str, becomes: str, case: str) -> None:
    plan = pip(typed, machine(driver))
    assert plan.requirements == tuple(becomes.split())
    assert ("families-agree", case) in [(note.code, note.case) for note in plan.notes]


def test_a_file_for_many_cuda_versions_follows_the_lead_without_a_word() -> None:
    plan = pip("torch bitsandbytes", H100_580)
    assert plan.requirements[1:] == ("bitsandbytes",)
    assert not {"families-agree", "held-back"} & codes(plan)
    plan = pip("torch==2.8.0 bitsandbytes", H100_580)
    assert plan.requirements == ("torch==2.8.0+cu129", "bitsandbytes<0.50")
    assert ("held-back", "together") in [(note.code, note.case) for note in plan.notes]


@pytest.mark.parametrize(
    ("typed", "case", "says"),
    [
        ("torch==2.8.0+cu129 bitsandbytes==0.50.2", "exact", "bitsandbytes==0.49.2"),
        ("torch==2.5.1 ctranslate2==4.4.0", "cudnn", "ctranslate2==4.8.5"),
        ("torch==2.9.0 tensorflow==2.14.1", "", "tensorflow"),
    ],
)
def test_what_cannot_share_a_process_is_said_with_what_could(
    typed: str, case: str, says: str
) -> None:
    plan = pip(typed, machine("580.95.05", python="3.10"))
    assert [(note.code, note.case) for note in plan.notes] == [("families-disagree", case)]
    assert (plan.status, says in words(plan)) == ("refused", True)


@pytest.mark.parametrize(
    ("there", "typed", "becomes", "note"),
    [
        ("2.3.1+cu121", "ctranslate2", "ctranslate2<4.5", ("families-agree", "installed")),
        ("2.8.0+cu129", "bitsandbytes", "bitsandbytes<0.50", ("families-agree", "installed")),
        (
            "2.8.0+cu129",
            "bitsandbytes==0.50.2",
            "bitsandbytes==0.50.2",
            ("families-disagree", "exact"),
        ),
        (
            "2.8.0+cu126",
            "ctranslate2==4.4.0",
            "ctranslate2==4.4.0",
            ("families-disagree", "cudnn"),
        ),
        (
            "2.8.0+cu126",
            "onnxruntime-gpu==1.30.0",
            "onnxruntime-gpu==1.30.0",
            ("families-disagree", "installed"),
        ),
    ],
)
def test_what_is_installed_is_agreed_with_or_warned_of(
    there: str, typed: str, becomes: str, note: tuple[str, str]
) -> None:
    cuda = f"{there[-3:-1]}.{there[-1]}"
    plan = pip(typed, H100_580, installed=Installed(there, cuda))
    assert plan.requirements == (becomes,)
    assert note in [(one.code, one.case) for one in plan.notes]


def test_a_constraint_on_the_bare_name_or_on_the_build_bounds_it() -> None:
    for name, bound in (("cupy", "<14"), ("cupy-cuda12x", "")):
        origins = (Origin(), Origin("constraint", "c.txt", 1))
        plan = make_plan(
            Request("pip", ("cupy", f"{name}<14"), (A100_535,), origins=origins),
            from_catalogue("pip", "linux-x86_64"),
        )
        assert plan.requirements == (f"cupy-cuda12x{bound}",)
        assert plan.packages == {"cupy-cuda12x": "13.6.0"}


def test_each_family_has_its_part_of_the_plan() -> None:
    plan = pip("torch cupy", A100_535)
    assert [(one.family, one.cuda) for one in plan.families] == [
        ("torch", "12.6"),
        ("cupy", "12.0"),
    ]
