"""The wheel tables for CUDA 12.4 and newer against a listing of PyTorch's wheel index."""

from __future__ import annotations

from typing import Any

import pytest
from packaging.version import Version

from conda_cuda_guard import catalogue
from conda_cuda_guard.catalogue.rebuilding.__main__ import FACTS
from conda_cuda_guard.catalogue.rebuilding.fact_tables import Facts

TABLE: dict[str, Any] = Facts(FACTS).table("index_listing")
PLATFORMS = ("linux-x86_64", "linux-aarch64", "windows-amd64")
FIRST_CUDA, FIRST_PYTHON = Version("12.4"), Version("3.10")
File = tuple[str, str, str]  # release, variant, Python


def listed(platform: str) -> set[File]:
    return {
        (row["torch"], row["variant"], python)
        for row in TABLE["rows"]
        if row["platform"] == platform
        for python in row["pythons"]
    }


def known(platform: str) -> set[File]:
    return {
        (build.release, build.variant, python)
        for build in catalogue.wheels(platform)
        if build.cuda and Version(build.cuda) >= FIRST_CUDA
        for python in build.pythons
        if Version(python.rstrip("t")) >= FIRST_PYTHON
    }


def explained(file: File) -> str | None:
    """Return the reason that the facts give for a difference."""
    release, _, python = file
    return next(
        (
            one["reason"]
            for one in TABLE["differences"]
            if release in one.get("torch", [release]) and python in one.get("pythons", [python])
        ),
        None,
    )


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_wheel_that_the_index_listed_is_in_the_catalogue(platform: str) -> None:
    assert listed(platform) - known(platform) == set()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_other_wheel_of_the_catalogue_is_explained(platform: str) -> None:
    assert {file for file in known(platform) - listed(platform) if not explained(file)} == set()


def test_every_explanation_is_needed() -> None:
    more = set().union(*(known(platform) - listed(platform) for platform in PLATFORMS))
    assert {explained(file) for file in more} == {one["reason"] for one in TABLE["differences"]}
    for one in TABLE["differences"]:
        named = {file[0] for file in more} | {file[2] for file in more}
        assert {*one.get("torch", ()), *one.get("pythons", ())} <= named
