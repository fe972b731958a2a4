from __future__ import annotations

import re

import pytest
from packaging.version import Version

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import PLATFORMS, Build

SOURCES = ("pytorch-channel", "conda-forge")


def all_builds() -> list[Build]:
    wheels = [build for platform in PLATFORMS for build in catalogue.wheels(platform)]
    conda = [
        build
        for source in SOURCES
        for platform in PLATFORMS
        for build in catalogue.conda_builds(source, platform)
    ]
    return wheels + conda


BUILDS = all_builds()
RELEASES = [release.version for release in catalogue.releases()]


def test_releases_are_newest_first_and_unique() -> None:
    assert sorted(set(RELEASES), key=Version, reverse=True) == RELEASES


def test_every_build_is_of_a_known_release() -> None:
    assert {build.release for build in BUILDS} <= set(RELEASES)


def test_every_release_has_a_wheel() -> None:
    wheels = {build.release for build in BUILDS if build.source.endswith("-index")}
    assert wheels == set(RELEASES)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_builds_are_newest_release_first(platform: str) -> None:
    groups = [catalogue.wheels(platform)]
    groups += [catalogue.conda_builds(source, platform) for source in SOURCES]
    for group in groups:
        order = [Version(build.release) for build in group]
        assert order == sorted(order, reverse=True)


def test_variant_names_agree_with_their_cuda() -> None:
    for build in BUILDS:
        expected = "cu" + build.cuda.replace(".", "") if build.cuda else "cpu"
        assert build.variant == expected
        assert build.cuda is None or re.fullmatch(r"\d+\.\d", build.cuda)


def test_no_cell_appears_twice() -> None:
    cells = [(b.source.split("-")[-1], b.platform, b.release, b.variant, b.board) for b in BUILDS]
    assert len(cells) == len(set(cells))


def test_platforms_and_pythons_are_known() -> None:
    known = {"2.7", *(f"3.{minor}" for minor in range(5, 16)), "3.13t", "3.14t", "3.15t"}
    for build in BUILDS:
        assert build.platform in PLATFORMS
        assert build.pythons
        assert build.pythons <= known


def test_pip_builds_have_one_place_and_conda_builds_a_channel() -> None:
    for build in BUILDS:
        if build.source == "pytorch-index":
            assert (build.index is None) != (build.page is None)
        else:
            assert build.index is build.page is None
        assert bool(build.channels) == (build.source in SOURCES)
        assert bool(build.build_glob) == (build.source in SOURCES)


def test_labels_name_the_variant() -> None:
    assert {b.label for b in BUILDS if b.label not in ("", f"+{b.variant}")} == set()
    assert not [b for b in BUILDS if b.label and b.source != "pytorch-index"]


def test_cuda_builds_of_conda_are_always_selected_by_something() -> None:
    assert not [b for b in BUILDS if b.source in SOURCES and b.cuda and not b.selectors]


def test_cuda_builds_never_appear_on_macos() -> None:
    assert not [b for b in BUILDS if b.platform.startswith("macos") and b.cuda]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_plain_wheel_is_one_of_the_variants(platform: str) -> None:
    # On linux-aarch64 the default package index had CPU wheels of its own, also listed here.
    cells = {(build.release, build.variant) for build in catalogue.wheels(platform)}
    assert set(catalogue.plain(platform).items()) <= cells


def test_ptx_is_for_an_architecture_that_the_build_has() -> None:
    with_code = [build.architectures for build in BUILDS if build.architectures]
    assert all(set(code.ptx) <= set(code.machine_code) for code in with_code)


def test_conda_accepts_all_that_pip_accepts_but_what_belongs_by_a_range_alone() -> None:
    # A companion's build on conda is made for one torch release, whatever its metadata allow.
    for release in catalogue.releases():
        by_range = {
            name for name, one in release.pip.items() if set(one.versions) == set(one.ranged)
        }
        assert set(release.pip) - set(release.conda) <= by_range
        for package, companion in release.conda.items():
            assert set(release.pip[package].versions) <= set(companion.versions)


def test_driver_rows_fall_from_the_newest_cuda_on() -> None:
    rows = catalogue.drivers().rows
    order = [tuple(map(int, row.cuda.split("."))) for row in rows]
    assert order == sorted(set(order), reverse=True)
    linux = [Version(row.linux) for row in rows if row.linux]
    assert linux == sorted(linux, reverse=True)
