"""Builds of a spelt family for the CPU: where it is meant, and where there is nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note

from .spelt_question import SpeltChoice, SpeltRefusal, as_typed
from .spelt_texts import texts_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .problem import Problem
    from .spelt_candidates import Candidate
    from .spelt_question import Question


def is_for_the_cpu(problem: Problem) -> bool:
    """Return whether the CPU is meant, or is all that there is."""
    there = problem.with_driver or problem.driver_failure
    return _is_asked(problem) or not there or problem.platform.startswith("macos")


def for_the_cpu(found: Sequence[Candidate], question: Question) -> SpeltChoice | SpeltRefusal:
    """Return the CPU build where the CPU is meant; as typed where there is none (rule 8)."""
    problem = question.problem
    if not _is_asked(problem) and not problem.platform.startswith("macos"):
        return _without_driver(found, question)
    case = "asked" if _is_asked(problem) else "macos"
    cpu = same_for_the_cpu(found, question) if case == "macos" else None
    cpu = cpu or next((one for one in found if one.build.cuda is None), None)
    if cpu is not None:
        return _told(cpu, question, Note("cpu-build-chosen", "info", case))
    if case == "macos":
        return as_typed(question)
    facts = {"family": question.names, "asked": question.listed}
    return SpeltRefusal(question, Note("no-variant-fits", "error", "no-cpu", facts))


def _without_driver(found: Sequence[Candidate], question: Question) -> SpeltChoice:
    """Return the build for the CPU where it has the name that was typed: nothing is guessed."""
    cpu = same_for_the_cpu(found, question)
    if cpu is None or any(one.named for one in question.typed):
        facts = {"family": question.names}
        return as_typed(question, Note("no-driver", "warning", "family", facts))
    notes = Note("no-driver", "warning"), Note("cpu-build-chosen", "warning", "no-driver")
    return _told(cpu, question, *notes)


def _told(cpu: Candidate, question: Question, *notes: Note) -> SpeltChoice:
    stem = question.typed[0].stem
    builds = (one for one in question.family.cuda_builds if not one.legacy)
    if any(cpu.build.is_asked_as(one, stem) for one in builds):
        return as_cpu(cpu, question)  # one file is for both
    return as_cpu(cpu, question, *notes)


def same_for_the_cpu(found: Sequence[Candidate], question: Question) -> Candidate | None:
    """Return the build for the CPU that has the name which was typed."""
    names = {one.package for one in question.typed}
    stem = question.typed[0].stem
    fits = (one for one in found if one.build.cuda is None)
    return next((one for one in fits if one.build.distribution(stem) in names), None)


def as_cpu(one: Candidate, question: Question, *notes: Note) -> SpeltChoice:
    """Return the choice of a build for the CPU."""
    texts = texts_for(one, question)
    return SpeltChoice(question, texts, one.build, one.release, None, notes)


def _is_asked(problem: Problem) -> bool:
    return problem.request.cpu or problem.request.variant == "cpu"
