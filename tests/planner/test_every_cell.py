"""Each release, CUDA variant and platform: a host of that CUDA gets that build, spelled right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.model import Host, WheelIndex
from conda_cuda_guard.sources.builtin import from_catalogue

from . import cells
from .machines import AARCH64, FORGE, LINUX, WHEELS, WINDOWS, ask

if TYPE_CHECKING:
    from conda_cuda_guard.model import Build, Plan

places = pytest.mark.parametrize(("manager", "source", "platform"), cells.PLACES, ids=cells.IDS)


def _name(build: Build) -> str:
    return f"{build.release} {build.variant}"


@places
def test_the_variant_is_planned(manager: str, source: str, platform: str) -> None:
    wrong = []
    for build in cells.cells(manager, source, platform):
        plan = cells.plan_for(manager, build)
        got = (plan.status, plan.variant, plan.cuda, plan.level, plan.source)
        if got != ("ok", build.variant, build.cuda, "direct", build.source):
            wrong.append((_name(build), got))
    assert wrong == []


def test_there_are_cells_everywhere() -> None:
    counts = {place: len(list(cells.cells(*place))) for place in cells.PLACES}
    assert all(counts.values())
    assert counts["pip", "", LINUX] > 140
    assert counts["conda", "pytorch-channel", LINUX] > 70


def _pip_of(plan: Plan) -> cells.Spelling:
    return cells.Spelling(plan.requirements, plan.index_urls, plan.find_links)


@pytest.mark.parametrize("platform", [LINUX, WINDOWS, AARCH64])
def test_wheels_are_spelled_as_the_table_says(platform: str) -> None:
    wrong = []
    for build in cells.cells("pip", "", platform):
        plan = cells.plan_for("pip", build)
        if _pip_of(plan) != cells.pip_spelling(build):
            wrong.append((_name(build), _pip_of(plan)))
    assert wrong == []


@pytest.mark.parametrize("platform", [LINUX, WINDOWS, AARCH64])
def test_wheel_packages_are_the_files_own_versions(platform: str) -> None:
    wrong = []
    for build in cells.cells("pip", "", platform):
        plan = cells.plan_for("pip", build)
        spelled = plan.requirements[0].rpartition("=")[2]
        if cells.needs_address(build):
            spelled = build.release
        if dict(plan.packages) != {"torch": spelled}:
            wrong.append((_name(build), dict(plan.packages)))
    assert wrong == []


@pytest.mark.parametrize(("manager", "source", "platform"), cells.PLACES[3:], ids=cells.IDS[3:])
def test_conda_builds_are_spelled_as_the_table_says(
    manager: str, source: str, platform: str
) -> None:
    wrong = []
    for build in cells.cells(manager, source, platform):
        plan = cells.plan_for(manager, build)
        if plan.requirements != cells.conda_spelling(build).requirements:
            wrong.append((_name(build), plan.requirements))
    assert wrong == []


@pytest.mark.parametrize(("manager", "source", "platform"), cells.PLACES[3:], ids=cells.IDS[3:])
def test_conda_channels_are_named_in_order(manager: str, source: str, platform: str) -> None:
    wrong = []
    for build in cells.cells(manager, source, platform):
        channels = FORGE if source == "conda-forge" else ("pytorch",)
        bare = ask(
            manager,
            (f"pytorch=={build.release}",),
            cells.host_for(build),
            policy="strict",
            channels=("defaults", *channels),
        )
        given = cells.plan_for(manager, build)
        if bare.channels not in cells.needed_channels(build):
            wrong.append((_name(build), bare.channels))
        if given.channels not in (bare.channels, bare.channels[1:]):
            wrong.append((_name(build), given.channels))
    assert wrong == []


@places
def test_companions_carry_the_same_variant(manager: str, source: str, platform: str) -> None:
    wrong = []
    releases = {release.version: release for release in from_catalogue(manager, platform).releases}
    for build in cells.cells(manager, source, platform):
        release = releases[build.release]
        every = release.pip if manager == "pip" else release.conda
        known = {name: one for name, one in every.items() if one.of(build.variant)}
        plan = cells.plan_for(manager, build, *known)
        for name, companion in known.items():
            label = build.label if companion.labelled and manager == "pip" else ""
            if plan.packages.get(name) not in {one + label for one in companion.versions}:
                wrong.append((_name(build), name, plan.packages.get(name)))
    assert wrong == []


@places
def test_one_cuda_older_does_not_get_it(manager: str, source: str, platform: str) -> None:
    """`strict` on a host just too old: never this variant, never a CPU build."""
    wrong = []
    for build in cells.cells(manager, source, platform):
        major, minor = (build.cuda or "").split(".")
        older = f"{major}.{int(minor) - 1}" if int(minor) else f"{int(major) - 1}.9"
        name = "torch" if manager == "pip" else "pytorch"
        channels = cells.channels_for(build) if manager == "conda" else ()
        plan = ask(
            manager,
            (f"{name}=={build.release}",),
            cells.host_for(build, older),
            policy="strict",
            channels=channels,
        )
        if plan.variant in ("cpu", build.variant):
            wrong.append((_name(build), plan.variant))
    assert wrong == []


def test_the_index_is_below_the_base_that_is_set() -> None:
    plan = ask(
        "pip",
        ("torch==2.1.2",),
        Host(LINUX, "3.11", None, "12.1"),
        wheel_indexes=(WheelIndex("https://mirror.nju.edu.cn/pytorch/whl/"),),
    )
    assert plan.index_urls == ("https://mirror.nju.edu.cn/pytorch/whl/cu121",)
    assert WHEELS not in " ".join(plan.command)
