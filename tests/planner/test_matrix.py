"""The matrix: every cell says what the planner says of the same build, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.model import PLATFORMS, Gpu, Host, Request
from conda_cuda_guard.planner.matrix import make_matrix
from conda_cuda_guard.planner.matrix_follower import make_follower_matrix
from conda_cuda_guard.planner.matrix_spelt import make_spelt_matrix
from conda_cuda_guard.rendering.messages import message
from conda_cuda_guard.sources.builtin import from_catalogue

from .machines import (
    A100,
    AARCH64,
    GTX_1080,
    LINUX,
    NEWEST,
    NO_DRIVER,
    RTX_5090,
    WINDOWS,
    machine,
    pip,
)

if TYPE_CHECKING:
    from conda_cuda_guard.planner.matrix import Matrix, MatrixCell

KNOWN = tuple(build for name in PLATFORMS for build in from_catalogue("pip", name).builds)
MAC = Host("macos-arm64", "3.11")


def matrix(
    *hosts: Host, asked: str = "torch", every: bool = True, policy: str = "auto", cpu: bool = False
) -> Matrix:
    request = Request("pip", (asked,), hosts, policy, cpu=cpu)
    return make_matrix(request, from_catalogue("pip", hosts[0].platform), KNOWN, every_patch=every)


def cell(found: Matrix, release: str, variant: str) -> MatrixCell:
    row = next(row for row in found.rows if row.release == release)
    return next(one for one in row.cells if one.variant == variant)


CELLS = [
    (A100, "2.1.2", "cu121", "direct", "driver-direct gpu-covered"),
    (A100, "2.5.1", "cu124", "minor-compatible", "driver-minor-compatible gpu-covered"),
    (A100, "2.14.1", "cu130", "no", "cuda-newer-than-driver"),
    (A100, "1.12.1", "cu113", "no", "python-not-covered"),
    (A100, "1.12.1", "cu102", "no", "gpu-not-covered python-not-covered"),
    (A100, "2.1.2", "cu124", "absent", "variant-not-made"),
    (A100, "2.1.2", "cpu", "cpu-only", "cpu-build"),
    (GTX_1080, "2.14.1", "cu132", "no", "cuda-newer-than-driver gpu-not-covered"),
    (GTX_1080, "2.14.1", "cu126", "minor-compatible", "driver-minor-compatible gpu-covered"),
    (RTX_5090, "2.6.0", "cu126", "no", "gpu-not-covered"),
    (RTX_5090, "2.7.1", "cu128", "direct", "driver-direct gpu-covered"),
    (machine("535.104.05"), "2.1.2", "cu121", "direct", "driver-direct no-gpu-known"),
    (NO_DRIVER, "2.1.2", "cu121", "cpu-only", "no-driver"),
    (NO_DRIVER, "1.12.1", "cu113", "no", "python-not-covered"),
    (MAC, "2.1.2", "cu121", "no", "platform-not-covered"),
    (MAC, "2.1.2", "cpu", "cpu-only", "cpu-build"),
    (replace(A100, platform=AARCH64), "2.5.1", "cu121", "no", "platform-not-covered"),
    (replace(NEWEST, python="3.14t"), "2.9.1", "cu130", "direct", "driver-direct gpu-covered"),
    (replace(NEWEST, python="3.12t"), "2.9.1", "cu130", "no", "python-not-covered"),
    (replace(A100, python=None), "1.12.1", "cu113", "direct", "driver-direct gpu-covered"),
    (replace(A100, libc="glibc 2.17"), "2.9.1", "cu126", "no", "libc-too-old"),
    (replace(A100, libc="musl 1.2"), "2.1.2", "cpu", "no", "libc-too-old"),
]


@pytest.mark.parametrize(("host", "release", "variant", "state", "codes"), CELLS)
def test_a_cell_and_all_of_its_reasons(
    host: Host, release: str, variant: str, state: str, codes: str
) -> None:
    # Beside 2.5.1, so that there is a column for cu124.
    found = cell(matrix(host), release, variant)
    assert found.state == state
    assert [note.code for note in found.reasons] == codes.split()
    for note in found.reasons:
        assert message(note).endswith((".", "checked."))
        assert "{" not in message(note)


@pytest.mark.parametrize(
    "host", [A100, GTX_1080, RTX_5090, NEWEST, machine("535.104.05"), machine(None, "11.4", "7.0")]
)
@pytest.mark.parametrize("policy", ["auto", "strict"])
def test_a_cell_fits_just_where_a_plan_keeps_that_build(host: Host, policy: str) -> None:
    for row in matrix(host, policy=policy).rows:
        for one in row.cells:
            if one.variant == "cpu" or one.state == "absent":
                continue
            plan = pip(f"torch=={one.release}+{one.variant}", host, policy=policy)
            kept = plan.status == "ok" and plan.variant == one.variant
            assert kept == (one.state in ("direct", "minor-compatible")), (one, plan)


@pytest.mark.parametrize("host", [A100, GTX_1080, RTX_5090, NO_DRIVER, MAC])
def test_what_is_marked_is_what_a_plan_takes(host: Host) -> None:
    found = matrix(host)
    for row in found.rows:
        assert row.choice == pip(f"torch=={row.release}", host).variant, row.release
    taken = pip("torch", host)
    assert found.choice == (taken.packages["torch"].partition("+")[0], taken.variant)


def test_a_refused_request_marks_nothing() -> None:
    found = matrix(A100, asked="torch>=2.15")
    assert (found.choice, found.rows[0].choice) == (None, None)
    assert found.plan.status == "refused"
    assert matrix(Host(LINUX, "3.11", gpus=(Gpu("A100", "8.0"),))).choice is None


def test_strict_says_that_it_is_the_policy() -> None:
    found = cell(matrix(A100, policy="strict"), "2.14.1", "cu126")
    assert found.state == "no"
    assert [note.case for note in found.reasons] == ["strict"]
    # A CUDA of a newer major version is not the policy's doing.
    assert cell(matrix(A100, policy="strict"), "2.14.1", "cu130").reasons[0].case == ""


def test_ptx_that_only_a_newer_driver_compiles_is_told_apart() -> None:
    # A GPU of a generation to come: it lives by the PTX that its driver compiles.
    found = matrix(machine("580.65.06", "13.0", "13.0"))
    (note,) = cell(found, "2.14.1", "cu132").reasons
    assert (note.code, note.case) == ("gpu-not-covered", "ptx")
    assert "580.65.06" in message(note)
    assert cell(found, "2.14.1", "cu130").state == "direct"


def test_every_machine_must_run_it() -> None:
    found = matrix(A100, machine("580.65.06", None, "6.1"), machine("580.65.06", None, "12.0"))
    reasons = cell(found, "2.14.1", "cu126").reasons
    assert [note.code for note in reasons] == ["gpu-not-covered"]
    assert "12.0" in message(reasons[0])


def test_without_all_it_is_the_newest_patch_for_this_platform() -> None:
    shown = [row.release for row in matrix(A100, every=False).rows]
    assert shown[:3] == ["2.15.0", "2.14.1", "2.13.0"]
    assert "2.1.1" not in shown
    assert "1.1.0" in shown  # 1.1.0.post2 was made for other platforms alone
    everything = [row.release for row in matrix(A100).rows]
    assert {"2.1.1", "1.1.0.post2"} <= set(everything)


def test_what_is_taken_is_shown_though_it_is_no_newest_patch() -> None:
    full = from_catalogue("pip", LINUX)
    kept = [b for b in full.builds if (b.release, b.variant) != ("2.14.1", "cu126")]
    less = replace(full, builds=tuple(kept))
    found = make_matrix(Request("pip", ("torch",), (A100,)), less, KNOWN, every_patch=False)
    assert found.choice == ("2.14.0", "cu126")
    assert [row.release for row in found.rows][:4] == ["2.15.0", "2.14.1", "2.14.0", "2.13.0"]


def test_the_newest_patch_is_of_those_that_the_request_allows() -> None:
    shown = [row.release for row in matrix(A100, asked="torch!=2.1.2", every=False).rows]
    assert "2.1.1" in shown
    assert "2.1.2" not in shown


def test_only_variants_of_the_rows_shown_have_a_column() -> None:
    assert matrix(A100, asked="torch==2.1.*").variants == ("cu121", "cu118", "cpu")
    assert matrix(A100).variants[-4:] == ("cu92", "cu90", "cu80", "cpu")


def test_what_the_index_in_use_lacks_is_not_called_never_made() -> None:
    full = from_catalogue("pip", LINUX)
    less = replace(full, builds=tuple(b for b in full.builds if b.variant != "cu121"))
    found = make_matrix(Request("pip", ("torch==2.1.2",), (A100,)), less, KNOWN)
    (note,) = cell(found, "2.1.2", "cu121").reasons
    assert (note.code, found.rows[0].choice) == ("index-lacks-variant", "cu118")


def test_an_index_that_has_it_for_this_python_speaks_for_the_cell() -> None:
    full = from_catalogue("pip", LINUX)
    old = [replace(b, pythons=frozenset({"3.6"}), base="http://m.example") for b in full.builds]
    both = replace(full, builds=(*old, *full.builds))
    found = make_matrix(Request("pip", ("torch==2.1.2",), (A100,)), both, KNOWN)
    assert cell(found, "2.1.2", "cu121").state == "direct"


def test_cpu_marks_the_cpu_build_and_judges_the_others_all_the_same() -> None:
    found = matrix(A100, cpu=True)
    assert found.choice == ("2.15.0", "cpu")
    assert cell(found, "2.1.2", "cu121").state == "direct"


def test_the_patches_of_one_minor_version_are_told_apart() -> None:
    found = matrix(A100, asked="torch==2.1.*", every=False)
    assert [row.release for row in found.rows] == ["2.1.2", "2.1.1", "2.1.0"]


def follower(package: str, host: Host, *, every: bool = True) -> Matrix:
    known = from_catalogue("pip", host.platform)
    request = Request("pip", (package,), (host,))
    name = package.partition("<")[0]
    return make_follower_matrix(name, request, known, KNOWN, every_patch=every)


T4 = machine("580.95.05", None, "7.5", python="3.12")
FOLLOWERS = [
    (A100, "xformers", "0.0.22", "cu118", "direct", "driver-direct"),
    (replace(A100, python="3.13"), "xformers", "0.0.22", "cu118", "no", "python-not-covered"),
    (MAC, "torchcodec", "0.1.0", "cu121", "no", "platform-not-covered"),
    (replace(NEWEST, libc="glibc 2.17"), "vllm", "0.33.0", "cu130", "no", "libc-too-old"),
    (replace(NEWEST, python="3.14"), "vllm", "0.19.1", "cu128", "no", "python-not-covered"),
    (replace(NEWEST, platform=WINDOWS), "vllm", "0.33.0", "cu130", "no", "platform-not-covered"),
    (T4, "fbgemm-gpu", "1.9.0", "cu130", "no", "gpu-not-covered"),
    (T4, "fbgemm-gpu", "1.9.0", "cpu", "cpu-only", "cpu-build"),
]


@pytest.mark.parametrize(("host", "package", "version", "variant", "state", "code"), FOLLOWERS)
def test_a_cell_of_what_belongs_to_the_lead(  # noqa: PLR0913
    host: Host, package: str, version: str, *, variant: str, state: str, code: str
) -> None:
    found = follower(package, host)
    one = cell(found, version, variant)
    assert one.state == state
    assert code in [note.code for note in one.reasons]


def test_the_versions_of_a_follower_that_are_shown() -> None:
    assert len(follower("xformers<0.0.30", A100).rows) > len(
        follower("xformers<0.0.30", A100, every=False).rows
    )


def test_a_family_that_another_index_serves_marks_nothing() -> None:
    known = replace(from_catalogue("pip", LINUX), served={"cupy": "https://own.example/simple"})
    found = make_spelt_matrix(Request("pip", ("cupy",), (A100,)), known, every_patch=False)
    assert len(found.rows) > 5
    assert {found.choice, *(row.choice for row in found.rows)} == {None}


@pytest.mark.parametrize(
    ("host", "state", "codes"),
    [
        (NEWEST, "direct", ["driver-direct", "gpu-covered"]),
        (GTX_1080, "no", ["cuda-newer-than-driver", "gpu-not-covered"]),
        (replace(NEWEST, python="3.7"), "no", ["python-not-covered"]),
    ],
)
def test_a_cell_of_a_family_that_is_told_apart_by_its_spelling(
    host: Host, state: str, codes: list[str]
) -> None:
    known = from_catalogue("pip", LINUX)
    found = make_spelt_matrix(Request("pip", ("cupy",), (host,)), known)
    one = cell(found, "14.1.1", "cu13")
    assert (one.state, [note.code for note in one.reasons]) == (state, codes)


def test_a_cpu_build_of_such_a_family_and_the_releases_that_are_allowed() -> None:
    known = from_catalogue("pip", LINUX)
    found = make_spelt_matrix(Request("pip", ("xgboost<3.3",), (A100,)), known)
    assert found.rows[0].release == "3.2.0"
    assert (cell(found, "3.2.0", "cpu").state, cell(found, "3.2.0", "cu12").state) == (
        "cpu-only",
        "direct",
    )
