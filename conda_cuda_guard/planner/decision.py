"""The decision: which build is chosen, or why none is (contract, section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

from conda_cuda_guard.model import Note

from .candidates import find_candidates, lacks_cpu_build, without_cpu_files
from .compatibility import MINOR_COMPATIBLE
from .explicit_variant import contradicted, granted, replaced, why_not
from .ranking import Verdict, best_verdict, judge
from .refusal import ERROR, nothing_exists, nothing_fits

if TYPE_CHECKING:
    from collections.abc import Callable

    from conda_cuda_guard.model import Build, Catalogue, Release

    from .candidates import Candidates
    from .problem import Problem
    from .requirement import VariantWish


@dataclass(frozen=True)
class Choice:
    """The chosen build, its release, how it runs, and notes on the choice."""

    build: Build
    release: Release
    level: str | None
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Refused:
    """A refusal with its reasons."""

    notes: tuple[Note, ...]


Decision = Union[Choice, Refused]


def decide(problem: Problem, catalogue: Catalogue) -> Decision:
    """Return the build chosen for a request, or a refusal with reasons."""
    candidates = find_candidates(problem, catalogue)
    if not candidates.builds:
        return Refused(nothing_exists(problem, catalogue, candidates))
    wish = problem.wish
    if problem.request.cpu:
        notes = [replaced(wish, "cpu-asked", problem)] if wish and not wish.cpu else []
        return _cpu(
            problem, catalogue, candidates, *notes, Note("cpu-build-chosen", "info", "asked")
        )
    if problem.platform.startswith("macos"):
        return _on_macos(problem, catalogue, candidates)
    if not problem.with_driver:
        return _without_driver(problem, catalogue, candidates)
    if wish is not None and wish.cpu:
        note = Note("cpu-build-chosen", "warning", "wished", {"wish": wish.text})
        return _cpu(problem, catalogue, candidates, note)
    if wish is not None:
        return _wished(wish, problem, catalogue, candidates)
    free = _first(_cuda, problem, catalogue, candidates)
    return _with_libraries(free, problem, catalogue, candidates)


def _with_libraries(
    free: Decision, problem: Problem, catalogue: Catalogue, candidates: Candidates
) -> Decision:
    """Return the choice of the CUDA version that the lead's libraries on the line are held to.

    Builds of another version ask for other libraries, and pip would find nothing that agrees. What
    has no build that runs is left to be found out.
    """
    if problem.library is None or isinstance(free, Refused):
        return free
    held, cuda = problem.library
    if free.build.cuda == cuda:
        return free
    facts = {"lead": problem.family.lead.pip, "library": held.described, "cuda": cuda}
    of_cuda = tuple(one for one in candidates.builds if one.cuda == cuda)
    note = Note("held-back", "info", "libraries", facts)
    found = _take(of_cuda, problem, catalogue, candidates, note)
    return found if isinstance(found, Choice) else free


def _first(
    kind: Callable[[tuple[Build, ...]], tuple[Build, ...]],
    problem: Problem,
    catalogue: Catalogue,
    candidates: Candidates,
    *notes: Note,
) -> Decision:
    """Return the best build of a kind from the source in use, or from pip's other indexes."""
    decision = _take(kind(candidates.builds), problem, catalogue, candidates, *notes)
    if problem.is_pip and candidates.others and isinstance(decision, Refused):
        elsewhere = _take(kind(candidates.others), problem, catalogue, candidates, *notes)
        return elsewhere if isinstance(elsewhere, Choice) else decision
    return decision


def _take(
    builds: tuple[Build, ...],
    problem: Problem,
    catalogue: Catalogue,
    candidates: Candidates,
    *notes: Note,
) -> Decision:
    """Return the best of the builds that run on every machine."""
    verdicts = [judge(build, problem, catalogue) for build in builds]
    chosen = best_verdict(verdicts)
    if chosen is None:
        return Refused(nothing_fits(problem, catalogue, candidates, verdicts))
    release = next(r for r in candidates.paired if r.version == chosen.build.release)
    told = (*notes, *contradicted(chosen.build, problem), *_about(chosen, problem))
    return Choice(chosen.build, release, chosen.level, told)


