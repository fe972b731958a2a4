"""Rule 6 for conda: selectors and metapackages kept where they fit, or replaced with reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .machines import A100, FORGE, NEWEST, RTX_5090, codes, conda, machine, words

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host

PY39 = machine("535.104.05", "12.2", "8.0", python="3.9")

KEPT = [
    ("pytorch pytorch-cuda=11.8", A100, "cu118", "pytorch-cuda=11.8"),
    ("pytorch=2.1.1 pytorch-cuda=12.1", A100, "cu121", "pytorch-cuda=12.1"),
    ("pytorch pytorch-cuda=12.4", A100, "cu124", "pytorch-cuda=12.4"),
    ("pytorch=1.10 cudatoolkit=11.3", PY39, "cu113", "cudatoolkit=11.3"),
    ("pytorch=1.12 cudatoolkit=11.6", PY39, "cu116", "cudatoolkit=11.6"),
    (
        "pytorch=1.12 cudatoolkit=10.2",
        machine(None, "11.8", "7.0", python="3.9"),
        "cu102",
        "cudatoolkit=10.2",
    ),
    ("pytorch cuda-version=12.6", A100, "cu126", "cuda-version=12.6"),
    ("pytorch cuda-version=12", A100, "cu129", "cuda-version=12"),
    ("pytorch cuda-version>=12,<12.7", A100, "cu126", "cuda-version>=12,<12.7"),
    ("pytorch pytorch-cuda=11", A100, "cu118", "pytorch-cuda=11"),
    ("pytorch pytorch-cuda", A100, "cu121", "pytorch-cuda"),
    ("pytorch-gpu cuda-version=12.6", A100, "cu126", "cuda-version=12.6"),
    ("torchvision pytorch-cuda=11.8", A100, "cu118", "pytorch-cuda=11.8"),
]


@pytest.mark.parametrize(("text", "host", "variant", "selector"), KEPT)
def test_kept_where_it_fits(text: str, host: Host, variant: str, selector: str) -> None:
    plan = conda(text, host)
    assert (plan.status, plan.variant) == ("ok", variant)
    assert plan.requirements.count(selector) == 1
    assert "explicit-variant-replaced" not in codes(plan)
    selectors = ("pytorch-cuda", "cudatoolkit", "cuda-version")
    assert sum(one.startswith(selectors) for one in plan.requirements) == 1


REPLACED = [
    ("pytorch pytorch-cuda=11.9", A100, "cu121", "no such build exists"),
    ("pytorch=2.1.1 pytorch-cuda=11.3", A100, "cu121", "no such build exists"),
    ("pytorch cuda-version=13.0", A100, "cu129", "needs CUDA 13.0, and driver 535.104.05"),
    ("pytorch cuda-version=12.6", RTX_5090, "cu129", "no code for"),
    ("pytorch pytorch-cuda=12.4", machine(None, "11.8", "8.0"), "cu118", "needs CUDA 12.4"),
]


@pytest.mark.parametrize(("text", "host", "variant", "said"), REPLACED)
def test_replaced_and_said_why(text: str, host: Host, variant: str, said: str) -> None:
    plan = conda(text, host)
    assert (plan.status, plan.variant) == ("ok", variant)
    (note,) = [note for note in plan.notes if note.code == "explicit-variant-replaced"]
    assert note.severity == "warning"
    assert said in words(plan)
    assert text.split()[1] in words(plan)
    assert text.split()[1] not in plan.requirements


def test_strict_replaces_a_minor_compatible_selector() -> None:
    plan = conda("pytorch pytorch-cuda=12.4", policy="strict")
    assert (plan.variant, plan.level) == ("cu121", "direct")
    assert "explicit-variant-replaced" in codes(plan)


CONTRADICTIONS = [
    "pytorch pytorch-cuda=12.1 pytorch-cuda=11.8",
    "pytorch cpuonly pytorch-cuda=12.1",
    "pytorch-gpu cpuonly",
    "pytorch=2.1.1=*cuda11.8* pytorch-cuda=12.1",
    "pytorch=2.1.1=*cpu* pytorch-cuda=12.1",
]


@pytest.mark.parametrize("text", CONTRADICTIONS)
def test_selectors_that_contradict_each_other_are_told(text: str) -> None:
    plan = conda(text, A100)
    assert codes(plan) & {"explicit-variant-replaced", "companion-mismatch"} or (
        plan.status == "refused"
    )


@pytest.mark.parametrize(
    ("text", "variant"),
    [
        ("pytorch=2.1 cudatoolkit=11.8", "cu118"),
        ("pytorch=1.13 cuda-version=11.7", "cu117"),
        ("pytorch=2.0 cudatoolkit=11.7", "cu117"),
    ],
)
def test_the_cuda_of_another_times_selector_is_kept(text: str, variant: str) -> None:
    """The package is another one by then, but the CUDA version wished for exists and fits."""
    assert conda(text, PY39, channels=("pytorch", "nvidia")).variant == variant


def test_pytorch_gpu_is_conda_forges() -> None:
    plan = conda("pytorch-gpu", channels=FORGE)
    assert plan.requirements == (
        "pytorch==2.13.0[build=cuda129*]",
        "pytorch-gpu=2.13.0",
        "cuda-version=12.9",
    )
    assert conda("pytorch-gpu=2.4").packages == {"pytorch": "2.4.1"}
    assert conda("pytorch-gpu").source == "conda-forge"


@pytest.mark.parametrize("text", ["pytorch cpuonly", "pytorch=2.1=*cpu*", "pytorch-cpu"])
def test_a_cpu_wish_is_kept_and_warned_about(text: str) -> None:
    plan = conda(text, A100)
    assert (plan.status, plan.variant, plan.level) == ("ok", "cpu", None)
    assert ("cpu-build-chosen", "warning") in [(n.code, n.severity) for n in plan.notes]


def test_already_right_is_unchanged() -> None:
    specs = "pytorch==2.1.1[build=*cuda12.1*] pytorch-cuda=12.1"
    plan = conda(specs, channels=("pytorch", "nvidia"))
    assert (plan.status, plan.requirements) == ("unchanged", tuple(specs.split()))
    assert (plan.variant, dict(plan.packages)) == ("cu121", {"pytorch": "2.1.1"})


def test_a_metapackage_alone_is_not_enough() -> None:
    """`pytorch pytorch-cuda=12.1` gets a build constraint, too."""
    plan = conda("pytorch=2.1.1 pytorch-cuda=12.1", channels=("pytorch", "nvidia"))
    assert plan.status == "ok"
    assert "[build=" in plan.requirements[0]


def test_companions_on_conda_bring_pytorch_with_its_constraint() -> None:
    plan = conda("torchvision=0.16 numpy")
    assert plan.requirements == (
        "torchvision=0.16.2",
        "numpy",
        "pytorch==2.1.2[build=*cuda12.1*]",
        "pytorch-cuda=12.1",
    )


def test_the_newest_machine_on_conda_forge() -> None:
    assert conda("pytorch", NEWEST, channels=FORGE).requirements[0].endswith("[build=cuda130*]")


@pytest.mark.parametrize(
    ("text", "channels", "release", "cuda", "kept"),
    [
        ("pytorch cuda-version=12.4", ("conda-forge",), "2.5.1", "12.0", "cuda-version=12.4"),
        ("pytorch cuda-version=12.8", ("conda-forge",), "2.7.1", "12.6", "cuda-version=12.8"),
        ("pytorch=2.3 cuda-version=12.5", ("conda-forge",), "2.3.1", "12.0", "cuda-version=12.5"),
        ("pytorch-gpu cuda-version=12.4", (), "2.5.1", "12.0", "cuda-version=12.4"),
        # The family's own channel has a build for just this version.
        ("pytorch cuda-version=12.4", ("pytorch", "nvidia"), "2.5.1", "12.4", "pytorch-cuda=12.4"),
        ("pytorch cuda-toolkit=12.8", ("conda-forge",), "2.7.1", "12.6", "cuda-toolkit=12.8"),
        ("pytorch=2.5 cuda=12.4", ("conda-forge",), "2.5.1", "12.0", "cuda=12.4"),
    ],
)
def test_the_cuda_version_of_an_environment_serves_builds_for_an_older_one(
    text: str, channels: tuple[str, ...], release: str, cuda: str, kept: str
) -> None:
    plan = conda(text, machine("570.26", "12.8", "8.0"), channels=channels)
    assert (plan.packages["pytorch"], plan.cuda) == (release, cuda)
    assert kept in plan.requirements
    assert sum(one.startswith("cuda-version") for one in plan.requirements) <= 1
    assert not codes(plan) & {"explicit-variant-replaced", "index-lacks-variant"}


def test_a_toolkit_bounds_what_is_built_for_a_newer_cuda_alone() -> None:
    plan = conda("pytorch=2.5 cuda-toolkit=12.8", A100, channels=("conda-forge",))
    assert not [one for one in plan.requirements if one.startswith("cuda-version")]
    newest = conda("pytorch cuda-toolkit=11.8", A100, channels=("conda-forge",))
    assert newest.cuda == "11.8"
