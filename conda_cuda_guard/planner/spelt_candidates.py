"""Candidates of a spelt family: the builds that requirements allow, and verdicts on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Build
from conda_cuda_guard.model.versions import cuda_major, version

from .compatibility import MINOR_COMPATIBLE, level
from .ranking import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from conda_cuda_guard.model import Catalogue
    from conda_cuda_guard.model.spelling import SpeltBuild, SpeltFamily

    from .problem import Problem
    from .spelt_parse import Ask


@dataclass(frozen=True)
class Candidate:
    """A build that the requirements allow, with the newest release that they allow of it."""

    build: SpeltBuild
    release: str
    as_build: Build


def candidates_of(
    family: SpeltFamily, asks: Sequence[Ask], problem: Problem, major: int | None = None
) -> Iterator[Candidate]:
    """Yield the builds with a release that all requirements allow, for the machines' Python.

    With `major` the CUDA builds of this major version alone.
    """
    for build in family.builds:
        if major is not None and build.cuda is not None and cuda_major(build.cuda) != major:
            continue
        if build.platforms and problem.platform not in build.platforms:
            continue
        if any(not build.pythons.allows_minor(python) for python in problem.pythons):
            continue
        releases = [build.admits(one.allows) for one in asks]
        if any(one is None for one in releases):
            continue
        known = [one for one in releases if one] or list(build.known[:1])
        release = min(known, key=version, default="")
        as_build = Build(
            release or "0",
            build.variant,
            build.cuda,
            problem.platform,
            "user-index" if not build.index else "family-index",
            libc=build.libc,
            package=build.distribution(asks[0].stem) if asks else "",
        )
        if problem.has_libc(as_build):
            yield Candidate(build, release, as_build)


def judged(found: Iterable[Candidate], problem: Problem, catalogue: Catalogue) -> Iterator[Verdict]:
    """Yield the verdict on each candidate."""
    for one in found:
        yield judge_spelt(one, problem, catalogue)


def judge_spelt(one: Candidate, problem: Problem, catalogue: Catalogue) -> Verdict:
    """Return the verdict on a build over all machines, by driver and compute capability."""
    cuda = one.build.cuda or ""
    worst = Verdict(one.as_build)
    for host in problem.with_driver:
        here = level(cuda, host, catalogue.drivers)
        if here is None or (here == MINOR_COMPATIBLE and problem.request.policy == "strict"):
            return Verdict(one.as_build, reason="driver", host=host)
        oldest = catalogue.toolkits.oldest.get(version(cuda).major, "0")
        for gpu in host.gpus:
            capability = gpu.compute_capability
            if capability is None:
                continue
            if version(capability) < version(oldest) or capability not in one.build.capabilities:
                return Verdict(one.as_build, here, "gpu", gpu, host)
        if worst.level != MINOR_COMPATIBLE:
            worst = Verdict(one.as_build, here, host=host)
    return worst
