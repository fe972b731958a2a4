"""Refusals of a spelt family, each with the driver that would do and the release that would."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note
from conda_cuda_guard.model.versions import version

from .alternatives import gpu_facts
from .compatibility import least_driver
from .ranking import best_verdict
from .spelt_candidates import candidates_of, judge_spelt, judged, uncovered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conda_cuda_guard.model import Gpu, Host

    from .spelt_candidates import Candidate
    from .spelt_question import Question


def none_allowed(question: Question) -> Note:
    """Return why no build is for what was asked: version, Python, platform, or what is shared."""
    problem, family = question.problem, question.family
    facts = {"asked": question.listed, "platform": problem.platform}
    facts["pythons"] = ", ".join(sorted(problem.pythons))
    facts.update(_nearest(question))
    if family.from_source:
        facts["from_source"] = family.from_source
    facts.update(_for_cpu(question))
    case = "family-contradicts" if _contradict(question) else "family-none"
    return Note("no-variant-fits", "error", case, facts)


def _for_cpu(question: Question) -> dict[str, str]:
    """Return the word that asks for a family's build for the CPU, where one can be had."""
    anyone = candidates_of(question.of_any_version())
    return {"cpu": "--cpu"} if any(one.build.cuda is None for one in anyone) else {}


def _contradict(question: Question) -> bool:
    """Return whether requirements have builds each by itself, and none together."""
    apart = [replace(question, asks=(one,)) for one in question.typed]
    return len(apart) > 1 and all(any(candidates_of(one)) for one in apart)


def nothing_fits_spelt(found: Sequence[Candidate], question: Question) -> Note:
    """Return why every build fails on the machine: the driver that would do, the release too."""
    if not found:
        return none_allowed(question)
    verdicts = [(one, judge_spelt(one, question)) for one in found]
    late = [
        (one, verdict)
        for one, verdict in verdicts
        if verdict.reason == "driver" and _gpu_without_code(one, question) is None
    ]
    facts = {"asked": question.listed, **_nearest(question), **_for_cpu(question)}
    if late:
        host = late[0][1].host or question.problem.hosts[0]
        needed = [(_driver_for(one, verdict.host or host, question), one) for one, verdict in late]
        driver, least = min(needed, key=lambda pair: version(pair[0] or "0"))
        facts.update(
            cuda=least.build.cuda or "",
            **host.as_facts,
            driver_needed=driver,
        )
        return Note("no-variant-fits", "error", "family", facts)
    gpu = next(filter(None, (_gpu_without_code(one, question) for one in found)))
    facts.update(gpu_facts(gpu))
    return Note("no-variant-fits", "error", "family-gpu", facts)


def _gpu_without_code(one: Candidate, question: Question) -> Gpu | None:
    """Return a GPU that a build has no code for, whatever the driver."""
    hosts = question.problem.with_driver
    gpus = (uncovered(one.build, host, question.catalogue) for host in hosts)
    return next(filter(None, gpus), None)


def _driver_for(one: Candidate, host: Host, question: Question) -> str:
    """Return the oldest driver that runs a build; empty where none is known."""
    floor = one.build.floor_of(host.platform)
    known = (floor, least_driver(one.build.cuda or "", host, question.catalogue.drivers))
    return max((driver for driver in known if driver), key=version, default="")


def _nearest(question: Question) -> dict[str, str]:
    """Return the nearest request that runs here, or with another C library or Python."""
    bare = question.of_any_version()
    for where in (bare, bare.with_any_libc(), bare.anywhere()):
        found = [one for one in candidates_of(where) if one.build.cuda and not one.build.legacy]
        usual = [one for one in found if not one.build.fallback]
        best = best_verdict(judged(usual, where)) or best_verdict(judged(found, where))
        if best is None:
            continue
        one = next(each for each in found if each.as_build is best.build)
        bound = f"=={one.release}" if one.release else ""
        text = where.typed[0].as_built(one.build, one.release, bound)
        if where is bare:
            return {"near": text}
        if where.problem.pythons == bare.problem.pythons:
            return {"other_libc": one.build.libc or "", "libc_spec": text}
        return {"other_python": str(one.build.pythons), "other_spec": text}
    return {}
