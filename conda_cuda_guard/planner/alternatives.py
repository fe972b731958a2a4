"""Which other release to recommend, and how to ask for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model.versions import is_version, version

from .candidates import compatible_versions, find_candidates
from .compatibility import DIRECT, MINOR_COMPATIBLE, covers, driver_for, minimum_driver, reaches
from .ranking import best_verdict, judge
from .requirement import COMPANIONS, SELECTORS, TORCH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Build, Catalogue

    from .candidates import Candidates
    from .problem import Problem
    from .ranking import Verdict


def plainly(situation: Problem) -> Problem:
    """Leave out what the advised requirement has not: selectors, a spec's channel, a variant."""
    asks = tuple(
        replace(ask, head=ask.head.rpartition("::")[2])
        for ask in situation.asks
        if ask.role not in SELECTORS
    )
    kept = situation.wish if situation.wish is not None and situation.wish.cpu else None
    return replace(situation, asks=asks, wish=kept)


def askable(situation: Problem, catalogue: Catalogue) -> tuple[Build, ...]:
    """Give the builds that the same request for another version could get.

    conda takes a release from the first channel that has it, whether that build fits or not.
    """
    stock = find_candidates(situation, catalogue, any_version=True)
    ours = set() if situation.is_pip else {build.release for build in stock.on_platform}
    return (*stock.builds, *(build for build in stock.others if build.release not in ours))


def fitting_of(builds: Iterable[Build], situation: Problem, catalogue: Catalogue) -> list[Verdict]:
    """Judge builds of the kind that is looked for, and keep those to be recommended."""
    wanted = (build for build in builds if (build.cuda is None) == situation.wants_cpu)
    verdicts = (judge(build, situation, catalogue) for build in wanted)
    return [one for one in verdicts if not one.problem and knows(one.build, situation, catalogue)]


def knows(build: Build, situation: Problem, catalogue: Catalogue) -> bool:
    """Tell whether a build's CUDA knows the GPUs, and so whether to recommend it.

    An older one's PTX is compiled for them by the driver, but its cuDNN and cuBLAS fail there.
    """
    capabilities = (gpu.compute_capability for gpu in situation.gpus if gpu.compute_capability)
    firsts = (catalogue.toolkits.first.get(version(one).major) for one in capabilities)
    cuda = build.cuda
    return cuda is None or all(version(first) <= version(cuda) for first in firsts if first)


def asked_release(situation: Problem, catalogue: Catalogue) -> str | None:
    """Give the newest release that was asked for, whether it exists or not."""
    stock = find_candidates(situation, catalogue)
    known = stock.paired or stock.releases
    if known:
        return known[0].version
    typed = (ask.allows.alternatives[0].lstrip("<>=!~ ") for ask in situation.of(TORCH))
    return next(filter(is_version, (text.removesuffix(".*") for text in typed)), None)


def nearest(fitting: list[Verdict], asked: str | None) -> Verdict | None:
    """Take the next newer minor version (its newest patch), or else the newest that is older."""
    if asked is None:
        return None
    newer = [v for v in fitting if version(v.build.release) > version(asked)]
    if not newer:
        return best_verdict(fitting)
    first = min(version(verdict.build.release).release[:2] for verdict in newer)
    return best_verdict(v for v in newer if version(v.build.release).release[:2] == first)


def pythons_of(builds: Iterable[Build]) -> str:
    """List the Pythons of builds, without the free-threaded ones."""
    found = {python for build in builds for python in build.pythons}
    return ", ".join(sorted((one for one in found if not one.endswith("t")), key=version))


def spec_with_companions(build: Build, situation: Problem, catalogue: Catalogue) -> str:
    """Give the requirements that ask for a release and the companions that belong to it."""
    asks = situation.of(*COMPANIONS)
    release = tuple(r for r in catalogue.releases if r.version == build.release)
    return (
        " ".join(compatible_versions(release, asks, situation))
        if asks
        else spec_of(build, situation)
    )


def describe(build: Build) -> str:
    """Name a build for a person: `torch 2.1.2 (cu121)`."""
    return f"torch {build.release} ({build.variant})"


def spec_of(build: Build, situation: Problem) -> str:
    """Give the requirement that asks for a build's release."""
    if situation.is_pip:
        return f"torch=={build.release}"
    return f"pytorch=={build.release}"


