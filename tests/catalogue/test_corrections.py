"""Every row of the corrections is in the catalogue, or says why it is not."""

from __future__ import annotations

from typing import Any

import pytest

from conda_cuda_guard import catalogue
from conda_cuda_guard.catalogue.rebuilding.__main__ import FACTS
from conda_cuda_guard.catalogue.rebuilding.fact_tables import Facts
from conda_cuda_guard.model import PLATFORMS, Build, Release

ROWS: list[dict[str, Any]] = Facts(FACTS).corrections
WHEELS = "wheels-"


def of(table: str, field: str = "correct") -> list[Any]:
    """Return the rows of a table that have a field, for a parametrized test."""
    rows = [row for row in ROWS if row["table"] == table and field in row]
    return [pytest.param(row, id=str(row["key"])) for row in rows]


def wheel(platform: str, release: str, variant: str) -> Build | None:
    builds = catalogue.wheels(platform)
    return next((b for b in builds if (b.release, b.variant) == (release, variant)), None)


def release(version: str) -> Release:
    return next(one for one in catalogue.releases() if one.version == version)


def test_every_row_is_corrected_held_by_a_rule_or_left_with_a_reason() -> None:
    kinds = ("correct", "absent", "rule", "left")
    assert [row["key"] for row in ROWS if sum(kind in row for kind in kinds) != 1] == []
    assert [row["key"] for row in ROWS if not row["source"] or not row["confidence"]] == []
    assert len([row for row in ROWS if "left" in row]) == 4


WHEEL_ROWS = [row for platform in PLATFORMS for row in of(WHEELS + platform)]


@pytest.mark.parametrize("row", WHEEL_ROWS)
def test_wheels(row: dict[str, Any]) -> None:
    build = wheel(row["table"].removeprefix(WHEELS), *row["key"])
    assert build is not None
    assert build.label == f"+{build.variant}"
    correct = row["correct"]
    assert {*correct.get("pythons", ()), *correct.get("pythons_too", ())} <= build.pythons
    if "sass" in correct:
        assert build.architectures is not None
        assert build.architectures.machine_code == tuple(correct["sass"])
        assert build.architectures.ptx == tuple(correct["ptx"])


@pytest.mark.parametrize("platform", PLATFORMS)
def test_cu129_is_there_from_2_8_0_to_2_13_0_but_for_2_12_0(platform: str) -> None:
    there = [b.release for b in catalogue.wheels(platform) if b.variant == "cu129"]
    expected = {
        "windows-amd64": ["2.9.0", "2.8.0"],
        "macos-arm64": [],
        "macos-x86_64": [],
    }
    every = ["2.13.0", "2.12.1", "2.11.0", "2.10.0", "2.9.1", "2.9.0", "2.8.0"]
    assert there == expected.get(platform, every)


def test_what_does_not_exist_is_absent() -> None:
    for row in ROWS:
        if row.get("absent") and row["table"].startswith("wheels"):
            assert [p for p in PLATFORMS if wheel(p, *row["key"])] == []


def test_a_release_of_cu129_has_the_free_threaded_wheels_of_its_sisters() -> None:
    for platform in ("linux-x86_64", "linux-aarch64"):
        for version in ("2.9.1", "2.13.0"):
            newer, older = (wheel(platform, version, one) for one in ("cu129", "cu126"))
            assert newer is not None
            assert older is not None
            assert {p for p in newer.pythons if p.endswith("t")} == {
                p for p in older.pythons if p.endswith("t") and p != "3.15t"
            }


@pytest.mark.parametrize("row", of("releases"))
def test_companions(row: dict[str, Any]) -> None:
    version, of_what = row["key"]
    if "torch" not in row["correct"]:
        for package, number in row["correct"].items():
            assert number in release(version).pip[package].of(of_what)
        return
    companion = release(version).pip[of_what.partition(".")[2]]
    assert set(row["correct"]["versions"]) <= companion.ranged <= set(companion.versions)


LIBC = [
    ("linux-x86_64", "2.5.1", "cu124", "glibc 2.17"),
    ("linux-x86_64", "2.6.0", "cu124", "glibc 2.28"),
    ("linux-x86_64", "2.6.0", "cu126", "glibc 2.28"),
    ("linux-x86_64", "2.6.0", "cpu", "glibc 2.28"),
    ("linux-x86_64", "2.7.0", "cu118", "glibc 2.28"),
    ("linux-x86_64", "2.15.0", "cu132", "glibc 2.28"),
    ("linux-x86_64", "1.0.1.post2", "cu80", "glibc 2.17"),
    ("linux-aarch64", "2.5.1", "cpu", "glibc 2.17"),
    ("linux-aarch64", "2.6.0", "cu126", "glibc 2.28"),
    ("macos-arm64", "2.12.0", "cpu", None),
    ("windows-amd64", "2.15.0", "cu132", None),
]


