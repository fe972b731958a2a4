"""CUDA_VISIBLE_DEVICES, read as CUDA reads it."""

from __future__ import annotations

import pytest

from conda_cuda_guard.host.finding import Finding
from conda_cuda_guard.host.visibility import mig_ids, visible
from conda_cuda_guard.model import Gpu

GPUS = tuple(Gpu(f"NVIDIA {letter}", "8.0") for letter in "ABC")
UUIDS = ("GPU-aaaa1111-0", "GPU-aaaa2222-0", "GPU-cccc3333-0")
FOUND = Finding("nvml", gpus=GPUS, uuids=UUIDS, parents={"MIG-x": UUIDS[2]})
MIXED = Finding("nvml", gpus=(Gpu("a", "7.5"), Gpu("b", "8.6")), uuids=("GPU-1", "GPU-2"))


def _names(wish: str, finding: Finding = FOUND, **environ: str) -> str:
    gpus, _ = visible(finding, {"CUDA_VISIBLE_DEVICES": wish, **environ})
    return "".join((gpu.name or "?")[-1] for gpu in gpus or ())


@pytest.mark.parametrize(
    ("wish", "names"),
    [
        ("0", "A"),
        ("2,0", "CA"),
        (" 1 , 2 ", "BC"),
        ("0,1,2", "ABC"),
        ("0,0", "A"),
        ("", ""),
        ("-1", ""),
        ("-1,0", ""),
        ("0,-1,1", "A"),
        ("0,7,1", "A"),
        ("7", ""),
        ("NoDevFiles", ""),
        ("1,nonsense,0", "B"),
        ("GPU-aaaa2222-0", "B"),
        ("GPU-cccc", "C"),
        ("gpu-cccc", ""),
        ("GPU-CCCC", "C"),
        ("GPU-aaaa", ""),
        ("GPU-dddd", ""),
        ("GPU-cccc,0", "CA"),
        ("MIG-x", "C"),
        ("MIG-unknown", "ABC"),
        ("MIG-GPU-aaaa1111-0/1/0", "A"),
    ],
)
def test_entries(wish: str, names: str) -> None:
    assert _names(wish) == names


def test_unset_leaves_all() -> None:
    assert visible(FOUND, {}) == (GPUS, None)


def test_unknown_gpus_stay_unknown() -> None:
    assert visible(None, {"CUDA_VISIBLE_DEVICES": "0"}) == (None, None)
    assert visible(None, {"CUDA_VISIBLE_DEVICES": "-1"})[0] == ()


def test_the_note_counts_what_is_left() -> None:
    assert (
        visible(FOUND, {"CUDA_VISIBLE_DEVICES": "1,2"})[1] == "CUDA_VISIBLE_DEVICES leaves 2 GPU(s)"
    )
    assert visible(FOUND, {"CUDA_VISIBLE_DEVICES": "2,1,0"})[1] is None


@pytest.mark.parametrize(
    ("finding", "environ", "names"),
    [
        (MIXED, {}, "ab"),
        (MIXED, {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, "b"),
        (Finding("libcuda", gpus=MIXED.gpus), {}, "b"),
    ],
    ids=["order unknown", "order of the bus", "order of CUDA"],
)
def test_counting_different_gpus(finding: Finding, environ: dict[str, str], names: str) -> None:
    assert _names("1", finding, **environ) == names


def test_different_gpus_by_uuid() -> None:
    assert _names("GPU-2", MIXED) == "b"
    assert _names("GPU-2", Finding("kernel", gpus=MIXED.gpus, uuids=(None, "GPU-2"))) == "ab"


def test_mig_ids() -> None:
    assert mig_ids({"CUDA_VISIBLE_DEVICES": "0,MIG-x, MIG-GPU-y/1/0"}) == ["MIG-x", "MIG-GPU-y/1/0"]
    assert mig_ids({}) == []
