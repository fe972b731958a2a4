"""The decision for one family whose builds are told apart by how a requirement is spelt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, redact, version
from conda_cuda_guard.model.versions import listed_pythons

from .check_specs import warnings_of
from .compatibility import MINOR_COMPATIBLE
from .explicit_variant import replaced
from .pip_sources import not_used
from .ranking import best_verdict
from .requirement import VariantWish
from .spelt_candidates import (
    can_be_installed,
    candidates_of,
    judge_spelt,
    judged,
    none_allowed,
    nothing_fits_spelt,
)
from .spelt_question import ALONE, SpeltChoice, SpeltRefusal, left_as_typed
from .spelt_texts import note_held_back, texts_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .problem import Problem
    from .ranking import Verdict
    from .spelt_candidates import Candidate
    from .spelt_question import SpeltQuestion


def decide_spelt(question: SpeltQuestion) -> SpeltChoice | SpeltRefusal:
    """Return what the requirements on a family become.

    The rules are those of contract, section 4: what does not run is never chosen, the newest
    release goes first, a variant that was typed is kept where it runs.
    """
    problem, family = question.problem, question.family
    if problem.request.as_is:
        return left_as_typed(question, *warnings_as_typed(question))
    if not question.typed or any(one.is_apart for one in question.typed):
        return left_as_typed(question)
    if not family.builds:
        return left_as_typed(question, _without_choice(question))
    served = question.served
    if served:
        facts = {"package": question.listed, "index": redact(served)}
        return left_as_typed(question, Note("user-index-serves-it", "info", "family", facts))
    found = list(candidates_of(question))
    return _told_of_dead(_decided(found, question), question)


def _told_of_dead(
    decided: SpeltChoice | SpeltRefusal, question: SpeltQuestion
) -> SpeltChoice | SpeltRefusal:
    """Return a decision with what is said of builds whose index or page cannot be had now."""
    lost = [one.build for one in candidates_of(question, dead=True)]
    places = (question.problem.dead(build.index or build.page) for build in lost)
    told = [not_used(*one) for one in dict.fromkeys(places) if one]
    if not told:
        return decided
    if isinstance(decided, SpeltChoice):
        return replace(decided, notes=(*decided.notes, *told))
    facts = {"asked": question.listed, **told[0].facts}
    return replace(decided, note=Note("index-unreachable", "error", "family-none", facts))


def _decided(found: Sequence[Candidate], question: SpeltQuestion) -> SpeltChoice | SpeltRefusal:
    problem, family = question.problem, question.family
    if not found:
        if _is_unknown(question):
            facts = {"asked": question.listed, "family": family.name}
            return left_as_typed(question, Note("family-unknown", "info", "", facts))
        return SpeltRefusal(question, none_allowed(question))
    if is_for_the_cpu(problem):
        return for_the_cpu(found, question)
    if not problem.with_driver:
        facts = {"failure": problem.driver_failure or ""}
        return left_as_typed(question, Note("driver-fails", "warning", "family", facts))
    return _for_cuda(found, question)


def _for_cuda(found: Sequence[Candidate], question: SpeltQuestion) -> SpeltChoice | SpeltRefusal:
    named = question.named
    of_cuda = [one for one in found if one.build.cuda is not None]
    wished = [one for one in of_cuda if one.build in named]
    usual = [one for one in of_cuda if not (one.build.fallback or one.build.legacy)]
    cpu = None if named or _has_cuda(question) else same_for_the_cpu(found, question)
    others = [one for one in of_cuda if not (usual and one.build.legacy)]
    if cpu is not None:  # where pip's newest is for the CPU alone, an old one is not meant
        others = [one for one in others if version(one.release) >= version(cpu.release)]
    bests = (best_verdict(judged(some, question)) for some in (wished, usual, others))
    best = next((one for one in bests if one is not None), None)
    if best is not None:
        one = next(one for one in of_cuda if one.as_build is best.build)
        if one.build.index and question.problem.request.sources.no_index:
            return left_as_typed(question)  # pip looks at nothing but the pages in force
        chosen = _chosen(one, best, question)
        instead = named and one.build not in named
        told = [_replaced(wished, question)] if instead else list(_dropped(one, question))
        return replace(chosen, notes=(*_without_build(question), *told, *chosen.notes))
    if cpu is not None:
        facts = {"package": question.listed, "platform": question.problem.platform}
        facts["pythons"] = listed_pythons(question.problem.pythons)
        return as_cpu(cpu, question, Note("cpu-build-chosen", "warning", "family", facts))
    tried = [one for one in others if not one.build.fallback] or others
    return SpeltRefusal(question, nothing_fits_spelt(tried, question))


def _chosen(one: Candidate, verdict: Verdict, question: SpeltQuestion) -> SpeltChoice:
    told = []
    if verdict.level == MINOR_COMPATIBLE and verdict.host is not None:
        facts = {"cuda": one.build.cuda or "", **verdict.host.as_facts}
        told.append(Note("driver-minor-compatible", "warning", "", facts))
    held = note_held_back(one, question)
    if held is not None:
        told.append(held)
    texts = texts_for(one, question)
    return SpeltChoice(question, texts, one.build, one.release, verdict.level, tuple(told))


def _without_build(question: SpeltQuestion) -> Iterator[Note]:
    """Yield notes on extras that are spelt like a build's, of which there is none."""
    for one in question.typed:
        if one.lost:
            wish = VariantWish(f"{one.name}[{','.join(one.lost)}]")
            yield replaced(wish, "absent", question.problem)


