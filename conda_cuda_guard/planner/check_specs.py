"""What a request would do as typed: for `--as-is`, and for conda's hooks before the solve."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Build, Host, Note, Plan, version

from .alternatives import describe, gpu_facts
from .candidates import FAMILY_CHANNEL, channel_name, compatible_versions, find_candidates
from .compatibility import MINOR_COMPATIBLE, level
from .conda_asks import packages_asked, read_conda_asks
from .conda_parse import without_variant
from .problem import read_problem
from .ranking import best_verdict, judge
from .requirement import CUDA_BUILD, CUDA_PACKAGE, LEAD, MEMBER, SELECTOR

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue, Request

    from .candidates import Candidates
    from .problem import Problem
    from .ranking import Verdict
    from .requirement import Requirement


def check_as_typed(problem: Problem, catalogue: Catalogue) -> Plan:
    """Return the unchanged plan, with what is wrong with the build that the request gets."""
    build = _would_get(problem, catalogue)
    notes = _warnings(build, problem, catalogue) if build and problem.with_driver else ()
    return unchanged(problem.request, build, notes, left="as-is")


def unchanged(
    request: Request,
    build: Build | None = None,
    notes: tuple[Note, ...] = (),
    *,
    left: str = "unknown",
) -> Plan:
    """Return the plan that changes nothing; `left` tells why, as in `Plan`."""
    return Plan(
        id=request.id,
        manager=request.manager,
        status="unchanged",
        variant=build.variant if build else None,
        cuda=build.cuda if build else None,
        requirements=request.requirements,
        pins=request.requirements,
        left=left,
        notes=notes,
    )


def _would_get(problem: Problem, catalogue: Catalogue) -> Build | None:
    """Return the build that a manager takes: the one wished for, else pip's plain wheel.

    What conda's solver takes from an open request is not known before it has solved.
    """
    builds = find_candidates(problem, catalogue).builds
    wish = problem.wish
    if wish is not None:
        return next((build for build in builds if wish.grants(build.cuda)), None)
    if not problem.is_pip or not builds:
        return None
    newest = builds[0].release
    variant = catalogue.plain.get(newest)
    return next((b for b in builds if b.release == newest and b.variant == variant), None)


def _warnings(build: Build, problem: Problem, catalogue: Catalogue) -> tuple[Note, ...]:
    if build.cuda is None:
        facts = {"build": describe(build), "cuda": ""}
        return (Note("cpu-build-chosen", "warning", "as-is", facts),)
    return warnings_of(judge(build, problem, catalogue), describe(build), problem)


def warnings_of(verdict: Verdict, name: str, problem: Problem) -> tuple[Note, ...]:
    """Return what is wrong with a CUDA build, which a request gets as typed and a note calls so."""
    host = verdict.host or problem.with_driver[0]
    facts = {"build": name, "cuda": verdict.build.cuda or "", **host.as_facts}
    if verdict.reason == "driver":
        return (Note("cuda-newer-than-driver", "warning", "as-is", facts),)
    if verdict.reason == "gpu" and verdict.gpu is not None:
        facts.update(gpu_facts(verdict.gpu))
        return (Note("gpu-not-covered", "warning", "", facts),)
    if verdict.level == MINOR_COMPATIBLE:
        return (Note("driver-minor-compatible", "warning", "", facts),)
    return ()


def check_cuda_selectors(problem: Problem, catalogue: Catalogue) -> Plan:
    """Return the unchanged plan if every driver runs a CUDA version allowed; else a refusal."""
    request = problem.request
    parsed = [one for one in problem.of(SELECTOR, CUDA_PACKAGE, CUDA_BUILD) if not _means_cpu(one)]
    rows = catalogue.drivers.rows
    allowed = [
        row.cuda for row in rows if all(row.cuda in requirement.allows for requirement in parsed)
    ]
    if not allowed or all(requirement.allows.is_any for requirement in parsed):
        return unchanged(request)
    oldest = min(allowed, key=version)
    levels = [(level(oldest, host, catalogue.drivers), host) for host in problem.with_driver]
    strict = request.policy == "strict"
    for how, host in levels:
        if how is None or (how == MINOR_COMPATIBLE and strict):
            case = "strict" if how else "as-is" if request.as_is else ""
            specs = "" if is_planned(problem, catalogue) else with_older_cuda(problem, host)
            facts = {**_facts(parsed, oldest, host), "specs": specs}
            if request.as_is:
                note = Note("cuda-newer-than-driver", "warning", case, facts)
                return unchanged(request, None, (note,))
            note = Note("cuda-newer-than-driver", "error", case, facts)
            return Plan(request.id, "conda", "refused", notes=(note,))
    notes = (
        Note("driver-minor-compatible", "warning", "", _facts(parsed, oldest, host))
        for how, host in levels
        if how == MINOR_COMPATIBLE
    )
    return unchanged(request, None, tuple(notes)[:1])


def is_planned(problem: Problem, catalogue: Catalogue) -> bool:
    """Return whether a request names a family, so that its plan is what to type instead."""
    return bool(problem.asked or packages_asked(problem, catalogue))


def with_older_cuda(problem: Problem, host: Host) -> str:
    """Return the specs so that they allow no CUDA newer than a host's; empty where it is not known.

    What the specs say of CUDA is replaced; where they say nothing, conda-forge's `cuda-version`
    holds every package that has a CUDA version.
    """
    if not host.cuda:
        return ""
    bounds, kept = [], []
    for requirement in problem.requirements:
        if requirement.kind in (SELECTOR, CUDA_PACKAGE) and not _means_cpu(requirement):
            bounds.append(f"{requirement.head}<={host.cuda}")
        else:
            kept.append(requirement.head if requirement.kind == CUDA_BUILD else requirement.text)
    return shlex.join([*kept, *(bounds or [f"cuda-version<={host.cuda}"])])


def _means_cpu(requirement: Requirement) -> bool:
    return requirement.wish is not None and requirement.wish.cpu


def cuda_requirements(problem: Problem, catalogue: Catalogue) -> tuple[Requirement, ...]:
    """Return the requirements that are about CUDA: the families, and what chooses a version."""
    own = problem.of(LEAD, MEMBER, SELECTOR, CUDA_PACKAGE, CUDA_BUILD)
    asks = {one.at for one in read_conda_asks(problem, catalogue.on_conda)}
    others = (one for at, one in enumerate(problem.requirements) if at in asks)
    return tuple(dict.fromkeys((*own, *others)))


def named_plainly(problem: Problem, *, versions: bool = True) -> tuple[str, ...]:
    """Return the specs without the variant that was typed; without the family's versions too."""
    specs = []
    for requirement in problem.requirements:
        if requirement.kind in (LEAD, MEMBER):
            name = problem.name_of(requirement.package)
            specs.append(without_variant(requirement.text, name, versions=versions))
        elif requirement.kind != SELECTOR:
            specs.append(requirement.text)
    return tuple(specs)


