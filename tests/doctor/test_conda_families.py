"""`pipcuda doctor` on what conda installed beside torch, by its records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .test_families import commands, link, newer, problems

if TYPE_CHECKING:
    from .patients import Patient

__all__ = ["newer"]

_TORCH = ("pytorch >=2.10.0,<2.11.0a0", "pytorch * cuda*")


def test_what_belongs_to_condas_torch_is_well(newer: Patient) -> None:
    newer.record("pytorch", "2.10.0", "cuda130_mkl_py311_h1_301")
    newer.torch("2.10.0", "13.0", installer="conda")
    newer.record(
        "xformers", "0.0.34", "cuda_130py310h1234567_0", *_TORCH, "cuda-version >=13.0,<14"
    )
    newer.record("pytorch_cluster", "1.6.3", "py311h1234567_11", _TORCH[0])
    report = newer.report()
    assert (report["healthy"], report["problems"]) == (True, [])
    assert link(report)["value"] == (
        "pytorch_cluster 1.6.3 (py311h1234567_11), xformers 0.0.34 (cuda_130py310h1234567_0)"
    )


def test_a_cpu_build_of_condas_is_found(newer: Patient) -> None:
    newer.record("onnxruntime", "1.22.0", "py311h1_0_cpu")
    report = newer.report()
    assert problems(report) == {"cuda-package-on-cpu": "warning"}
    assert commands(report, "cuda-package-on-cpu")[0] == (
        f"conda cuda-install -p {newer.env} onnxruntime"
    )


def test_a_build_of_condas_for_a_newer_driver_is_found(patient: Patient) -> None:
    patient.record("flash-attn", "2.8.3", "py311h1_3", *_TORCH, "cuda-version >=13.0,<14.0a0")
    report = patient.report()
    assert problems(report) == {"cuda-package-does-not-run": "error"}
    said = "flash-attn 2.8.3 (py311h1_3) is built for CUDA 13.0, the driver runs up to CUDA 12.2"
    assert link(report)["details"] == [f"too new: {said}"]
    assert commands(report, "cuda-package-does-not-run")[0] == (
        f"conda cuda-install -p {patient.env} pytorch flash-attn"
    )


def test_one_that_belongs_to_another_torch_is_found(newer: Patient) -> None:
    newer.torch("2.11.0+cu130", "13.0")  # pip's, which came over conda's
    newer.record("xformers", "0.0.34", "cuda_130py310h1_0", *_TORCH)
    report = newer.report()
    assert problems(report) == {"follower-of-another-torch": "warning"}
    assert (
        "belongs to torch >=2.10.0,<2.11.0a0, 2.11.0+cu130 is there" in link(report)["details"][0]
    )
    assert commands(report, "follower-of-another-torch")[0] == (
        f"conda cuda-install -p {newer.env} pytorch xformers"
    )


@pytest.mark.parametrize("text", ["{", "[]", '{"depends": 1}', '{"depends": [1]}'])
def test_a_record_that_makes_no_sense_tells_nothing_of_torch(newer: Patient, text: str) -> None:
    newer.torch("2.11.0+cu130", "13.0")
    newer.record("xformers", "0.0.34", "cuda_130py310h1_0", *_TORCH)
    (record,) = newer.env.glob("conda-meta/xformers-*.json")
    record.write_text(text)
    assert problems(newer.report()) == {}
