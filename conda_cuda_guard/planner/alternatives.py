"""Rule 7, the way out: another torch, a newer driver, or a build of conda-forge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .asking import COMPANIONS
from .choose import best, judge
from .companions import right_pair
from .driver import DIRECT, MINOR_COMPATIBLE, driver_for, minimum_driver, reaches
from .gpu import covers
from .supply import supply
from .versions import version

if TYPE_CHECKING:
    from conda_cuda_guard.model import Build, Catalogue

    from .situation import Situation
    from .supply import Supply


def alternatives(situation: Situation, catalogue: Catalogue, stock: Supply) -> dict[str, str]:
    """Look for another torch, a newer driver, or a conda-forge build that would do."""
    found = another_release(situation, catalogue)
    others = supply(situation, catalogue, any_version=True).builds
    found.update(_newer_driver(situation, catalogue, stock.builds, others))
    elsewhere = supply(situation, catalogue, elsewhere=True).builds
    forge = best(judge(build, situation, catalogue) for build in elsewhere if build.cuda)
    if forge:
        spec = f"pytorch=={forge.build.release}[build={forge.build.build_glob}]"
        found["forge"] = f"'{spec}' {' '.join(forge.build.selectors)}"
    return found


def another_release(situation: Situation, catalogue: Catalogue) -> dict[str, str]:
    """Find the newest torch, whatever version was asked for, of which a build runs here.

    Where only CPU builds are left, they are offered as what `--cpu` would take.
    """
    if situation.gpus and not situation.with_driver and not situation.request.cpu:
        return {}  # a GPU without a driver: nothing is known to run on it
    builds = supply(situation, catalogue, any_version=True).builds
    cpu = next((build for build in builds if build.cuda is None), None)
    wants_cpu = situation.wants_cpu
    wanted = (build for build in builds if (build.cuda is None) == wants_cpu)
    other = best(judge(build, situation, catalogue) for build in wanted)
    if other:
        spec = _spec_with_companions(other.build, situation, catalogue)
        return {"other": describe(other.build), "other_spec": spec}
    return {"cpu_other": describe(cpu)} if cpu and not wants_cpu else {}


def _spec_with_companions(build: Build, situation: Situation, catalogue: Catalogue) -> str:
    """Give the requirements that ask for a release and the companions that belong to it."""
    asks = situation.of(*COMPANIONS)
    release = tuple(r for r in catalogue.releases if r.version == build.release)
    return " ".join(right_pair(release, asks, situation)) if asks else spec_of(build, situation)


def _newer_driver(
    situation: Situation, catalogue: Catalogue, *choices: tuple[Build, ...]
) -> dict[str, str]:
    """Find the oldest driver with which a wanted build (or else another) runs on every GPU."""
    for builds in choices:
        fitting = able(builds, situation, catalogue)
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


def describe(build: Build) -> str:
    """Name a build for a person: `torch 2.1.2 (cu121)`."""
    return f"torch {build.release} ({build.variant})"


def spec_of(build: Build, situation: Situation) -> str:
    """Give the requirement that asks for a build's release."""
    if situation.is_pip:
        return f"torch=={build.release}"
    return f"pytorch=={build.release}"
