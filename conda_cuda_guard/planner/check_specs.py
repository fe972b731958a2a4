"""`--as-is`: say what the request would do as typed, and rewrite nothing."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Build, Host, Note, Plan
from conda_cuda_guard.model.versions import version

from .alternatives import describe
from .candidates import PYTORCH_CHANNEL, channel_name, compatible_versions, find_candidates
from .compatibility import MINOR_COMPATIBLE, level
from .problem import read_problem
from .ranking import judge
from .requirement import COMPANIONS, CUDA_BUILD, METAPACKAGES, SELECTORS, TORCH

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue, Request

    from .candidates import Candidates
    from .problem import Problem
    from .requirement import Requirement


def check_as_typed(situation: Problem, catalogue: Catalogue) -> Plan:
    """Judge the build that the request gets as typed; the requirements stay as they are."""
    build = _would_get(situation, catalogue)
    notes = _warnings(build, situation, catalogue) if build and situation.with_driver else ()
    return unchanged(situation.request, build, notes)


def unchanged(request: Request, build: Build | None = None, notes: tuple[Note, ...] = ()) -> Plan:
    """Make the plan that changes nothing."""
    options = () if request.manager == "pip" else _channel_options(request)
    return Plan(
        id=request.id,
        manager=request.manager,
        status="unchanged",
        variant=build.variant if build else None,
        cuda=build.cuda if build else None,
        requirements=request.requirements,
        command=(request.manager, "install", *options, *request.requirements),
        notes=notes,
    )


def _channel_options(request: Request) -> tuple[str, ...]:
    return tuple(part for channel in request.sources.channels for part in ("-c", channel))


def _would_get(situation: Problem, catalogue: Catalogue) -> Build | None:
    """Find the build that a manager takes: the one wished for, else pip's plain wheel.

    What conda's solver takes from an open request is not known before it has solved.
    """
    builds = find_candidates(situation, catalogue).builds
    wish = situation.wish
    if wish is not None:
        return next((build for build in builds if wish.grants(build.cuda)), None)
    if not situation.is_pip or not builds:
        return None
    newest = builds[0].release
    variant = catalogue.plain.get(newest)
    return next((b for b in builds if b.release == newest and b.variant == variant), None)


def _warnings(build: Build, situation: Problem, catalogue: Catalogue) -> tuple[Note, ...]:
    facts = {"build": describe(build), "cuda": build.cuda or ""}
    if build.cuda is None:
        return (Note("cpu-build-chosen", "warning", "as-is", facts),)
    verdict = judge(build, situation, catalogue)
    host = verdict.host or situation.with_driver[0]
    facts.update(host_cuda=host.cuda or "", driver=host.driver or "")
    if verdict.problem == "driver":
        return (Note("cuda-newer-than-driver", "warning", "as-is", facts),)
    if verdict.problem == "gpu" and verdict.gpu is not None:
        facts["gpu"] = verdict.gpu.name or "the GPU"
        facts["capability"] = verdict.gpu.compute_capability or ""
        return (Note("gpu-not-covered", "warning", "", facts),)
    if verdict.level == MINOR_COMPATIBLE:
        return (Note("driver-minor-compatible", "warning", "", facts),)
    return ()


def check_cuda_selectors(situation: Problem, catalogue: Catalogue) -> Plan:
    """Keep the request where every driver runs a CUDA version that it allows; else refuse it."""
    request = situation.request
    roles = (*SELECTORS, *METAPACKAGES, CUDA_BUILD)
    asks = [ask for ask in situation.of(*roles) if ask.role != "cpuonly"]
    rows = catalogue.drivers.rows
    allowed = [row.cuda for row in rows if all(row.cuda in ask.allows for ask in asks)]
    if not allowed or all(ask.allows.is_any for ask in asks):
        return unchanged(request)
    oldest = min(allowed, key=version)
    levels = [(level(oldest, host, catalogue.drivers), host) for host in situation.with_driver]
    strict = request.policy == "strict"
    for how, host in levels:
        if how is None or (how == MINOR_COMPATIBLE and strict):
            case = "strict" if how else "as-is" if request.as_is else ""
            facts = {**_facts(asks, oldest, host), "specs": with_older_cuda(situation, host)}
            if request.as_is:
                note = Note("cuda-newer-than-driver", "warning", case, facts)
                return unchanged(request, None, (note,))
            note = Note("cuda-newer-than-driver", "error", case, facts)
            return Plan(request.id, "conda", "refused", notes=(note,))
    notes = (
        Note("driver-minor-compatible", "warning", "", _facts(asks, oldest, host))
        for how, host in levels
        if how == MINOR_COMPATIBLE
    )
    return unchanged(request, None, tuple(notes)[:1])


def with_older_cuda(situation: Problem, host: Host) -> str:
    """Write the specs so that they allow no CUDA newer than a host's; empty where it is not known.

    What the specs say of CUDA is replaced; where they say nothing, conda-forge's `cuda-version`
    holds every package that has a CUDA version.
    """
    if not host.cuda:
        return ""
    bounds, kept = [], []
    for ask in situation.asks:
        if ask.role in (*SELECTORS, *METAPACKAGES) and ask.role != "cpuonly":
            bounds.append(f"{ask.head}<={host.cuda}")
        else:
            kept.append(ask.head if ask.role == CUDA_BUILD else ask.text)
    return shlex.join([*kept, *(bounds or [f"cuda-version<={host.cuda}"])])


def _facts(asks: list[Requirement], cuda: str, host: Host) -> dict[str, str]:
    return {
        "build": " ".join(ask.text for ask in asks),
        "cuda": cuda,
        "host_cuda": host.cuda or "",
        "driver": host.driver or "",
    }


_OTHER_CARRIERS = {"conda-forge", "defaults", "main"}


def check_specs(request: Request, catalogue: Catalogue) -> tuple[Note, ...]:
    """Check a conda request; nothing is said on a machine without a driver but wrong names."""
    situation = read_problem(replace(request, as_is=True), catalogue)
    if not situation.family:
        lone = check_cuda_selectors(situation, catalogue).notes
        return tuple(replace(note, case="typed") for note in lone)
    stock = find_candidates(situation, catalogue)
    notes = [*_wrong_name(situation), *_wrong_pair(situation, stock)]
    notes += _channel_ended(situation, stock, catalogue)
    if situation.with_driver and not notes:
        notes += [
            replace(note, case="typed") for note in check_as_typed(situation, catalogue).notes
        ]
    return tuple(notes)


def _wrong_name(situation: Problem) -> list[Note]:
    """Tell pip's way of naming things: `torch`, and `+cu121` in a version."""
    asks = situation.of(TORCH)
    if any(ask.head.rpartition("::")[2].lower() == "torch" for ask in asks):
        return [Note("name-is-pytorch-on-conda", "warning", "typed")]
    label = next((ask.wish.text for ask in asks if ask.wish and ask.wish.text[0] == "+"), None)
    return [Note("name-is-pytorch-on-conda", "warning", "label", {"label": label})] if label else []


def _wrong_pair(situation: Problem, stock: Candidates) -> list[Note]:
    if stock.paired or not stock.releases:
        return []
    asks = situation.of(*COMPANIONS)
    facts = {
        "asked": " ".join(ask.text for ask in situation.family),
        "pair": " ".join(compatible_versions(stock.releases, asks, situation)),
    }
    return [Note("companion-mismatch", "warning", "", facts)]


def _channel_ended(situation: Problem, stock: Candidates, catalogue: Catalogue) -> list[Note]:
    """Tell a release that none of the channels in force can have (2.6 and later from pytorch)."""
    last = next((b.release for b in catalogue.builds if b.source == PYTORCH_CHANNEL), None)
    names = {channel_name(channel) for channel in situation.channels}
    if last is None or "pytorch" not in names or names & _OTHER_CARRIERS or not stock.paired:
        return []
    oldest = min((release.version for release in stock.paired), key=version)
    if version(oldest) <= version(last):
        return []
    return [Note("channel-ended", "warning", "typed", {"last": last, "release": oldest})]
