"""Which other release to recommend, and how to ask for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .asking import COMPANIONS, SELECTORS, TORCH
from .choose import best, judge
from .companions import right_pair
from .supply import supply
from .versions import is_version, version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Build, Catalogue

    from .choose import Verdict
    from .situation import Situation


def plainly(situation: Situation) -> Situation:
    """Leave out what the advised requirement has not: selectors, a spec's channel, a variant."""
    asks = tuple(
        replace(ask, head=ask.head.rpartition("::")[2])
        for ask in situation.asks
        if ask.role not in SELECTORS
    )
    kept = situation.wish if situation.wish is not None and situation.wish.cpu else None
    return replace(situation, asks=asks, wish=kept)


def askable(situation: Situation, catalogue: Catalogue) -> tuple[Build, ...]:
    """Give the builds that the same request for another version could get.

    conda takes a release from the first channel that has it, whether that build fits or not.
    """
    stock = supply(situation, catalogue, any_version=True)
    ours = set() if situation.is_pip else {build.release for build in stock.on_platform}
    return (*stock.builds, *(build for build in stock.others if build.release not in ours))


def fitting_of(
    builds: Iterable[Build], situation: Situation, catalogue: Catalogue
) -> list[Verdict]:
    """Judge builds of the kind that is looked for, and keep those to be recommended."""
    wanted = (build for build in builds if (build.cuda is None) == situation.wants_cpu)
    verdicts = (judge(build, situation, catalogue) for build in wanted)
    return [one for one in verdicts if not one.problem and knows(one.build, situation, catalogue)]


def knows(build: Build, situation: Situation, catalogue: Catalogue) -> bool:
    """Tell whether a build's CUDA knows the GPUs, and so whether to recommend it.

    An older one's PTX is compiled for them by the driver, but its cuDNN and cuBLAS fail there.
    """
    capabilities = (gpu.compute_capability for gpu in situation.gpus if gpu.compute_capability)
    firsts = (catalogue.toolkits.first.get(version(one).major) for one in capabilities)
    cuda = build.cuda
    return cuda is None or all(version(first) <= version(cuda) for first in firsts if first)


def asked_release(situation: Situation, catalogue: Catalogue) -> str | None:
    """Give the newest release that was asked for, whether it exists or not."""
    stock = supply(situation, catalogue)
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
        return best(fitting)
    first = min(version(verdict.build.release).release[:2] for verdict in newer)
    return best(v for v in newer if version(v.build.release).release[:2] == first)


def pythons_of(builds: Iterable[Build]) -> str:
    """List the Pythons of builds, without the free-threaded ones."""
    found = {python for build in builds for python in build.pythons}
    return ", ".join(sorted((one for one in found if not one.endswith("t")), key=version))


def spec_with_companions(build: Build, situation: Situation, catalogue: Catalogue) -> str:
    """Give the requirements that ask for a release and the companions that belong to it."""
    asks = situation.of(*COMPANIONS)
    release = tuple(r for r in catalogue.releases if r.version == build.release)
    return " ".join(right_pair(release, asks, situation)) if asks else spec_of(build, situation)


def describe(build: Build) -> str:
    """Name a build for a person: `torch 2.1.2 (cu121)`."""
    return f"torch {build.release} ({build.variant})"


def spec_of(build: Build, situation: Situation) -> str:
    """Give the requirement that asks for a build's release."""
    if situation.is_pip:
        return f"torch=={build.release}"
    return f"pytorch=={build.release}"
