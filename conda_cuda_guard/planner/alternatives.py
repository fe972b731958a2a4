"""Rule 7, the way out: another torch, a newer driver, or a build of conda-forge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .choose import best, judge
from .driver import DIRECT, driver_for, minimum_driver, reaches
from .gpu import covers
from .supply import supply
from .versions import version

if TYPE_CHECKING:
    from conda_cuda_guard.model import Build, Catalogue

    from .situation import Situation
    from .supply import Supply


def alternatives(situation: Situation, catalogue: Catalogue, stock: Supply) -> dict[str, str]:
    """Look for another torch, a newer driver, or a conda-forge build that would do."""
    found = {}
    others = supply(situation, catalogue, any_version=True).builds
    other = best(judge(build, situation, catalogue) for build in others if build.cuda)
    if other:
        found["other"] = describe(other.build)
        found["other_spec"] = spec_of(other.build, situation)
    found.update(_newer_driver(situation, catalogue, stock.builds, others))
    elsewhere = supply(situation, catalogue, elsewhere=True).builds
    forge = best(judge(build, situation, catalogue) for build in elsewhere if build.cuda)
    if forge:
        found["forge"] = f"pytorch={forge.build.release} {' '.join(forge.build.selectors)}"
    return found


def _newer_driver(
    situation: Situation, catalogue: Catalogue, *choices: tuple[Build, ...]
) -> dict[str, str]:
    """Find the oldest driver with which a wanted build (or else another) runs on every GPU."""
    for builds in choices:
        fitting = able(builds, situation, catalogue)
        if not fitting:
            continue
        build = least_demanding(fitting)
        row = driver_for(build.cuda or "", situation.platform, catalogue.drivers)
        minimum = minimum_driver(row, situation.platform) if row else None
        if row is None or minimum is None or _has(situation, minimum):
            return {}
        return {
            "driver_needed": minimum,
            "branch": row.branch or "",
            "driver_for": describe(build),
        }
    return {}


def _has(situation: Situation, minimum: str) -> bool:
    return all(host.driver and reaches(host.driver, minimum) for host in situation.with_driver)


def able(
    builds: tuple[Build, ...], situation: Situation, catalogue: Catalogue
) -> tuple[Build, ...]:
    """Give the CUDA builds that would run on every GPU, were the driver new enough."""
    known = [gpu.compute_capability for gpu in situation.gpus if gpu.compute_capability]
    return tuple(
        build
        for build in builds
        if build.cuda and all(covers(build, one, DIRECT, catalogue.toolkits) for one in known)
    )


def least_demanding(builds: tuple[Build, ...]) -> Build:
    """Take the oldest CUDA, and of that the newest torch (builds come newest first)."""
    return min(builds, key=lambda build: version(build.cuda or "0"))


def describe(build: Build) -> str:
    """Name a build for a person: `torch 2.1.2 (cu121)`."""
    return f"torch {build.release} ({build.variant})"


def spec_of(build: Build, situation: Situation) -> str:
    """Give the requirement that asks for a build's release."""
    if situation.is_pip:
        return f"torch=={build.release}"
    return f"pytorch=={build.release}"
