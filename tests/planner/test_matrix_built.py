"""The matrix of what is built against the lead: a cell has a file, or the reason for none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.model import PLATFORMS, Host, Request
from conda_cuda_guard.planner.matrix_built import make_built_matrix
from conda_cuda_guard.rendering.messages import message
from conda_cuda_guard.sources.builtin import from_catalogue

from .machines import A100, GTX_1080, LINUX, NEWEST, NO_DRIVER, WINDOWS, machine, pip

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue
    from conda_cuda_guard.planner.matrix import Matrix, MatrixCell, MatrixRow

KNOWN = tuple(build for name in PLATFORMS for build in from_catalogue("pip", name).builds)
MAC = Host("macos-arm64", "3.11")
ON_WINDOWS = replace(A100, platform=WINDOWS)
ANY_PYTHON = replace(A100, python=None)


def matrix(
    asked: str, host: Host = A100, *, every: bool = True, there: Catalogue | None = None
) -> Matrix:
    catalogue = there or from_catalogue("pip", host.platform)
    return make_built_matrix(Request("pip", (asked,), (host,)), catalogue, KNOWN, every_patch=every)


def row(found: Matrix, minor: str) -> MatrixRow:
    return next(row for row in found.rows if row.release == minor)


def cell(found: Matrix, minor: str, variant: str) -> MatrixCell:
    return next(one for one in row(found, minor).cells if one.variant == variant)


CELLS = [
    ("flash-attn", A100, "2.5", "cu121", "direct", "driver-direct gpu-covered"),
    ("flash-attn", A100, "2.8", "cu129", "minor-compatible", "driver-minor-compatible gpu-covered"),
    ("flash-attn", A100, "2.8", "cu130", "absent", "variant-not-made"),
    ("flash-attn", A100, "2.10", "cu130", "no", "python-not-covered"),
    ("flash-attn", NEWEST, "2.10", "cu130", "direct", "driver-direct gpu-covered"),
    ("flash-attn", GTX_1080, "2.8", "cu129", "no", "gpu-not-covered"),
    ("flash-attn", ON_WINDOWS, "2.8", "cu129", "no", "platform-not-covered"),
    ("flash-attn", NO_DRIVER, "2.4", "cu121", "cpu-only", "no-driver"),
    ("torch-scatter", A100, "2.12", "cu130", "no", "cuda-newer-than-driver"),
    ("torch-scatter", NO_DRIVER, "2.12", "cpu", "cpu-only", "cpu-build"),
    ("mmcv", A100, "2.4", "cu121", "direct", "driver-direct gpu-covered"),
    ("mmcv", ON_WINDOWS, "2.4", "cu121", "no", "platform-not-covered"),
    ("mmcv", ON_WINDOWS, "2.3", "cu121", "direct", "driver-direct gpu-covered"),
    ("mmcv", MAC, "2.4", "cpu", "no", "platform-not-covered"),
    ("mmcv", NEWEST, "2.0", "cu118", "no", "python-not-covered"),
    ("mmcv", ANY_PYTHON, "2.0", "cu118", "direct", "driver-direct gpu-covered"),
    ("mmcv", A100, "2.3", "cpu", "cpu-only", "cpu-build"),
]


@pytest.mark.parametrize(("package", "host", "minor", "variant", "state", "codes"), CELLS)
def test_a_cell_and_all_of_its_reasons(  # noqa: PLR0913
    package: str, host: Host, minor: str, *, variant: str, state: str, codes: str
) -> None:
    found = cell(matrix(package, host), minor, variant)
    assert (found.release, found.state) == (minor, state)
    assert [note.code for note in found.reasons] == codes.split()
    for note in found.reasons:
        assert "{" not in message(note)


def test_a_gpu_without_code_and_a_driver_that_is_too_old_are_both_told() -> None:
    found = cell(matrix("flash-attn", machine("470.57.02", None, "7.5")), "2.5", "cu121")
    assert found.state == "no"
    assert [note.code for note in found.reasons] == ["cuda-newer-than-driver", "gpu-not-covered"]


@pytest.mark.parametrize(
    ("package", "minor", "numbers"),
    [
        ("flash-attn", "2.5", ("2.8.3.post1", "2.7.3")),
        ("flash-attn", "2.10", ()),  # its files are for Python 3.12
        ("flash-attn<2.6", "2.3", ("2.5.8",)),
        ("torch-scatter", "2.8", ("2.1.2",)),
        ("mmcv", "2.4", ("2.2.0",)),
    ],
)
def test_the_versions_that_a_series_has_files_of(
    package: str, minor: str, numbers: tuple[str, ...]
) -> None:
    found = row(matrix(package), minor)
    assert (found.belongs, bool(found.choice)) == (numbers, bool(numbers))


@pytest.mark.parametrize("package", ["flash-attn", "torch-scatter", "mmcv", "natten"])
@pytest.mark.parametrize("host", [A100, NEWEST])
def test_what_is_marked_is_what_a_plan_takes(package: str, host: Host) -> None:
    found = matrix(package, host)
    assert (found.package, found.against) == (package, "torch")
    plan = pip(package, host)
    assert found.choice is not None
    minor, variant = found.choice
    assert plan.packages["torch"].startswith(f"{minor}.")
    assert plan.variant == variant
    assert row(found, minor).choice == variant
    assert plan.packages[package].partition("+")[0] in row(found, minor).belongs


@pytest.mark.parametrize(
    ("package", "host"),
    [
        ("flash-attn", GTX_1080),
        ("flash-attn", NO_DRIVER),
        ("flash-attn", ON_WINDOWS),
        ("mmcv", MAC),
    ],
)
def test_where_no_file_is_taken_nothing_is_marked(package: str, host: Host) -> None:
    found = matrix(package, host)
    assert {found.choice, *(one.choice for one in found.rows)} == {None}


def test_series_and_variants_that_are_shown() -> None:
    found = matrix("mmcv", every=False)
    assert [one.release for one in found.rows] == ["2.4", "2.3", "2.2", "2.1", "2.0", "1.13"]
    assert found.variants == ("cu121", "cu118", "cu117", "cu116", "cpu")
    every = matrix("mmcv")
    assert {one.state for one in row(every, "2.14").cells} == {"absent"}
    assert every.variants == found.variants
    # Where versions are named, a series without them says nothing.
    assert [one.release for one in matrix("flash-attn<2.6").rows][:2] == ["2.3", "2.2"]


def test_what_the_index_in_use_lacks_is_not_called_never_made() -> None:
    full = from_catalogue("pip", LINUX)
    less = replace(full, builds=tuple(one for one in full.builds if one.variant != "cu121"))
    found = matrix("mmcv", there=less)
    (note,) = cell(found, "2.4", "cu121").reasons
    assert (note.code, note.facts["build"]) == ("index-lacks-variant", "mmcv for torch 2.4 (cu121)")
    assert row(found, "2.4").choice == "cu118"
