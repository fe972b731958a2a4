"""Packages that follow torch: the newest pair, its variant, the index that has it, what stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.model import Installed
from conda_cuda_guard.model.request import Dependent

from .machines import A100, AARCH64, NEWEST, NO_DRIVER, WHEELS, WINDOWS, machine, pip

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host

R535 = machine("535.104.05", None, "8.0", python="3.12")
R550 = machine("550.54.14", None, "8.0", python="3.12")
R580 = machine("580.65.06", None, "8.0", python="3.12")
VLLM = "https://wheels.vllm.ai/0.30.0/cu129"

# What the metadata of the releases asked for, or their own table said, when it was read.
MEASURED = [
    ("xformers", "0.0.29.post3", "2.6.0"),
    ("xformers", "0.0.30", "2.7.0"),
    ("xformers", "0.0.31", "2.7.1"),
    ("xformers", "0.0.32.post2", "2.8.0"),
    ("xformers", "0.0.33", "2.9.0"),
    ("xformers", "0.0.33.post2", "2.9.1"),
    ("xformers", "0.0.34", "2.10.0"),
    ("xformers", "0.0.35", "2.15.0"),
    ("vllm", "0.8.5", "2.6.0"),
    ("vllm", "0.9.2", "2.7.0"),
    ("vllm", "0.10.1", "2.7.1"),
    ("vllm", "0.10.2", "2.8.0"),
    ("vllm", "0.13.0", "2.9.0"),
    ("vllm", "0.16.0", "2.9.1"),
    ("vllm", "0.19.1", "2.10.0"),
    ("vllm", "0.20.0", "2.11.0"),
    ("vllm", "0.26.0", "2.11.0"),
    ("vllm", "0.27.0", "2.13.0"),
    ("vllm", "0.32.0", "2.13.0"),
    ("vllm", "0.33.0", "2.14.0"),
    ("sglang", "0.5.10.post1", "2.9.1"),
    ("sglang", "0.5.11", "2.11.0"),
    ("sglang", "0.5.21", "2.13.0"),
    ("sglang", "0.5.23", "2.14.1"),
    ("triton", "3.2.0", "2.6.0"),
    ("triton", "3.3.0", "2.7.0"),
    ("triton", "3.4.0", "2.8.0"),
    ("triton", "3.5.1", "2.9.1"),
    ("triton", "3.6.0", "2.11.0"),
    ("triton", "3.7.0", "2.12.0"),
    ("triton", "3.7.1", "2.13.0"),
    ("triton", "3.8.0", "2.14.1"),
    ("triton", "3.9.0", "2.15.0"),
    ("torchcodec", "0.1.1", "2.5.1"),
    ("torchcodec", "0.5", "2.7.1"),
    ("torchcodec", "0.9.1", "2.9.1"),
    ("torchcodec", "0.10.0", "2.10.0"),
    ("torchcodec", "0.11.1", "2.11.0"),
    ("torchcodec", "0.14.0", "2.15.0"),
    ("torchao", "0.13.0", "2.8.0"),
    ("torchao", "0.15.0", "2.9.1"),
    ("torchao", "0.16.0", "2.10.0"),
    ("torchao", "0.18.0", "2.15.0"),
    ("torch-tensorrt", "2.6.1", "2.6.0"),
    ("torch-tensorrt", "2.9.0", "2.9.1"),
    ("torch-tensorrt", "2.14.0", "2.14.1"),
    ("torchdata", "0.11.0", "2.15.0"),
    ("torchdata", "0.7.0", "2.1.0"),
    ("fbgemm-gpu", "1.0.0", "2.5.1"),
    ("fbgemm-gpu-genai", "1.5.0", "2.10.0"),
    ("torchrec", "1.5.1", "2.10.0"),
]


@pytest.mark.parametrize(("package", "number", "torch"), MEASURED)
def test_a_version_gets_the_newest_torch_that_it_belongs_to(
    package: str, number: str, torch: str
) -> None:
    old = machine("615.10", "13.4", "9.0", python="3.11" if torch == "2.1.0" else "3.12")
    plan = pip(f"torch {package}=={number}", old)
    assert plan.packages["torch"].partition("+")[0] == torch
    assert plan.packages[package].partition("+")[0] == number


@pytest.mark.parametrize(
    ("text", "host", "right"),
    [
        ("torch xformers", R535, {"torch": "2.14.1+cu126", "xformers": "0.0.35+cu126"}),
        ("xformers", R535, {"torch": "2.14.1+cu126", "xformers": "0.0.35+cu126"}),
        ("torch xformers", NEWEST, {"torch": "2.15.0+cu130", "xformers": "0.0.35+cu130"}),
        ("torch==2.6.0 xformers", R580, {"torch": "2.6.0+cu126", "xformers": "0.0.29.post3+cu126"}),
        ("torch<2.10 xformers", R550, {"torch": "2.9.1+cu128", "xformers": "0.0.33.post2+cu128"}),
        ("torch torchdata", R535, {"torch": "2.14.1+cu126", "torchdata": "0.11.0"}),
        ("torch triton", R535, {"torch": "2.14.1+cu126", "triton": "3.8.0"}),
        ("torch torchrec", R535, {"torch": "2.14.1+cu126", "torchrec": "1.9.2"}),
        (
            "torch fbgemm-gpu torchcodec",
            R580,
            {"torch": "2.14.1+cu130", "fbgemm-gpu": "1.9.0+cu130", "torchcodec": "0.17.0+cu130"},
        ),
        ("torch-tensorrt torch", R550, {"torch-tensorrt": "2.11.0+cu128", "torch": "2.11.0+cu128"}),
        ("torch==2.5.1 torchao", R550, {"torch": "2.5.1+cu124", "torchao": "0.10.0+cu124"}),
    ],
)
def test_the_newest_pair_that_runs_is_planned(text: str, host: Host, right: dict[str, str]) -> None:
    plan = pip(text, host)
    assert dict(plan.packages) == right
    variant = right["torch"].partition("+")[2]
    assert plan.index_urls == (f"{WHEELS}/{variant}",)


@pytest.mark.parametrize("host", [R535, R550])
@pytest.mark.parametrize("text", ["vllm", "torch vllm"])
def test_vllm_of_another_cuda_comes_from_its_own_index(text: str, host: Host) -> None:
    plan = pip(text, host)
    assert plan.packages["vllm"] == "0.30.0+cu129"
    assert plan.index_urls == (VLLM, f"{WHEELS}/cu129")
    assert plan.packages["torch"] == "2.13.0+cu129"
    assert "torch==2.13.0+cu129" in plan.requirements


@pytest.mark.parametrize(
    ("text", "host", "right"),
    [
        ("vllm", R580, {"torch": "2.14.0+cu130", "vllm": "0.33.0"}),
        ("torch vllm", R580, {"torch": "2.14.0+cu130", "vllm": "0.33.0"}),
        ("torch vllm==0.19.0", R535, {"torch": "2.10.0+cu128", "vllm": "0.19.0"}),
        ("torch vllm==0.19.0", R550, {"torch": "2.10.0+cu128", "vllm": "0.19.0"}),
        ("torch vllm==0.19.0", R580, {"torch": "2.10.0+cu128", "vllm": "0.19.0"}),
        ("torch vllm<0.20", R550, {"torch": "2.10.0+cu128", "vllm": "0.19.1"}),
        ("torch sglang", R550, {"torch": "2.9.1+cu128", "sglang": "0.5.10.post1"}),
    ],
)
def test_vllm_of_the_default_index(text: str, host: Host, right: dict[str, str]) -> None:
    plan = pip(text, host)
    assert dict(plan.packages) == right
    assert all(url.startswith(WHEELS) for url in plan.index_urls)


def test_a_vllm_that_does_not_run_is_refused_with_the_one_that_would() -> None:
    plan = pip("vllm==0.33.0", R550)
    assert plan.status == "refused"
    facts = next(note.facts for note in plan.notes if note.code == "no-variant-fits")
    assert "torch==2.13.0 vllm==0.30.0" in facts.values()
    assert facts["driver_needed"].startswith("580")


def test_what_is_held_back_is_said() -> None:
    (note,) = (one for one in pip("vllm", R550).notes if one.code == "held-back")
    assert (note.facts["release"], note.facts["newest"]) == ("0.30.0", "0.33.0")
    assert "held-back" not in {one.code for one in pip("vllm==0.30.0+cu129", R580).notes}
    for text in ("vllm<=0.30.0", "torch==2.5.1 xformers", "torch xformers torchdata"):
        assert not [one for one in pip(text, R550).notes if one.code == "held-back"]


def test_an_older_c_library_and_python_hold_vllm_back() -> None:
    from dataclasses import replace

    old = replace(R580, libc="glibc 2.31")
    assert pip("torch vllm<0.22", old).packages["vllm"] == "0.19.1"
    assert pip("torch vllm", machine("580.65.06", python="3.10")).packages["vllm"] == "0.31.0"


def test_a_gpu_that_a_release_has_no_code_for_holds_it_back() -> None:
    t4 = machine("580.65.06", None, "7.5", python="3.12")
    assert dict(pip("torch fbgemm-gpu", t4).packages) == {
        "torch": "2.13.0+cu130",
        "fbgemm-gpu": "1.8.0+cu130",
    }


def test_a_variant_that_lacks_files_is_passed_over() -> None:
    r575 = machine("575.57.08", None, "8.0", python="3.12")
    assert pip("torch==2.12.1", r575).variant == "cu129"
    plan = pip("torch==2.12.1 xformers", r575)
    assert dict(plan.packages) == {"torch": "2.12.1+cu126", "xformers": "0.0.35+cu126"}
    asked = pip("torch==2.12.1+cu129 xformers", r575)
    assert asked.variant == "cu126"
    assert {note.code for note in asked.notes} >= {"explicit-variant-replaced"}


def test_extras_and_markers_stay() -> None:
    text = "torch[opt] | xformers[all]==0.0.35 ; python_version > '3'"
    assert pip(text, R535).requirements == (
        "torch[opt]==2.14.1+cu126",
        'xformers[all]==0.0.35+cu126 ; python_version > "3"',
    )


@pytest.mark.parametrize("text", ["torch xformers", "xformers", "torch vllm", "torch torchao"])
def test_without_a_driver_something_is_planned(text: str) -> None:
    plan = pip(text, NO_DRIVER)
    assert plan.status == "ok"
    assert {note.code for note in plan.notes} >= {"no-driver"}


def test_no_follower_for_the_cpu_is_refused_where_that_was_asked_for() -> None:
    assert pip("torch xformers", R535, cpu=True).status == "refused"
    assert pip("torch torchcodec", R535, cpu=True).variant == "cpu"


@pytest.mark.parametrize(
    ("text", "platform"), [("torch triton", WINDOWS), ("torch xformers", AARCH64)]
)
def test_a_platform_without_files_is_named(text: str, platform: str) -> None:
    plan = pip(text, machine("580.65.06", platform=platform))
    (note,) = (note for note in plan.notes if note.code == "release-unknown")
    assert note.facts["platform"] == platform


def test_on_macos_there_is_nothing_to_choose() -> None:
    plan = pip("torch xformers", machine(platform="macos-arm64"))
    assert plan.requirements == ("torch", "xformers")


@pytest.mark.parametrize("text", ["fbgemm-gpu==1.9.0+cpu", "torch==2.14.1+cpu fbgemm-gpu==1.9.0"])
def test_a_build_for_the_cpu_needs_no_code_for_the_gpu(text: str) -> None:
    plan = pip(text, machine("580.95.05", None, "7.5", python="3.12"))
    assert plan.packages == {"fbgemm-gpu": "1.9.0+cpu", "torch": "2.14.1+cpu"}


def test_triton_alone_is_none_of_ours() -> None:
    plan = pip("triton", A100)
    assert (plan.status, plan.requirements) == ("unchanged", ("triton",))


def there(version: str, cuda: str | None, *beside: Dependent) -> Installed:
    return Installed(version, cuda, beside=beside)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("xformers", "xformers==0.0.29.post1+cu121"),
        ("triton", "triton==3.1.0"),
        ("torchcodec", "torchcodec==0.1.1+cu121"),
        ("torchdata", "torchdata==0.11.0"),
    ],
)
def test_a_torch_that_is_installed_is_kept(text: str, right: str) -> None:
    plan = pip(text, A100, installed=there("2.5.1+cu121", "12.1"))
    assert plan.requirements == (right, "torch==2.5.1+cu121")


def test_a_follower_of_no_installed_torch_is_refused() -> None:
    plan = pip("xformers==0.0.35", A100, installed=there("2.5.1+cu121", "12.1"))
    assert plan.status == "refused"


def test_the_set_moves_together_and_what_still_belongs_stays() -> None:
    set_of_old = (
        Dependent("xformers", "0.0.29.post1+cu121", ("==2.5.1",)),
        Dependent("torchdata", "0.10.1", (">=2",)),
        Dependent("torchcodec", "0.1.1+cu121"),
    )
    plan = pip("torch==2.6.0", R580, installed=there("2.5.1+cu121", "12.1", *set_of_old))
    assert plan.requirements == (
        "torch==2.6.0+cu126",
        "xformers==0.0.29.post3+cu126",
        "torchcodec==0.2.1+cu126",
    )
    assert [note.code for note in plan.notes if "set" in note.code] == ["installed-set-moved"]


def test_a_follower_that_no_new_torch_has_is_named_before() -> None:
    old = Dependent("vllm", "0.19.1", ("==2.10.0",))
    plan = pip("torch==2.12.1", R580, installed=there("2.10.0+cu128", "12.8", old))
    (note,) = (note for note in plan.notes if note.code == "installed-set-breaks")
    assert "vllm 0.19.1" in note.facts["broken"]
