from __future__ import annotations

import pytest

from conda_cuda_guard.catalogue import closest_gpu_names, gpu_capability

from .gpu_names_seen import SEEN


@pytest.mark.parametrize(
    ("name", "capability"),
    [
        ("NVIDIA GeForce RTX 4090", "8.9"),
        ("rtx4090", "8.9"),
        ("4090", "8.9"),
        ("RTX 4070TiSuper", "8.9"),
        ("NVIDIA A100-SXM4-40GB", "8.0"),
        ("NVIDIA A100-SXM4-40GB MIG 1g.5gb", "8.0"),
        ("A100", "8.0"),
        ("a100 80 GB", "8.0"),
        ("H100 80GB HBM3", "9.0"),
        ("NVIDIA H100 PCIe", "9.0"),
        ("GH200 480GB", "9.0"),
        ("B200", "10.0"),
        ("NVIDIA B300 SXM6 AC", "10.3"),
        ("RTX 5090", "12.0"),
        ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "12.0"),
        ("NVIDIA GB10", "12.1"),
        ("Tesla V100-SXM2-16GB", "7.0"),
        ("Tesla T4", "7.5"),
        ("Tesla C2070", "2.0"),
        ("GTX 1080", "6.1"),
        ("1080 Ti", "6.1"),
        ("NVIDIA GeForce RTX 3060 Laptop GPU", "8.6"),
        ("GeForce GTX 1650 with Max-Q Design", "7.5"),
        ("TITAN X (Pascal)", "6.1"),
        ("GeForce GTX TITAN X", "5.2"),
        ("GeForce GT 640 (GDDR5)", "3.5"),
        ("GeForce GT 640 (GDDR3)", "2.1"),
        ("Quadro T1000", "7.5"),
    ],
)
def test_name_is_found(name: str, capability: str) -> None:
    assert gpu_capability(name) == capability


@pytest.mark.parametrize(
    ("name", "capability"),
    [
        ("NVIDIA RTX 6000 Ada Generation", "8.9"),
        ("NVIDIA RTX A6000", "8.6"),
        ("A6000", "8.6"),
        ("Quadro RTX 6000", "7.5"),
        ("RTX 6000", None),
    ],
)
def test_three_cards_called_6000_stay_apart(name: str, capability: str | None) -> None:
    assert gpu_capability(name) == capability


@pytest.mark.parametrize(
    "name",
    [
        "A100Y",
        "GT 640",
        "RTX 9090",
        "Radeon RX 7900 XTX",
        "NVIDIA",
        "GPU 0",
        "",
        "RTX9090-24Q",
        "GRID X1-3Q",
        "RTX-4Q",
        "-4Q",
        "GRID",
        "A40-48",
        "NVIDIA Graphics Device",
        "D",
        "4080 D",
        "1080 D",
        "A40D-48Q",
    ],
)
def test_unknown_name_is_not_guessed(name: str) -> None:
    assert gpu_capability(name) is None


@pytest.mark.parametrize(("name", "capability"), SEEN, ids=[name for name, _ in SEEN])
def test_a_name_that_was_seen_is_found(name: str, capability: str) -> None:
    assert gpu_capability(name) == capability


def test_closest_names_start_with_the_likeliest() -> None:
    assert closest_gpu_names("A100Y")[0] == "NVIDIA A100"
    assert "GeForce RTX 4090" in closest_gpu_names("RTX 4900")
    assert closest_gpu_names("zzzz") == ()
