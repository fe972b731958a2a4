"""What an address is: by data and by its place in the URL (contract, section 5)."""

from __future__ import annotations

import pytest

from conda_cuda_guard import catalogue
from conda_cuda_guard.planner.address_kind import (
    ACCELERATOR,
    BOARD,
    OTHER,
    PROJECT,
    TREE,
    WHEELS,
    classify,
)

TORCH = "https://download.pytorch.org/whl"


@pytest.mark.parametrize(
    ("url", "kind", "variant", "release"),
    [
        (f"{TORCH}/cu121", WHEELS, "cu121", ""),
        (f"{TORCH}/cpu/", WHEELS, "cpu", ""),
        (f"{TORCH}/lts/1.8/cu111", WHEELS, "cu111", ""),
        (f"{TORCH}/cu113/torch_stable.html", WHEELS, "cu113", ""),
        ("https://mirror.example/pytorch/cu118", WHEELS, "cu118", ""),
        (f"{TORCH}/nightly/cu132", TREE, "cu132", ""),
        (f"{TORCH}/test/cu128", TREE, "cu128", ""),
        (f"{TORCH}/nightly", TREE, "", ""),
        ("https://mirror.example/whl/nightly/cu126", TREE, "cu126", ""),
        ("https://devpi.example/team/test/+simple/", OTHER, "", ""),
        ("https://example.org/test/whl/cu121", WHEELS, "cu121", ""),
        ("./test/wheels", OTHER, "", ""),
        ("https://example.org/nightly/simple", OTHER, "", ""),
        (f"{TORCH}/rocm6.4", ACCELERATOR, "rocm6.4", ""),
        (f"{TORCH}/nightly/rocm7.0/", ACCELERATOR, "rocm7.0", ""),
        (f"{TORCH}/xpu", ACCELERATOR, "xpu", ""),
        ("https://repo.radeon.com/rocm/manylinux/rocm-rel-6.4/", ACCELERATOR, "", ""),
        ("https://rocm.nightlies.amd.com/v2/gfx120X-all/", ACCELERATOR, "", ""),
        ("https://wheels.vllm.ai/rocm/", ACCELERATOR, "", ""),
        (
            "https://pytorch-extension.intel.com/release-whl/stable/xpu/us/",
            ACCELERATOR, "", "",
        ),
        ("https://pypi.jetson-ai-lab.io/jp6/cu126", BOARD, "cu126", ""),
        ("http://127.0.0.1:8000/jp6/cu126", BOARD, "cu126", ""),
        ("https://data.pyg.org/whl/torch-2.1.0+cu118.html", PROJECT, "cu118", "2.1.0"),
        ("https://data.pyg.org/whl/torch-2.1.0%2Bcu118.html", PROJECT, "cu118", "2.1.0"),
        ("http://127.0.0.1:8000/pyg/torch-2.1.0+cpu.html", PROJECT, "cpu", "2.1.0"),
        (
            "https://download.openmmlab.com/mmcv/dist/cu118/torch2.1/index.html",
            PROJECT, "cu118", "2.1",
        ),
        ("https://data.dgl.ai/wheels/torch-2.4/cu121/repo.html", PROJECT, "cu121", "2.4"),
        ("https://huggingface.github.io/autogptq-index/whl/cu118/", PROJECT, "", ""),
        ("https://abetlen.github.io/llama-cpp-python/whl/cu124", PROJECT, "", ""),
        (f"{TORCH}/torch_stable.html", OTHER, "", ""),
        ("https://example.org/torch-cu121-tools/simple", OTHER, "", ""),
    ],
)  # fmt: skip
def test_an_address_is_what_its_place_says(url: str, kind: str, variant: str, release: str) -> None:
    found = classify(url, catalogue.family())
    assert (found.kind, found.variant, found.release) == (kind, variant, release)


def test_what_was_seen_to_list_nothing_of_the_family_is_another_projects() -> None:
    url = "https://somebody.example/whl/cu118"
    assert classify(url, catalogue.family(), frozenset({url})).kind == PROJECT
