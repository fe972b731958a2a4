"""The data of families that are told apart by spelling: its form, and what was measured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_cuda_guard import catalogue
from conda_cuda_guard.catalogue.files import folder
from conda_cuda_guard.model import PLATFORMS

if TYPE_CHECKING:
    from pathlib import Path

    from conda_cuda_guard.model.spelling import SpeltBuild

FILES = [
    path for path in sorted(folder().glob("families/*.json")) if b'"stems"' in path.read_bytes()
]
EVERY_FILE = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
FIELDS = {
    "suffix", "name", "extra", "label", "contains", "cuda", "variant", "cudnn", "releases", "known",
    "own", "python", "platforms", "libc", "capabilities", "drivers", "index", "page", "pinned",
    "fallback", "legacy",
}  # fmt: skip


def rows(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_bytes()).get("builds", [])
    return found


@EVERY_FILE
def test_a_file_says_where_it_is_from_and_names_no_registry(path: Path) -> None:
    content = json.loads(path.read_bytes())
    assert list(content)[:6] == ["table", "schema", "sources", "date", "family", "stems"]
    assert content["family"] == path.stem
    hosts = ("pypi." + "org", "files.python" + "hosted")
    assert not [host for host in hosts if host in path.read_text("utf-8")]


@EVERY_FILE
def test_the_rows_of_a_file_are_well_formed(path: Path) -> None:
    for row in rows(path):
        assert set(row) <= FIELDS
        assert set(row.get("platforms", ())) <= set(PLATFORMS)
        within = SpecifierSet(row.get("releases", ""))
        for known in (row.get("known", []), *row.get("own", {}).values()):
            assert known == sorted(known, key=Version, reverse=True)
            assert all(within.contains(number, prereleases=True) for number in known), row


def test_a_name_is_claimed_by_one_file() -> None:
    claimed: dict[str, str] = {}
    for family in catalogue.spelt_families():
        for name in family.pip_names:
            assert claimed.setdefault(name, family.name) == family.name
    assert set(claimed) == set(catalogue.names().spelt)


def test_what_is_told_apart_by_version_is_known_without_reading_the_builds() -> None:
    assert set(catalogue.spelt_families().ranged) == {
        "bitsandbytes", "ctranslate2", "cuda-bindings", "cuda-python", "onnxruntime-genai-cuda",
        "onnxruntime-gpu", "xgboost",
    }  # fmt: skip


def builds(name: str, number: str, extra: str = "") -> list[SpeltBuild]:
    """Return the builds that a known version of a distribution has."""
    family = catalogue.spelt_families().named(name)
    assert family is not None
    stem = family.stem_of(name)
    assert stem is not None
    return [
        one
        for one in family.cuda_builds
        if one.distribution(stem) == name
        and number in one.seen(stem)
        and number in one.releases
        and extra in ("", one.extra)
        and not (one.index and one.fallback)
    ]


@pytest.mark.parametrize(
    ("name", "number", "extra", "cuda", "cudnn"),
    [
        ("onnxruntime-gpu", "1.18.1", "", {"11.8"}, {"8"}),
        ("onnxruntime-gpu", "1.19.0", "", {"12"}, {"9"}),
        ("onnxruntime-gpu", "1.26.0", "", {"12"}, {"9"}),
        ("onnxruntime-gpu", "1.27.0", "", {"13"}, {"9"}),
        ("tensorflow", "2.14.1", "", {"11.8"}, {"8"}),
        ("tensorflow", "2.15.1", "", {"12.2"}, {"8"}),
        ("tensorflow", "2.16.1", "", {"12.3"}, {"8"}),
        ("tensorflow", "2.17.1", "", {"12.3"}, {"8"}),
        ("tensorflow", "2.18.0", "", {"12.5"}, {"9"}),
        ("tensorflow", "2.21.0", "", {"12.5"}, {"9"}),
        ("ctranslate2", "3.24.0", "", {"11.2"}, {"8"}),
        ("ctranslate2", "4.4.0", "", {"12"}, {"8"}),
        ("ctranslate2", "4.5.0", "", {"12"}, {"9"}),
        ("xgboost", "3.3.0", "", {"12"}, {None}),
        ("xgboost", "3.4.0", "", {"13"}, {None}),
        ("xgboost-cu12", "3.4.1", "", {"12"}, {None}),
        ("xgboost-cu13", "3.1.0", "", {"13"}, {None}),
        ("faiss-gpu", "1.15.1", "", {"12.6"}, {None}),
        ("faiss-gpu-cu12", "1.14.1.post1", "", {"12.1"}, {None}),
        ("faiss-gpu-cu11", "1.14.1.post1", "", {"11.8"}, {None}),
        ("jax", "0.12.0.1", "", {"12", "13"}, {"9"}),
        ("jax", "0.7.2", "", {"12", "13"}, {"9"}),
        ("jax", "0.7.1", "", {"12"}, {"9"}),
        ("jax", "0.4.28", "cuda12", {"12"}, {"8"}),
        ("cupy-cuda11x", "13.6.0", "", {"11.2"}, {None}),
        ("cupy-cuda13x", "13.6.0", "", {"13"}, {None}),
        ("numba-cuda", "0.19.1", "", {"12", "13"}, {None}),
        ("numba-cuda", "0.18.1", "", {"11.8", "12"}, {None}),
        ("transformer-engine", "2.20.2", "", {"12", "13"}, {None}),
        ("transformer-engine", "2.8.0", "", {"12"}, {None}),
        ("nvidia-dali-cuda130", "2.4.0", "", {"13"}, {None}),
        ("cudf-cu13", "25.10.0", "", {"13"}, {None}),
        ("cuda-python", "12.9.0", "", {"12"}, {None}),
        ("tensorrt-cu13", "10.13.2.6", "", {"13"}, {None}),
        ("tensorrt-cu11", "10.13.0.35", "", {"11"}, {None}),
        ("tensorrt-dispatch-cu12", "11.4.0.106", "", {"12"}, {None}),
        ("onnxruntime-genai-cuda", "0.13.2", "", {"12"}, {None}),
        ("holoscan", "3.6.0", "", {"12"}, {None}),
        ("holoscan-cu13", "5.0.0", "", {"13"}, {None}),
        ("nvmath-python", "0.6.0", "", {"11", "12"}, {None}),
        ("nvmath-python", "0.7.0", "", {"12", "13"}, {None}),
        ("cuda-core", "0.3.1", "", {"11", "12"}, {None}),
        ("cuda-core", "0.3.2", "", {"11", "12", "13"}, {None}),
        ("cuda-core", "0.4.0", "", {"12", "13"}, {None}),
        ("cuquantum-python-cu11", "25.6.0", "", {"11"}, {None}),
        ("cuopt-cu13", "26.10.0", "", {"13"}, {None}),
        ("distributed-ucxx-cu12", "0.50.1", "", {"12"}, {None}),
        ("qiskit-aer-gpu", "0.18.2", "", {"12"}, {None}),
    ],
)
def test_what_was_measured_is_what_the_data_says(
    name: str, number: str, extra: str, cuda: set[str], cudnn: set[str | None]
) -> None:
    found = builds(name, number, extra)
    assert {one.cuda for one in found} == cuda
    assert {one.cudnn for one in found} == cudnn


@pytest.mark.parametrize(
    ("number", "has", "lacks"),
    [
        ("0.50.2", {"11.8", "12.8", "13.0", "13.2"}, {"12.9", "12.2"}),
        ("0.49.2", {"11.8", "12.0", "12.9", "13.0"}, {"13.2"}),
        ("0.46.0", {"12.8"}, {"12.9"}),
        ("0.45.5", {"11.7", "12.8"}, {"12.9", "13.0"}),
    ],
)
def test_the_libraries_in_one_file(number: str, has: set[str], lacks: set[str]) -> None:
    found = {one.cuda for one in builds("bitsandbytes", number)}
    assert has <= found
    assert not lacks & found


@pytest.mark.parametrize(
    ("name", "number", "platform", "python", "libc"),
    [
        ("onnxruntime-gpu", "1.31.1", "linux-x86_64", "3.11", "glibc 2.28"),
        ("onnxruntime-gpu", "1.31.1", "linux-aarch64", "3.11", "glibc 2.34"),
        ("onnxruntime-gpu", "1.24.1", "linux-x86_64", "3.11", "glibc 2.27"),
        ("jax", "0.11.0", "linux-x86_64", "3.12", "glibc 2.27"),
        ("jax", "0.10.2", "linux-aarch64", "3.11", "glibc 2.27"),
        ("xgboost", "3.3.0", "linux-x86_64", "3.12", "glibc 2.28"),
        ("spconv-cu126", "2.3.8", "linux-x86_64", "3.9", "glibc 2.28"),
        ("cupy-cuda13x", "14.2.0", "linux-aarch64", "3.10", "glibc 2.17"),
        ("cudf-cu12", "26.10.2", "linux-aarch64", "3.11", "glibc 2.28"),
        ("tensorflow", "2.14.1", "linux-x86_64", "3.9", "glibc 2.17"),
        ("tensorrt-cu13", "11.4.0.106", "linux-x86_64", "3.8", "glibc 2.28"),
        ("tensorrt-cu13", "11.4.0.106", "linux-aarch64", "3.8", "glibc 2.35"),
        ("tensorrt-cu12", "10.13.0.35", "linux-aarch64", "3.8", "glibc 2.31"),
        ("cvcuda-cu12", "0.19.0", "linux-aarch64", "3.10", "glibc 2.27"),
        ("holoscan-cu13", "5.0.0", "linux-x86_64", "3.12", "glibc 2.39"),
        ("holoscan-cu12", "4.6.0", "linux-x86_64", "3.10", "glibc 2.35"),
        ("onnxruntime-genai-cuda", "0.18.0", "linux-aarch64", "3.11", "glibc 2.34"),
        ("ucxx-cu13", "0.51.0", "linux-x86_64", "3.12", "glibc 2.27"),
    ],
)
def test_the_oldest_python_and_c_library(
    name: str, number: str, platform: str, python: str, libc: str
) -> None:
    found = [one for one in builds(name, number) if platform in one.platforms]
    before = f"3.{int(python[2:]) - 1}"
    assert {one.libc for one in found} == {libc}
    assert all(one.is_for(platform, python) and not one.is_for(platform, before) for one in found)


def test_tensorrt_has_files_for_no_newer_python_than_tensorflow_2_14_can_use() -> None:
    assert not any(one.is_for("linux-x86_64", "3.11") for one in builds("tensorflow", "2.14.1"))


def test_a_family_that_shares_cudnn_says_which_it_loads() -> None:
    for family in catalogue.spelt_families():
        if "cudnn.major" in family.shares:
            assert all(one.cudnn in ("8", "9") for one in family.cuda_builds), family.name


def test_onnxruntime_genai_loads_cuda_13_since_0_15_on_linux() -> None:
    """Read from the names of the libraries that its files load; on Windows no version is named."""
    found = builds("onnxruntime-genai-cuda", "0.15.0")
    assert {one.cuda for one in found if "linux-x86_64" in one.platforms} == {"13"}
    assert {one.cuda for one in found if "windows-amd64" in one.platforms} == {"12"}


def test_tensorrt_for_cuda_12_has_no_newer_files_for_aarch64() -> None:
    newest = builds("tensorrt-cu12", "11.4.0.106")
    assert not any(one.is_for("linux-aarch64", "3.12") for one in newest)


def test_the_libraries_for_cuda_11_end_where_their_files_do() -> None:
    assert not builds("cvcuda-cu11", "0.16.0")
    assert not builds("nvidia-nvimgcodec-cu11", "0.7.0.11")