@pytest.mark.parametrize(("platform", "version", "variant", "libc"), LIBC)
def test_the_oldest_c_library(platform: str, version: str, variant: str, libc: str | None) -> None:
    build = wheel(platform, version, variant)
    assert build is not None
    assert build.libc == libc


def test_every_linux_wheel_names_a_c_library() -> None:
    for platform in ("linux-x86_64", "linux-aarch64"):
        assert [b for b in catalogue.wheels(platform) if not b.libc] == []


@pytest.mark.parametrize("row", of("gpus"))
def test_gpus(row: dict[str, Any]) -> None:
    assert catalogue.gpu_capability(row["key"]) == row["correct"]


@pytest.mark.parametrize("row", of("gpus (rule)", "rule"))
def test_gpus_by_rule(row: dict[str, Any]) -> None:
    assert [name for name in row["key"] if catalogue.gpu_capability(name) is None] == []


@pytest.mark.parametrize("row", of("drivers"))
def test_drivers(row: dict[str, Any]) -> None:
    (found,) = (one for one in catalogue.drivers().rows if one.cuda == row["key"][0])
    assert {"branch": found.branch, "linux": found.linux, "windows": found.windows} == row[
        "correct"
    ]


@pytest.mark.parametrize("row", of("toolkits"))
def test_toolkits(row: dict[str, Any]) -> None:
    assert catalogue.toolkits().first[row["key"][0]] == row["correct"]


def forge(platform: str, cuda: str, board: str | None = None) -> Build:
    builds = catalogue.conda_builds("conda-forge", platform)
    (found,) = (b for b in builds if (b.release, b.cuda, b.board) == ("2.13.0", cuda, board))
    return found


@pytest.mark.parametrize(
    ("platform", "cuda", "board", "newest", "libc"),
    [
        ("linux-x86_64", "12.9", None, "12.0", "glibc 2.17"),
        ("linux-x86_64", "13.0", None, "12.0", "glibc 2.28"),
        ("windows-amd64", "12.8", None, "12.0", None),
        ("linux-aarch64", "12.9", "jetson", "8.7", "glibc 2.34"),
    ],
)
def test_conda_forge(
    platform: str, cuda: str, board: str | None, newest: str, libc: str | None
) -> None:
    build = forge(platform, cuda, board)
    assert build.architectures is not None
    assert build.architectures.machine_code[-1] == newest
    assert build.architectures.ptx == (newest,)
    assert build.libc == libc


def test_conda_forge_has_code_for_orin_in_its_builds_for_servers_with_cuda_13_alone() -> None:
    newer, older = forge("linux-aarch64", "13.0"), forge("linux-aarch64", "12.9")
    assert newer.architectures is not None
    assert older.architectures is not None
    assert "8.7" in newer.architectures.machine_code
    assert "8.7" not in older.architectures.machine_code


@pytest.mark.parametrize("row", of("conda-pytorch"))
def test_conda_pythons(row: dict[str, Any]) -> None:
    builds = catalogue.conda_builds("pytorch-channel", "linux-x86_64")
    mine = [b for b in builds if b.release == row["key"][0]]
    assert mine
    assert {b.pythons for b in mine} == {frozenset(row["correct"]["pythons"])}


def test_python_2_7_is_not_on_windows() -> None:
    builds = catalogue.conda_builds("pytorch-channel", "windows-amd64")
    assert [b for b in builds if "2.7" in b.pythons] == []


def test_a_list_of_conda_pythons_is_complete_or_a_sample() -> None:
    """Complete where every Python that the release's wheels were made for was seen."""
    builds = catalogue.conda_builds("pytorch-channel", "linux-x86_64")
    sampled = {b.release for b in builds if b.sampled}
    assert {"1.4.0", "1.10.2", "1.13.1", "2.0.0", "2.5.1"} <= sampled
    assert not sampled & {"1.11.0", "1.12.1", "2.0.1", "2.1.2"}
    forge = catalogue.conda_builds("conda-forge", "linux-x86_64")
    assert not [b for b in forge if b.sampled]
