"""Verdicts on builds, and the ranking that chooses one (rules 2 to 4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard.model import version

from .compatibility import DIRECT, MINOR_COMPATIBLE, covers, level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Build, Catalogue, Gpu, Host

    from .problem import Problem


@dataclass(frozen=True)
class Verdict:
    """A build on the machines: its level, or the reason why it does not run.

    `host` is the machine that decides it, `gpu` the GPU that the build has no code for. `certain`:
    the build's own architecture list is known, or no GPU is.
    """

    build: Build
    level: str | None = None
    reason: str | None = None
    gpu: Gpu | None = None
    host: Host | None = None
    certain: bool = True


def judge(build: Build, problem: Problem, catalogue: Catalogue) -> Verdict:
    """Return the verdict on a build over all machines; a CPU build runs everywhere."""
    if build.cuda is None:
        return Verdict(build)
    own = build.architectures is not None and not build.stand_in
    certain = own or not any(gpu.compute_capability for gpu in problem.gpus)
    return judge_by(
        build,
        problem,
        lambda host: level(build.cuda or "", host, catalogue.drivers),
        lambda capability, here: covers(build, capability, here, catalogue.toolkits),
        strict=bool(build.wheel_variant),
        certain=certain,
    )


def judge_by(  # noqa: PLR0913
    build: Build,
    problem: Problem,
    level_on: Callable[[Host], str | None],
    has_code: Callable[[str, str], bool],
    *,
    strict: bool = False,
    certain: bool = True,
) -> Verdict:
    """Return the verdict on a CUDA build over all machines: that of the first that it fails on.

    `level_on` tells how the driver of a machine runs it, `has_code` whether it has code for a
    compute capability at such a level. With `strict` minor-version compatibility does not do.
    """
    strict = strict or problem.request.policy == "strict"
    worst = Verdict(build, certain=certain)
    for host in problem.with_driver:
        here = level_on(host)
        if here is None or (here == MINOR_COMPATIBLE and strict):
            return Verdict(build, reason="driver", host=host)
        for gpu in host.gpus:
            if gpu.compute_capability and not has_code(gpu.compute_capability, here):
                return Verdict(build, here, "gpu", gpu, host)
        if worst.level != MINOR_COMPATIBLE:
            worst = Verdict(build, here, host=host, certain=certain)
    return worst


def best_verdict(verdicts: Iterable[Verdict]) -> Verdict | None:
    """Return the best verdict: the newest release, direct before minor-compatible, the newest CUDA.

    Of two variants at the same level, one whose own architecture list is known goes before one that
    was given another build's. None where no build runs.
    """
    fitting = [verdict for verdict in verdicts if verdict.reason is None]
    return max(fitting, key=_rank, default=None)


def _rank(verdict: Verdict) -> tuple[object, ...]:
    build = verdict.build
    return (
        version(build.release),
        verdict.level == DIRECT,
        verdict.certain,
        version(build.cuda) if build.cuda else version("0"),
        # The same release and CUDA in two channels: the one that made it first goes on.
        build.source == "pytorch-channel",
    )


def with_newer_driver(build: Build, problem: Problem) -> Problem:
    """Return the problem with drivers that run a build directly."""
    return replace(problem, hosts=tuple(_raised(host, build) for host in problem.hosts))


def _raised(host: Host, build: Build) -> Host:
    if build.cuda is None or not host.has_cuda:
        return host
    newest = max(build.cuda, host.cuda or build.cuda, key=version)
    return replace(host, cuda=newest)
