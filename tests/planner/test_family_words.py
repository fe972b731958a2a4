"""What is typed of families beside torch: contradictions, slips, GPUs without code, reasons."""

from __future__ import annotations

import pytest

from conda_cuda_guard.model import TYPED, Origin, Plan, Request
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.rendering import plan_to_json
from conda_cuda_guard.sources.builtin import from_catalogue

from .machines import LINUX, WINDOWS, codes, machine, pip, words

A100_535 = machine("535.104.05", None, "8.0")
A100_580 = machine("580.95.05", None, "8.0")
RTX_5090 = machine("570.133.20", None, "12.0")


def test_where_no_driver_helps_the_gpu_is_named() -> None:
    plan = pip("cudf-cu12", machine("535.104.05", None, "6.0"))
    assert plan.status == "refused"
    assert "(compute capability 6.0)" in words(plan)
    assert "Driver" not in words(plan)


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("paddlepaddle-gpu", "cu129"),  # CUDA 12.6 builds nothing for 12.0, nor does 11.8
        ("tensorflow[and-cuda]", "cu125"),  # it has PTX
        ("cupy", "cu12"),
        ("faiss-gpu", None),
        ("ctranslate2==3.24.0", None),  # CUDA 11
    ],
)
def test_a_toolkit_builds_only_for_the_gpus_that_it_knows(typed: str, becomes: str | None) -> None:
    plan = pip(typed, RTX_5090)
    assert plan.variant == becomes
    if becomes is None:
        assert "(compute capability 12.0)" in words(plan)


@pytest.mark.parametrize(
    "typed",
    ["cupy==13.0.0 cupy==14.0.0", "onnxruntime-gpu==1.20.0 onnxruntime-gpu==1.21.0"],
)
def test_requirements_that_contradict_each_other_are_refused(typed: str) -> None:
    plan = pip(typed, A100_535)
    assert plan.status == "refused"
    assert f"{typed} contradict each other" in words(plan)


def test_pythons_are_named_the_oldest_first() -> None:
    hosts = (machine("535.104.05", None, "8.0", python=one) for one in ("3.10", "3.9"))
    plan = make_plan(Request("pip", ("cupy==99",), tuple(hosts)), from_catalogue("pip", LINUX))
    assert plan.status == "refused"
    assert "with Python 3.9, 3.10" in words(plan)


def test_bounds_in_two_places_are_one_range() -> None:
    plan = pip("onnxruntime-gpu>=1.20 onnxruntime-gpu<1.22", A100_535)
    assert plan.packages == {"onnxruntime-gpu": "1.21.1"}
    assert plan.status == "unchanged"
    assert "held-back" not in codes(plan)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("cupy-cuda12x cupy-cuda13x", "cupy-cuda13x was replaced: it needs CUDA 13"),
        ("cupy-cuda11x cupy-cuda12x", "cupy-cuda11x was dropped: it contradicts cupy-cuda12x"),
    ],
)
def test_of_two_variants_the_one_that_goes_is_told_of(typed: str, reason: str) -> None:
    plan = pip(typed, A100_535)
    assert plan.requirements == ("cupy-cuda12x", "cupy-cuda12x")
    assert reason in words(plan)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("torch jax[cuda12]", "to agree with jax;"),
        ("torch cudf-cu12 cupy", "to agree with cudf-cu12;"),
        ("jax tensorflow[and-cuda]", "as there is none of tensorflow for CUDA 13"),
    ],
)
def test_why_a_build_was_taken_names_what_was_typed(typed: str, reason: str) -> None:
    assert reason in words(pip(typed, A100_580))


def test_a_label_that_gives_way_to_another_family_is_said_to() -> None:
    said = words(pip("torch==2.13.0+cu126 cupy-cuda13x", A100_580))
    assert "+cu126 was replaced: the rest of the request has no build" in said
    assert "no such build exists" not in said


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("jax[cuda14]", "jax[cuda12]"),
        ("jax[cuda11]", "jax[cuda12]"),
        ("jax[cuda11,k8s]==0.10.0", "jax[cuda12,k8s]==0.10.0"),
        ("numba-cuda[cu14]", "numba-cuda[cu12]"),
    ],
)
def test_an_extra_of_no_build_is_replaced(typed: str, becomes: str) -> None:
    plan = pip(typed, A100_535)
    assert plan.requirements == (becomes,)
    assert "explicit-variant-replaced" in codes(plan)


@pytest.mark.parametrize("typed", ["jax[cpu]", "jax[tpu]", "jax[rocm]==0.9.0"])
def test_an_extra_for_something_else_than_cuda_is_left(typed: str) -> None:
    plan = pip(typed, A100_535)
    assert (plan.status, plan.requirements) == ("unchanged", (typed,))


