"""The reasons of a cell of the matrix: what is against a build on the machines, or for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard.model import Note, joined
from conda_cuda_guard.model.versions import listed_pythons

from .alternatives import describe, describe_gpu, gpu_facts, pythons_of
from .compatibility import MINOR_COMPATIBLE
from .ranking import with_newer_driver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Build, Gpu

    from .problem import Problem
    from .ranking import Verdict


# Judges the build of a verdict for another problem.
Again = Callable[["Problem"], "Verdict"]


def of_driver(verdict: Verdict, problem: Problem, again: Again) -> Iterable[Note]:
    """Yield the note on a driver that does not run a build."""
    if verdict.reason != "driver":
        return
    loose = replace(problem, request=replace(problem.request, policy="auto"))
    by_policy = again(loose).reason != "driver"
    yield Note("cuda-newer-than-driver", "error", "strict" if by_policy else "", _facts(verdict))


def of_gpu(verdict: Verdict, problem: Problem, again: Again) -> Iterable[Note]:
    """Yield the note on a GPU without code; case `ptx` where a newer driver would compile it."""
    later = again(with_newer_driver(verdict.build, problem))
    found = later if later.reason == "gpu" else verdict
    if found.reason == "gpu" and found.gpu is not None:
        note = without_code(found.build, found.gpu, "" if found is later else "ptx")
        yield replace(note, facts={**note.facts, **_facts(found)})


def without_code(build: Build, gpu: Gpu, case: str = "") -> Note:
    """Return the note that a build has no code for a GPU."""
    facts = {"build": describe(build), **gpu_facts(gpu)}
    return Note("gpu-not-covered", "error", case, facts)


def of_libc(build: Build, problem: Problem) -> Iterable[Note]:
    """Yield the note on a C library that is older than a build needs."""
    for host in problem.hosts:
        if not host.has_libc(build.libc):
            facts = {"build": describe(build), "libc": host.libc or "", "needed": build.libc or ""}
            yield Note("libc-too-old", "error", "cell", facts)
            return


def of_python(build: Build, problem: Problem) -> Iterable[Note]:
    """Yield the note on a Python that a build was not made for."""
    if not problem.is_for(replace(build, libc=None)):
        yield not_for_python(describe(build), pythons_of((build,)), problem)


def not_for_python(build: str, pythons: str, problem: Problem) -> Note:
    """Return the note that a build was made for other Pythons than those in question."""
    facts = {
        "build": build,
        "python": listed_pythons(problem.pythons),
        "pythons": pythons,
    }
    return Note("python-not-covered", "error", "cell", facts)


def in_favour(verdict: Verdict, problem: Problem) -> tuple[Note, ...]:
    """Return the notes on a build that runs, or would run on the CPU."""
    facts = _facts(verdict)
    if verdict.build.cuda is None:
        case = "macos" if problem.platform.startswith("macos") else ""
        return (Note("cpu-build", "info", case, facts),)
    if not problem.with_driver:
        return (Note("no-driver", "info", "cell", facts),)
    if verdict.level == MINOR_COMPATIBLE:
        level = Note("driver-minor-compatible", "warning", "", facts)
    else:
        level = Note("driver-direct", "info", "", facts)
    known = [gpu for gpu in problem.gpus if gpu.compute_capability]
    gpus = {**facts, "gpus": joined(", ", dict.fromkeys(map(describe_gpu, known)))}
    covered = (Note("gpu-covered", "info", "", gpus),) if known else ()
    unknown = (Note("no-gpu-known", "info"),) if problem.gpus_unknown else ()
    return (level, *covered, *unknown)


def _facts(verdict: Verdict) -> dict[str, str]:
    facts = {"build": describe(verdict.build), "cuda": verdict.build.cuda or ""}
    if verdict.host is not None:
        facts.update(verdict.host.as_facts)
    return facts