def newer_driver(
    situation: Problem, catalogue: Catalogue, *choices: tuple[Build, ...]
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


def _least_driver(build: Build, situation: Problem, catalogue: Catalogue) -> str | None:
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


def _driver_of(cuda: str | None, situation: Problem, catalogue: Catalogue) -> str | None:
    row = driver_for(cuda or "0", situation.platform, catalogue.drivers)
    return minimum_driver(row, situation.platform) if row else None


def _floor(build: Build, situation: Problem, catalogue: Catalogue) -> str | None:
    """Give the driver from which minor-version compatibility runs a build, if that is allowed."""
    floor = catalogue.drivers.floors.get(version(build.cuda or "0").major)
    gpus = [gpu.compute_capability for gpu in situation.gpus if gpu.compute_capability]
    if floor is None or "." not in floor[0] or situation.request.policy == "strict":
        return None  # a floor that is a whole branch says no more than the driver table
    if not all(covers(build, one, MINOR_COMPATIBLE, catalogue.toolkits) for one in gpus):
        return None  # it has only PTX for one of them, which takes a driver of its own CUDA
    return floor[1] if situation.platform.startswith("windows") else floor[0]


def _has(situation: Problem, minimum: str) -> bool:
    return all(host.driver and reaches(host.driver, minimum) for host in situation.with_driver)


def able(builds: tuple[Build, ...], situation: Problem, catalogue: Catalogue) -> tuple[Build, ...]:
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


def alternatives(situation: Problem, catalogue: Catalogue, stock: Candidates) -> dict[str, str]:
    """Look for another torch, a newer driver, or a conda-forge build that would do."""
    found = another_release(situation, catalogue)
    others = find_candidates(situation, catalogue, any_version=True).builds
    found.update(newer_driver(situation, catalogue, stock.builds, others))
    elsewhere = find_candidates(situation, catalogue, elsewhere=True).builds
    forge = best_verdict(judge(build, situation, catalogue) for build in elsewhere if build.cuda)
    if forge:
        spec = f"pytorch=={forge.build.release}[build={forge.build.build_glob}]"
        found["forge"] = f"'{spec}' {' '.join(forge.build.selectors)}"
    return found


def another_release(situation: Problem, catalogue: Catalogue) -> dict[str, str]:
    """Find the newest torch, and the one nearest to what was asked for, of which a build runs here.

    Where only CPU builds are left, they are offered as what `--cpu` would take; where none is, a
    build for another Python is.
    """
    cpu_meant = situation.request.cpu or (situation.wish is not None and situation.wish.cpu)
    without_driver = not situation.with_driver and not cpu_meant
    if without_driver and (situation.gpus or not situation.is_pip):
        return {}  # refused whatever the release: no driver is known
    situation = plainly(situation)
    builds = askable(situation, catalogue)
    fitting = fitting_of(builds, situation, catalogue)
    other = best_verdict(fitting)
    if other:
        near = nearest(fitting, asked_release(situation, catalogue)) or other
        found = _named("other", other.build, situation, catalogue)
        if near.build.release != other.build.release:
            found.update(_named("near", near.build, situation, catalogue))
        return found
    cpu = next((build for build in builds if build.cuda is None), None)
    found = {"cpu_other": describe(cpu)} if cpu and not situation.wants_cpu else {}
    return {**found, **_for_another_python(situation, catalogue)}


def _named(what: str, build: Build, situation: Problem, catalogue: Catalogue) -> dict[str, str]:
    spec = spec_with_companions(build, situation, catalogue)
    return {what: describe(build), f"{what}_spec": spec}


def _for_another_python(situation: Problem, catalogue: Catalogue) -> dict[str, str]:
    """Find the newest torch that would run here, were the Python another one."""
    hosts = tuple(replace(host, python=None) for host in situation.hosts)
    asks = tuple(ask for ask in situation.asks if ask.role != "python")
    anywhere = replace(situation, hosts=hosts, asks=asks)
    found = best_verdict(fitting_of(askable(anywhere, catalogue), anywhere, catalogue))
    if found is None:
        return {}
    facts = _named("python_other", found.build, anywhere, catalogue)
    return {**facts, "other_pythons": pythons_of((found.build,))}