@pytest.mark.parametrize("typed", ["cupy-cuda14x", "cupy-cuda102", "cudf-cu14", "spconv-cu999"])
def test_a_name_like_a_build_is_left_with_the_one_that_runs(typed: str) -> None:
    plan = pip(typed, A100_535)
    assert (plan.status, plan.requirements) == ("unchanged", (typed,))
    assert f"{typed} is spelt like a build of" in words(plan)
    assert "which runs here" in words(plan)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("onnxruntime-gpu", "cuda-newer-than-driver"),
        ("cupy-cuda13x", "cuda-newer-than-driver"),
        ("jax[cuda13]", "cuda-newer-than-driver"),
        ("cupy-cuda12x", None),
        ("cupy", None),
    ],
)
def test_as_is_checks_what_pip_takes(typed: str, code: str | None) -> None:
    plan = pip(typed, A100_535, as_is=True)
    assert (plan.status, plan.requirements) == ("unchanged", (typed,))
    assert codes(plan) == ({code} if code else set())


@pytest.mark.parametrize("typed", ["flash-attn", "torch==2.14.0 flash-attn"])
def test_a_gpu_that_has_no_file_and_can_have_none_is_refused(typed: str) -> None:
    plan = pip(typed, machine("580.95.05", None, "7.5"))
    assert plan.status == "refused"
    assert "it needs 8.0 or newer" in words(plan)


def test_a_refusal_says_nothing_of_what_the_rest_would_have_got() -> None:
    request = Request("pip", ("torch", "cupy"), (A100_535,), cpu=True)
    plan = make_plan(request, from_catalogue("pip", A100_535.platform))
    assert plan.status == "refused"
    assert {note.severity for note in plan.notes} == {"error"}


def test_without_a_driver_what_has_no_cpu_build_is_said() -> None:
    assert "there is no CPU build of vllm" in words(pip("vllm", machine()))
    assert "vllm has no build for the CPU" in words(pip("vllm", A100_535, cpu=True))


def test_a_refusal_of_what_follows_torch_names_its_release() -> None:
    assert ", vllm 0." in words(pip("vllm", machine("470.256.02", None, "8.0")))


def test_the_packages_for_the_cpu_are_known() -> None:
    assert pip("onnxruntime onnxruntime-gpu", A100_535).unknown == ()
    assert pip("faiss-cpu numpy", A100_535).unknown == ("numpy",)


def _bounded(typed: str, bound: str) -> Plan:
    origins = (TYPED, Origin("constraint", "limits.txt", 1))
    request = Request("pip", (typed, bound), (A100_535,), origins=origins)
    plan = make_plan(request, from_catalogue("pip", A100_535.platform))
    plan_to_json(plan)
    return plan


def test_a_constraint_that_refuses_is_named_and_binds_the_advice() -> None:
    plan = _bounded("onnxruntime-gpu", "onnxruntime-gpu==1.28.0")
    assert plan.status == "refused"
    assert "onnxruntime-gpu==1.28.0 (limits.txt, line 1)" in words(plan)
    assert "Ask for" not in words(plan)


def test_what_a_constraint_holds_is_not_blamed_on_the_machine() -> None:
    plan = _bounded("cupy", "cupy-cuda12x<14")
    assert plan.packages == {"cupy-cuda12x": "13.6.0"}
    assert "held-back" not in codes(plan)


def test_a_release_that_does_not_run_here_is_not_blamed_on_the_rest() -> None:
    said = words(pip("torch==2.3.0 onnxruntime-gpu", machine("550.144.03", None, "8.0")))
    assert "1.31.1 has no build that runs here" in said


def test_as_is_says_what_flash_attn_lacks() -> None:
    plan = pip("torch flash-attn", machine("580.95.05", None, "7.5"), as_is=True)
    assert plan.status == "unchanged"
    assert ("gpu-not-covered", "warning") in [(note.code, note.severity) for note in plan.notes]


def test_what_is_built_against_torch_is_a_known_family_as_typed() -> None:
    plan = pip("flash-attn", A100_535, as_is=True)
    assert (plan.status, plan.left, plan.unknown) == ("unchanged", "as-is", ())


def test_commands_that_build_are_for_the_system_of_the_machine() -> None:
    said = words(pip("torch==2.14.0 flash-attn<3", machine("581.15", platform=WINDOWS)))
    assert 'set "MAX_JOBS=4" && pip install --no-build-isolation "flash-attn<3"' in said
