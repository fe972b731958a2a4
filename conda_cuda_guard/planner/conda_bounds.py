"""The specs that keep an environment's CUDA version to what runs here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note
from conda_cuda_guard.model.versions import cuda_major, version

from .conda_asks import judge_on_conda
from .conda_decision import cudas_that_run
from .conda_parse import parts_of
from .requirement import CUDA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conda_cuda_guard.model import Catalogue, Plan

    from .conda_decision import CondaChoice
    from .problem import Problem
    from .requirement import Requirement


def bounds_beside(
    lead: Plan, choices: Iterable[CondaChoice], specs: Sequence[str]
) -> dict[str, str]:
    """Return the specs that keep all packages to the lead's CUDA version, where it adds none."""
    names = dict(map(_exactly, choices))
    if lead.cuda is not None and CUDA_VERSION in names:
        names[CUDA_VERSION] = f"{CUDA_VERSION}={lead.cuda}"
    if any(text.startswith(CUDA_VERSION) for text in specs):
        names.pop(CUDA_VERSION, None)
    return names


def _exactly(choice: CondaChoice) -> tuple[str, str]:
    """Return the package that chooses the CUDA version of a choice, and the spec for its own."""
    assert choice.build is not None  # noqa: S101 - the callers'
    name = choice.family.selector(choice.build.release)
    return name, f"{name}={choice.build.cuda}"


def bounds_of(
    choices: Sequence[CondaChoice],
    kept: tuple[Requirement, ...],
    problem: Problem,
    catalogue: Catalogue,
) -> tuple[dict[str, str], tuple[Note, ...]]:
    """Return the specs that keep the CUDA version to what runs here, by the names they are for.

    A requirement that was typed is kept where it allows nothing else, and bounded where it does;
    it is found by its text.
    """
    if not choices:
        return {}, ()
    runs = [
        one for one in cudas_that_run(problem, catalogue)
        if all(_has_code(one, choice, problem, catalogue) for choice in choices)
    ]  # fmt: skip
    allowed = [one for one in runs if all(one in each.allows for each in kept)] or runs
    oldest = min((host.cuda or "" for host in problem.with_driver), key=version)
    needed = max((choice.build.cuda or "" for choice in choices if choice.build), key=version)
    least = max(min(allowed, key=version) if kept else needed, needed, key=version)
    minor = version(least) > version(oldest)
    newest = cuda_major(least)  # of a newer one the solver might take an older release
    bound = f"<{newest + 1}" if minor or newest < cuda_major(oldest) else f"<={oldest}"
    found = dict(map(_exactly, choices))
    if CUDA_VERSION in found:
        found[CUDA_VERSION] = CUDA_VERSION + bound
    rows = [row.cuda for row in catalogue.drivers.rows]
    for one in kept:
        is_within = all(cuda in runs for cuda in rows if cuda in one.allows)
        found.pop(one.bare_name, None)
        if is_within:
            found.pop(CUDA_VERSION, None)
        found[one.text] = one.text if is_within else _bounded(one, bound)
    host = problem.with_driver[0]
    facts = {"cuda": least, **host.as_facts}
    notes = [Note("driver-minor-compatible", "warning", "", facts)] if minor else []
    if problem.gpus_unknown:
        notes.append(Note("no-gpu-known", "info"))
    return found, tuple(notes)


def _bounded(requirement: Requirement, bound: str) -> str:
    """Return a requirement that was typed with a further bound, on each of its alternatives."""
    _, _, versions, _ = parts_of(requirement.text)
    if requirement.allows.is_any:
        return requirement.head + bound
    alternatives = "|".join(f"{one},{bound}" for one in versions.split("|"))
    if versions[0].isalnum() or "|" in versions:
        return f"{requirement.head}[version='{alternatives}']"
    return requirement.head + alternatives


def _has_code(cuda: str, choice: CondaChoice, problem: Problem, catalogue: Catalogue) -> bool:
    assert choice.build is not None  # noqa: S101 - the caller's
    build = replace(choice.build, cuda=cuda)
    return judge_on_conda(build, choice.family, problem, catalogue).reason is None