def _about(chosen: Verdict, problem: Problem) -> tuple[Note, ...]:
    """Return notes on what the choice assumes: minor-version compatibility, unknown GPUs."""
    notes = []
    if chosen.level == MINOR_COMPATIBLE and chosen.host is not None:
        facts = {"cuda": chosen.build.cuda or "", **chosen.host.as_facts}
        notes.append(Note("driver-minor-compatible", "warning", "", facts))
    if chosen.build.cuda:
        notes += problem.without_its_gpu
    if chosen.build.cuda and problem.gpus_unknown:
        notes.append(Note("no-gpu-known", "info"))
    return tuple(notes)


def _cpu(problem: Problem, catalogue: Catalogue, candidates: Candidates, *notes: Note) -> Decision:
    return _first(_of_cpu, problem, catalogue, candidates, *notes)


def _of_cpu(builds: tuple[Build, ...]) -> tuple[Build, ...]:
    return tuple(build for build in builds if build.cuda is None)


def _cuda(builds: tuple[Build, ...]) -> tuple[Build, ...]:
    return tuple(build for build in builds if build.cuda is not None)


def _on_macos(problem: Problem, catalogue: Catalogue, candidates: Candidates) -> Decision:
    wish = problem.wish
    if wish is not None and not wish.cpu:
        return _cpu(problem, catalogue, candidates, replaced(wish, "macos", problem))
    return _cpu(problem, catalogue, candidates, Note("cpu-build-chosen", "info", "macos"))


def _without_driver(problem: Problem, catalogue: Catalogue, candidates: Candidates) -> Decision:
    """Return the decision where no driver was found (rule 8).

    pip gets the CPU build with a warning; conda, and a request that names a GPU, are refused. A
    driver that is present and fails is not "no driver": no CPU build is chosen for it.
    """
    wish = problem.wish
    if wish is not None and wish.cpu:
        return _cpu(problem, catalogue, candidates, Note("cpu-build-chosen", "info", "asked"))
    if problem.driver_failure:
        return _with_failing_driver(problem.driver_failure, problem, catalogue, candidates)
    if problem.gpus:
        names = ", ".join(gpu.name or gpu.compute_capability or "" for gpu in problem.gpus)
        return Refused((Note("no-driver", ERROR, "gpu-named", {"gpus": names}),))
    if not problem.is_pip:
        return Refused((Note("no-driver", ERROR, "conda"),))
    if wish is not None:
        meant = granted(wish, candidates, problem)
        if meant:
            note = Note("no-driver", "warning", "wish-kept", {"wish": wish.text})
            return _take(meant, problem, catalogue, candidates, note)
        absent = why_not(wish, (), problem, catalogue)
        return _cpu(problem, catalogue, candidates, absent, Note("no-driver", "warning"))
    unreachable = catalogue.unreachable and not _of_cpu(candidates.builds)
    if unreachable or lacks_cpu_build(problem, candidates.builds):
        # A plain wheel runs on the CPU where there is no driver, whatever its CUDA version.
        note = Note("no-driver", "warning")
        lacking = without_cpu_files(problem, candidates)
        if lacking:
            note = Note("no-driver", "warning", "no-cpu", {"packages": ", ".join(lacking)})
        return _take(candidates.builds, problem, catalogue, candidates, note)
    notes = (Note("no-driver", "warning"), Note("cpu-build-chosen", "warning", "no-driver"))
    return _cpu(problem, catalogue, candidates, *notes)


def _with_failing_driver(
    failure: str, problem: Problem, catalogue: Catalogue, candidates: Candidates
) -> Decision:
    """Return a choice for pip's explicit CUDA variant, with a warning; else a refusal."""
    meant = granted(problem.wish, candidates, problem) if problem.wish and problem.is_pip else ()
    facts = {"failure": failure}
    if meant:
        note = Note("driver-fails", "warning", "wish-kept", facts)
        return _take(meant, problem, catalogue, candidates, note)
    return Refused((Note("driver-fails", ERROR, "", facts),))


def _wished(
    wish: VariantWish, problem: Problem, catalogue: Catalogue, candidates: Candidates
) -> Decision:
    """Return a build of the variant named where one runs, else another with a warning (rule 6)."""
    meant = granted(wish, candidates, problem)
    if best_verdict(judge(build, problem, catalogue) for build in meant) is not None:
        return _take(meant, problem, catalogue, candidates)
    note = why_not(wish, meant, problem, catalogue)
    return _first(_cuda, problem, catalogue, candidates, note)
