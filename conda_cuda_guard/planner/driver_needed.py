"""Which driver would do, were it installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .driver import DIRECT, MINOR_COMPATIBLE, driver_for, minimum_driver, reaches
from .gpu import covers
from .recommending import describe, knows
from .versions import version

if TYPE_CHECKING:
    from conda_cuda_guard.model import Build, Catalogue

    from .situation import Situation


def newer_driver(
    situation: Situation, catalogue: Catalogue, *choices: tuple[Build, ...]
) -> dict[str, str]:
    """Find the oldest driver with which a wanted build (or else another) runs on every GPU."""
    for builds in choices:
        known = tuple(build for build in builds if knows(build, situation, catalogue))
        fitting = able(known, situation, catalogue)
        if not fitting:
            continue
        build = least_demanding(fitting)
        minimum = _least_driver(build, situation, catalogue)
        if minimum is None or _has(situation, minimum):
            return {}
        branch = f"R{minimum.partition('.')[0]}"
        return {"driver_needed": minimum, "branch": branch, "driver_for": describe(build)}
    return {}


def _least_driver(build: Build, situation: Situation, catalogue: Catalogue) -> str | None:
    """Give the oldest driver that runs a build, by minor-version compatibility if that will do.

    It must know the GPUs too: none is older than the first CUDA version that builds for them.
    """
    own = _driver_of(build.cuda, situation, catalogue)
    floor = _floor(build, situation, catalogue)
    if own is None or floor is None:
        return own
    majors = {
        version(gpu.compute_capability).major for gpu in situation.gpus if gpu.compute_capability
    }
    firsts = [catalogue.toolkits.first.get(major) for major in majors]
    known = [_driver_of(first, situation, catalogue) for first in firsts if first]
    least = max([floor, *(one for one in known if one)], key=version)
    return min(own, least, key=version)


def _driver_of(cuda: str | None, situation: Situation, catalogue: Catalogue) -> str | None:
    row = driver_for(cuda or "0", situation.platform, catalogue.drivers)
    return minimum_driver(row, situation.platform) if row else None


def _floor(build: Build, situation: Situation, catalogue: Catalogue) -> str | None:
    """Give the driver from which minor-version compatibility runs a build, if that is allowed."""
    floor = catalogue.drivers.floors.get(version(build.cuda or "0").major)
    gpus = [gpu.compute_capability for gpu in situation.gpus if gpu.compute_capability]
    if floor is None or "." not in floor[0] or situation.request.policy == "strict":
        return None  # a floor that is a whole branch says no more than the driver table
    if not all(covers(build, one, MINOR_COMPATIBLE, catalogue.toolkits) for one in gpus):
        return None  # it has only PTX for one of them, which takes a driver of its own CUDA
    return floor[1] if situation.platform.startswith("windows") else floor[0]


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
