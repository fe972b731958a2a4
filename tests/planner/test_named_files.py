"""Files that are named by their address bind the torch beside them; so do labels of other GPUs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.rendering import plan_text

from .machines import WHEELS, ask, codes, machine, pip, words

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host, Plan

PY311 = machine("570.26", "12.8", "8.0")
OLD = machine("535.104.05", "12.2", "8.0")
VISION = f"{WHEELS}/cu128/torchvision-0.24.1%2Bcu128-cp311-cp311-manylinux_2_28_x86_64.whl"
FLASH = "https://github.com/Dao-AILab/flash-attention/releases/download"
MMCV = "https://download.openmmlab.com/mmcv/dist"
LINE = "cp311-cp311-linux_x86_64.whl"

BINDS = [
    (f"torchvision@{VISION}", "2.9.1+cu128"),
    (VISION, "2.9.1+cu128"),
    (f"./torchvision-0.20.1+cu121-{LINE}", "2.5.1+cu121"),
    # Where nothing names the variant, any will do.
    (f"./torchvision-0.20.1-{LINE}", "2.5.1+cu124"),
    # Without a label in its name, the folder of the variant says it.
    (f"{WHEELS}/cu121/xformers-0.0.28.post3-cp311-cp311-manylinux_2_28_x86_64.whl", "2.5.1+cu121"),
    # Of torch 2.6 the cu126 build has the other ABI.
    (
        f"{FLASH}/v2.8.1/flash_attn-2.8.1+cu12torch2.6cxx11abiFALSE-{LINE}",
        "2.6.0+cu124",
    ),
    (f"{FLASH}/v2.5.8/flash_attn-2.5.8+cu122torch2.3cxx11abiFALSE-{LINE}", "2.3.1+cu121"),
    (
        f"https://data.pyg.org/whl/torch-2.4.0%2Bcu124/torch_scatter-2.1.2%2Bpt24cu124-{LINE}",
        "2.4.0+cu124",
    ),
    (
        f"{MMCV}/cu121/torch2.1.0/mmcv-2.1.0-cp311-cp311-manylinux1_x86_64.whl",
        "2.1.0+cu121",
    ),
]


def plan_of(*texts: str, host: Host = PY311, cpu: bool = False) -> Plan:
    return ask("pip", texts, host, cpu=cpu)


@pytest.mark.parametrize(("file", "torch"), BINDS)
def test_a_file_that_belongs_to_a_torch_binds_it(file: str, torch: str) -> None:
    text = file.replace("torchvision@", "torchvision @ ")
    plan = plan_of("torch", text)
    assert plan.packages["torch"] == torch
    assert text in plan.requirements


@pytest.mark.parametrize(("file", "torch"), BINDS)
def test_a_file_alone_gets_the_torch_that_it_belongs_to(file: str, torch: str) -> None:
    text = file.replace("torchvision@", "torchvision @ ")
    assert plan_of(text).requirements == (text, f"torch=={torch}")


def test_files_of_torch_and_its_companion_stay_as_typed() -> None:
    texts = (f"{WHEELS}/cu128/torch-2.9.1%2Bcu128-cp311-cp311-manylinux_2_28_x86_64.whl", VISION)
    plan = plan_of(*texts)
    assert (plan.status, plan.left, plan.requirements) == ("unchanged", "address", texts)


def test_a_typed_release_that_the_file_is_not_for_is_refused() -> None:
    plan = plan_of("torch==2.6.0", VISION)
    assert plan.status == "refused"
    assert "torchvision-0.24.1+cu128" in words(plan)


def test_a_typed_label_gives_way_to_the_file() -> None:
    plan = plan_of("torch==2.9.1+cu126", VISION)
    assert plan.packages["torch"] == "2.9.1+cu128"
    assert "+cu126 was dropped: it contradicts torchvision-0.24.1+cu128" in words(plan)


def test_a_file_that_does_not_run_here_is_not_paired_with_another_variant() -> None:
    plan = plan_of("torch", VISION.replace("cu128", "cu130"), host=OLD)
    assert (plan.status, "cuda-newer-than-driver" in codes(plan)) == ("refused", True)


def test_the_cpu_build_is_not_paired_with_it_either() -> None:
    plan = plan_of("torch==2.9.1", VISION, cpu=True)
    assert plan.status == "refused"
    assert "--cpu asks for the CPU build" in words(plan)


@pytest.mark.parametrize("text", ["numpy", "numpy==1.26.4"])
def test_a_page_for_a_torch_that_nobody_asked_for_asks_for_none(text: str) -> None:
    plan = pip(text, PY311, find_links=("https://data.pyg.org/whl/torch-2.5.0+cpu.html",))
    assert (plan.status, plan.packages, plan.index_urls) == ("unchanged", {}, ())


@pytest.mark.parametrize(
    "texts",
    [
        ("torch==2.5.1+rocm6.2", "torchvision"),
        ("torchvision==0.20.1+rocm6.2", "torch"),
        ("torch", f"{WHEELS}/rocm6.2/torchvision-0.20.1%2Brocm6.2-{LINE}"),
        ("torch===2.8.0+xpu",),
    ],
)
def test_a_build_for_another_accelerator_leaves_the_line_alone(texts: tuple[str, ...]) -> None:
    plan = plan_of(*texts)
    assert (plan.status, plan.left, plan.requirements) == ("unchanged", "accelerator-build", texts)
    assert "a build for another accelerator is named" in plan_text(plan)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("torch==2.5.1+company1", "as-is"),
        ("torch>=2.1; sys_platform == 'win32'", "as-is"),
        (VISION.replace("0.24.1", "0.99.0"), "address"),
        ("numpy", "unknown"),
    ],
)
def test_what_names_the_family_is_not_called_another_package(text: str, left: str) -> None:
    assert plan_of(text).left == left


def test_an_index_that_a_label_contradicts_is_said_to_be_dropped() -> None:
    plan = pip("torch==2.5.1+cu121 torchvision", PY311, index_urls=(f"{WHEELS}/cu118",))
    assert plan.index_urls == (f"{WHEELS}/cu121",)
    assert f"{WHEELS}/cu118 was dropped: it contradicts +cu121, which was kept" in words(plan)


@pytest.mark.parametrize("name", ["pytorch", "pytorch-gpu"])
def test_conda_s_name_of_torch_is_told_of(name: str) -> None:
    plan = pip(name, PY311)
    assert (plan.status, codes(plan)) == ("unchanged", {"name-is-of-conda"})
    assert "on pip the package is called torch" in words(plan)


@pytest.mark.parametrize("name", ["pytorch-cuda", "cudatoolkit", "cpuonly"])
def test_what_chooses_a_build_on_conda_is_told_of(name: str) -> None:
    assert "name-is-of-conda" in codes(pip(f"torch {name}", PY311))


RUNTIME = "nvidia-cuda-runtime-cu12==12.4.127"


@pytest.mark.parametrize(
    ("texts", "torch"),
    [
        (("torch==2.5.1", RUNTIME), "2.5.1+cu124"),
        ((RUNTIME, "torch==2.5.1", "torchvision"), "2.5.1+cu124"),
        (("torch==2.5.1", "nvidia-nvtx-cu12==12.1.105"), "2.5.1+cu121"),
        (("torch", "nvidia_cuda_nvrtc_cu12==12.1.*"), "2.5.1+cu121"),
        (("torch==2.5.1", "nvidia-cuda-runtime-cu12"), "2.5.1+cu121"),
        (("torch==2.5.1", f"{RUNTIME} ; sys_platform == 'win32'"), "2.5.1+cu121"),
        (("torch==2.5.1+cu121", RUNTIME), "2.5.1+cu121"),
        (("torch==2.12.1", "cuda-toolkit==13.0.2"), "2.12.1+cu129"),
    ],
)
def test_nvidia_s_libraries_choose_the_variant_whose_own_they_are(
    texts: tuple[str, ...], torch: str
) -> None:
    plan = plan_of(*texts, host=OLD)
    assert plan.packages["torch"] == torch
    assert set(texts) - set(plan.requirements) <= {one for one in texts if "torch" in one}


def test_what_the_libraries_hold_is_said() -> None:
    assert f"torch is of CUDA 12.4, for {RUNTIME}" in words(
        plan_of("torch==2.5.1", RUNTIME, host=OLD)
    )
    assert "held-back" not in codes(
        plan_of("torch==2.5.1", RUNTIME.replace("4.127", "1.105"), host=OLD)
    )


def test_libraries_of_a_cuda_that_does_not_run_here_choose_nothing() -> None:
    plan = plan_of("torch==2.5.1", RUNTIME, host=machine("470.57.02", "11.4", "8.0"))
    assert plan.packages["torch"] == "2.5.1+cu118"


def test_libraries_choose_no_cuda_build_where_there_is_no_driver() -> None:
    assert plan_of("torch==2.5.1", RUNTIME, host=machine()).packages["torch"] == "2.5.1+cpu"


@pytest.mark.parametrize(
    ("tree", "capability", "told"),
    [
        ("nightly/cu132", "7.0", {"cuda-newer-than-driver", "gpu-not-covered"}),
        ("test/cu128", "6.1", {"gpu-not-covered"}),
        ("nightly/cu126", "12.0", {"gpu-not-covered"}),
        ("nightly/cu126", "8.0", set()),
        # A variant that no release has yet.
        ("nightly/cu140", "8.0", {"cuda-newer-than-driver"}),
        ("nightly/cpu", "8.0", {"cpu-build-chosen"}),
    ],
)
def test_a_tree_s_variant_is_judged_against_driver_and_gpu(
    tree: str, capability: str, told: set[str]
) -> None:
    plan = pip("torch", machine("570.26", "12.8", capability), index_urls=(f"{WHEELS}/{tree}",))
    assert (plan.status, plan.left, codes(plan)) == ("unchanged", "nightly", told)


def test_a_tree_of_the_cpu_is_right_where_there_is_no_driver() -> None:
    assert not pip("torch", machine(), index_urls=(f"{WHEELS}/nightly/cpu",)).notes