def _facts(parsed: list[Requirement], cuda: str, host: Host) -> dict[str, str]:
    return {
        "build": " ".join(requirement.text for requirement in parsed),
        "cuda": cuda,
        **host.as_facts,
    }


_OTHER_CARRIERS = {"conda-forge", "defaults", "main"}


def check_specs(request: Request, catalogue: Catalogue) -> tuple[Note, ...]:
    """Return the notes on a conda request; without a driver only wrong names are noted."""
    problem = read_problem(replace(request, as_is=True), catalogue)
    if not problem.asked:
        lone = check_cuda_selectors(problem, catalogue).notes
        return tuple(replace(note, case="typed") for note in lone)
    candidates = find_candidates(problem, catalogue)
    notes = [*_wrong_name(problem), *_wrong_pair(problem, candidates)]
    notes += _channel_ended(problem, candidates, catalogue)
    if problem.with_driver and not notes:
        notes += [replace(note, case="typed") for note in _typed_variant(problem, catalogue)]
    if problem.driver_failure and not problem.wants_cpu and not notes:
        notes.append(Note("driver-fails", "warning", "", {"failure": problem.driver_failure}))
    if not problem.wants_cpu:
        notes += problem.without_its_gpu
    return tuple(notes)


def _typed_variant(problem: Problem, catalogue: Catalogue) -> tuple[Note, ...]:
    """Return notes on the variant that was typed, by its best build: the solver may take any.

    A wish for any CUDA build names no version: it is checked after the solve.
    """
    wish = problem.wish
    if wish is None or (not wish.cpu and wish.cuda.is_any):
        return ()
    builds = [b for b in find_candidates(problem, catalogue).builds if wish.grants(b.cuda)]
    verdicts = [judge(build, problem, catalogue) for build in builds]
    best = best_verdict(verdicts) or min(verdicts, key=_demand, default=None)
    return _warnings(best.build, problem, catalogue) if best else ()


def _demand(verdict: Verdict) -> tuple[bool, object]:
    """Return how far a build is from running: one that fails by a GPU is nearer."""
    return verdict.reason == "driver", version(verdict.build.cuda or "0")


def _wrong_name(problem: Problem) -> list[Note]:
    """Return the note on pip's names: `torch`, or `+cu121` in a version."""
    parsed = problem.of(LEAD)
    if any(one.bare_name.lower() == problem.family.lead.pip for one in parsed):
        return [Note("name-is-pytorch-on-conda", "warning", "typed")]
    label = next(
        (
            requirement.wish.text
            for requirement in parsed
            if requirement.wish and requirement.wish.text[0] == "+"
        ),
        None,
    )
    return [Note("name-is-pytorch-on-conda", "warning", "label", {"label": label})] if label else []


def _wrong_pair(problem: Problem, candidates: Candidates) -> list[Note]:
    if candidates.paired or not candidates.releases:
        return []
    facts = {
        "asked": " ".join(requirement.text for requirement in problem.asked),
        "pair": " ".join(compatible_versions(candidates.releases, problem)),
    }
    return [Note("companion-mismatch", "warning", "", facts)]


def _channel_ended(problem: Problem, candidates: Candidates, catalogue: Catalogue) -> list[Note]:
    """Return the note on a release that no channel in force can have (pytorch: after 2.5.1)."""
    last = next((b.release for b in catalogue.builds if b.source == FAMILY_CHANNEL), None)
    names = {channel_name(channel) for channel in problem.channels}
    if (
        last is None
        or problem.family.conda.channel not in names
        or names & _OTHER_CARRIERS
        or not candidates.paired
    ):
        return []
    oldest = min((release.version for release in candidates.paired), key=version)
    if version(oldest) <= version(last):
        return []
    return [Note("channel-ended", "warning", "typed", {"last": last, "release": oldest})]
