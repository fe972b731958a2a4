"""One reading of CUDA versions, in labels, build strings and what people write."""

from __future__ import annotations

import pytest

from conda_cuda_guard import catalogue
from conda_cuda_guard.model.versions import cuda_in_build, cuda_of, read_cuda, variant_of
from conda_cuda_guard.planner.check_solution import cuda_of_build
from conda_cuda_guard.planner.conda_parse import read_conda


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("cu121", (12, 1)),
        ("cuda12.1", (12, 1)),
        ("cuda121", (12, 1)),
        ("cuda12", (12, None)),
        ("cuda15", (15, None)),
        ("cu13", (13, None)),
        ("12.1", (12, 1)),
        ("12", (12, None)),
        ("12.10", (12, 10)),
        ("12.1.105", (12, 1)),
        ("cu1210", (12, 10)),
        ("cu92", (9, 2)),
        ("cuda75", (7, 5)),
        ("cuda100", (10, 0)),
        ("CU118", (11, 8)),
        ("cuda-12.4", (12, 4)),
        ("9", (9, None)),
        ("cpu", None),
        ("rocm6.0", None),
        ("cudnn8", None),
        ("cu", None),
        ("", None),
        ("cu12101", None),
    ],
)
def test_a_cuda_version(text: str, read: tuple[int, int | None] | None) -> None:
    assert read_cuda(text) == read


@pytest.mark.parametrize(
    ("build", "cuda", "range_"),
    [
        ("py3.11_cuda12.1_cudnn8.9.2_0", "12.1", "==12.1"),
        ("py3.9_cuda10.2_cudnn7.6.5_0", "10.2", "==10.2"),
        ("py3.6_cuda9.2.148_cudnn7.6.3_0", "9.2", "==9.2"),
        ("cuda129_mkl_py311_h0123456_301", "12.9", "==12.9"),
        ("cuda118py311h0123456_200", "11.8", "==11.8"),
        ("cuda92py37h0123456_0", "9.2", "==9.2"),
        ("cuda12_h0123456_0", "12.0", "==12.*"),
        ("cuda15_h0123456_0", "15.0", "==15.*"),
        ("cuda150_h0123456_0", "15.0", "==15.0"),
        ("*cuda12*", "12.0", "==12.*"),
        ("*cuda12.1*", "12.1", "==12.1"),
        ("*cuda112*", "11.2", "==11.2"),
        ("*cu121", "12.1", "==12.1"),
    ],
)
def test_every_reader_of_a_build_string_says_the_same(build: str, cuda: str, range_: str) -> None:
    assert cuda_of_build(build) == cuda
    found = cuda_in_build(build)
    assert found is not None
    assert str(found.range) == range_
    wish = read_conda(f"pytorch=*={build}", catalogue.family()).wish
    assert wish is not None
    assert str(wish.cuda) == range_


@pytest.mark.parametrize("build", ["cpu_mkl_py311_h0123456_101", "py3.11_cpu_0", "*cuda*", "0", ""])
def test_a_build_string_that_names_none(build: str) -> None:
    assert cuda_of_build(build) is None


@pytest.mark.parametrize(
    ("variant", "cuda"),
    [("cu121", "12.1"), ("cu92", "9.2"), ("cu100", "10.0"), ("cpu", None), ("cu12", None)]
    + [(bad, None) for bad in ("rocm6.0", "xpu", "", "cuda121", "121")],
)
def test_the_cuda_of_a_variant(variant: str, cuda: str | None) -> None:
    assert cuda_of(variant) == cuda
    assert cuda is None or variant_of(cuda) == variant
