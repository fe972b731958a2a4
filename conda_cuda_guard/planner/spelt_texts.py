"""How requirements are spelt for a build that was chosen, and what was held back by it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, version

from .spelt_candidates import can_be_installed, candidates_of, judged, newest_of, uncovered_gpu
from .spelt_question import ALONE

if TYPE_CHECKING:
    from conda_cuda_guard.model import SpeltBuild

    from .spelt_candidates import Candidate
    from .spelt_parse import Ask
    from .spelt_question import SpeltQuestion


def texts_for(one: Candidate, question: SpeltQuestion) -> tuple[str, ...]:
    """Return the requirements spelt for a build; what only bounds others is left."""
    return tuple(
        ask.text if ask.origin.is_bound else _text_for(one, ask, question) for ask in question.asks
    )


def _text_for(one: Candidate, ask: Ask, question: SpeltQuestion) -> str:
    """Return one requirement spelt for a build, with the bounds that pip needs to take it."""
    name = one.build.distribution(ask.stem)
    bounds = [_bound_on(one, ask, question)] if one.build.cuda else []
    # A constraint on the bare name says nothing to pip of a name with a suffix.
    bounds += [other.specifier for other in question.bounds_on(ask, name) if other.package != name]
    return ask.as_built(one.build, one.release, ",".join(filter(None, dict.fromkeys(bounds))))


def _bound_on(one: Candidate, ask: Ask, question: SpeltQuestion) -> str:
    """Return the bound that keeps pip to a build, where it finds newer ones that are others."""
    build, stem = one.build, ask.stem
    found = [
        other
        for other in question.family.cuda_builds
        if other.is_found_with(build, stem) and can_be_installed(other, question.problem)
    ]
    same = [
        other
        for other in found
        if (other.cuda, other.extra) == (build.cuda, build.extra)
        and question.shared.admits(other, question.family)
        and _has_code(other, question)
    ]
    newer = [
        number
        for other in found
        for number in other.seen(stem)
        if number in other.releases
        and question.allows(number, ask, build)
        and version(number) > version(one.release or "0")
        and not any(number in another.releases for another in same)
    ]
    if not newer:
        return ""
    upper = [part for part in str(build.releases).split(",") if part.startswith("<")]
    return ",".join(upper) or f"<{min(newer, key=version)}"


def note_held_back(one: Candidate, question: SpeltQuestion) -> Note | None:
    """Return a note where pip could take a newer release, which is for another CUDA version."""
    ask = question.typed[0]
    name, release = one.build.distribution(ask.stem), newest_of(one.build, ask, question)
    newer = {
        number
        for build in question.family.cuda_builds
        if can_be_installed(build, question.problem)
        for number in build.seen(ask.stem)
        if number in build.releases
        and question.allows(number, ask, build)
        and version(number) > version(release or "0")
        and (build.distribution(ask.stem) == name or not (ask.named or build.fallback))
    }
    if not newer or not release:
        return None
    newest = max(newer, key=version)
    same = (
        build
        for build in question.family.cuda_builds
        if (build.distribution(ask.stem), build.cuda) == (name, one.build.cuda)
        and _has_code(build, question)
    )
    if any(newest in each.releases and newest in each.seen(ask.stem) for each in same):
        return None  # a bound on this very build holds it, not the machine
    facts = {"package": name, "release": release, "newest": newest}
    others = (
        build.distribution(ask.stem)
        for build in question.family.cuda_builds
        if build.fallback and build.cuda == one.build.cuda and newest in build.releases
    )
    other = next(others, name)
    if other != name:
        facts["other"] = f"{other}=={newest}"
    case = "together" if _runs_alone(newest, question) else "family"
    return Note("held-back", "info", case, facts)


def _has_code(build: SpeltBuild, question: SpeltQuestion) -> bool:
    """Return whether a build has code for every GPU of the machines, as far as is known."""
    hosts = question.problem.with_driver
    return not any(uncovered_gpu(build, host, question.catalogue) for host in hosts)


def _runs_alone(number: str, question: SpeltQuestion) -> bool:
    """Return whether a release would run here, were there nothing else that it must agree with."""
    alone = replace(question, shared=ALONE)
    stem = question.typed[0].stem
    builds = (
        one
        for one in candidates_of(alone)
        if one.build.cuda and number in one.build.releases and number in one.build.seen(stem)
    )
    return question.shared != ALONE and any(not one.reason for one in judged(builds, alone))