def _dropped(kept: Candidate, question: SpeltQuestion) -> Iterator[Note]:
    """Yield notes on builds that were named beside another one, which was taken."""
    if question.problem.request.variant:
        return
    keeps = next((one.text for one in question.typed if kept.build in one.named), "")
    for one in question.typed:
        if one.named and kept.build not in one.named:
            apart = replace(question, asks=(one,))
            named = [each for each in candidates_of(apart) if each.build in one.named]
            wish, failed = VariantWish(one.text), next(judged(named, apart), None)
            if failed is not None and failed.reason:
                yield replaced(wish, failed.reason, question.problem, failed)
            else:
                note = replaced(wish, "contradicted", question.problem)
                yield replace(note, facts={**note.facts, "kept": keeps})


def _has_cuda(question: SpeltQuestion) -> bool:
    """Return whether there are CUDA builds for the platform and Python, of whatever version."""
    builds = (one for one in question.family.cuda_builds if not one.legacy)
    return any(can_be_installed(one, question.problem) for one in builds)


def _is_unknown(question: SpeltQuestion) -> bool:
    """Return whether nothing is known of the versions that are asked for, on any machine."""
    return not all(
        any(build.admits(one.allows, one.stem) is not None for build in question.family.builds)
        for one in question.typed
    )


def _without_choice(question: SpeltQuestion) -> Note:
    facts = {"package": question.names}
    if question.family.ended:
        return Note("family-ended", "warning", "", {**facts, "instead": question.family.ended})
    return Note("nothing-to-choose", "info", "", facts)


def _replaced(wished: Sequence[Candidate], question: SpeltQuestion) -> Note:
    """Return the note that the variant which was named is replaced, with the reason."""
    problem = question.problem
    named = next((one.text for one in question.typed if one.named), "") or next(
        (redact(build.index) for build in question.named), ""
    )
    wish = VariantWish(f"--variant {problem.request.variant}" if problem.request.variant else named)
    alone = replace(question, shared=ALONE)
    anywhere = [one for one in candidates_of(alone) if one.build in question.named]
    failed = next(judged(anywhere, alone), None)
    if failed is not None and failed.reason:
        return replaced(wish, failed.reason, problem, failed)
    together = question.shared != ALONE and not wished
    return replaced(wish, "together" if together else "absent", problem)


def warnings_as_typed(question: SpeltQuestion) -> tuple[Note, ...]:
    """Return what is wrong with the build that pip takes for what was typed, if it is known."""
    one = _taken(question)
    if one is None or one.build.cuda is None or not question.problem.with_driver:
        return ()
    name = one.build.distribution(question.typed[0].stem)
    build = f"{name} {one.release}".strip()
    return warnings_of(judge_spelt(one, question), build, question.problem)


def _taken(question: SpeltQuestion) -> Candidate | None:
    """Return the build with the newest release that has the name and the extra which were typed."""
    if not question.typed:
        return None
    ask = question.typed[0]
    found = [
        one
        for one in candidates_of(question)
        if one.build.distribution(ask.stem) == ask.package
        and not (one.build.index or one.build.page)
        and (one.build in ask.named if ask.choosing else not one.build.extra)
    ]
    return max(found, key=lambda one: version(one.release or "0"), default=None)


def is_for_the_cpu(problem: Problem) -> bool:
    """Return whether the CPU is meant, or is all that there is."""
    there = problem.with_driver or problem.driver_failure
    return _is_asked(problem) or not there or problem.platform.startswith("macos")


def for_the_cpu(found: Sequence[Candidate], question: SpeltQuestion) -> SpeltChoice | SpeltRefusal:
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
        return left_as_typed(question)
    facts = {"family": question.names, "asked": question.listed}
    return SpeltRefusal(question, Note("no-variant-fits", "error", "no-cpu", facts))


def _without_driver(found: Sequence[Candidate], question: SpeltQuestion) -> SpeltChoice:
    """Return the build for the CPU where it has the name that was typed: nothing is guessed."""
    cpu = same_for_the_cpu(found, question)
    if cpu is None or any(one.named for one in question.typed):
        facts = {"family": question.names}
        return left_as_typed(question, Note("no-driver", "warning", "family", facts))
    notes = Note("no-driver", "warning"), Note("cpu-build-chosen", "warning", "no-driver")
    return _told(cpu, question, *notes)


def _told(cpu: Candidate, question: SpeltQuestion, *notes: Note) -> SpeltChoice:
    stem = question.typed[0].stem
    builds = (one for one in question.family.cuda_builds if not one.legacy)
    if any(cpu.build.is_asked_as(one, stem) for one in builds):
        return as_cpu(cpu, question)  # one file is for both
    return as_cpu(cpu, question, *notes)


def same_for_the_cpu(found: Sequence[Candidate], question: SpeltQuestion) -> Candidate | None:
    """Return the build for the CPU that has the name which was typed."""
    names = {one.package for one in question.typed}
    stem = question.typed[0].stem
    fits = (one for one in found if one.build.cuda is None)
    return next((one for one in fits if one.build.distribution(stem) in names), None)


def as_cpu(one: Candidate, question: SpeltQuestion, *notes: Note) -> SpeltChoice:
    """Return the choice of a build for the CPU."""
    texts = texts_for(one, question)
    return SpeltChoice(question, texts, one.build, one.release, None, notes)


def _is_asked(problem: Problem) -> bool:
    return problem.request.cpu or problem.request.variant == "cpu"
