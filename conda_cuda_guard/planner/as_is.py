"""`--as-is`: say what the request would do as typed, and rewrite nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Build, Note, Plan

from .choose import judge
from .driver import MINOR_COMPATIBLE
from .recommending import describe
from .supply import supply

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue, Request

    from .situation import Situation


def check(situation: Situation, catalogue: Catalogue) -> Plan:
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


def _would_get(situation: Situation, catalogue: Catalogue) -> Build | None:
    """Find the build that a manager takes: the one wished for, else pip's plain wheel.

    What conda's solver takes from an open request is not known before it has solved.
    """
    builds = supply(situation, catalogue).builds
    wish = situation.wish
    if wish is not None:
        return next((build for build in builds if wish.grants(build.cuda)), None)
    if not situation.is_pip or not builds:
        return None
    newest = builds[0].release
    variant = catalogue.plain.get(newest)
    return next((b for b in builds if b.release == newest and b.variant == variant), None)


def _warnings(build: Build, situation: Situation, catalogue: Catalogue) -> tuple[Note, ...]:
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
