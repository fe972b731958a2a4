"""Rule 7: why nothing can be installed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note

from .alternatives import alternatives, another_release
from .asking import COMPANIONS, TORCH
from .choose import judge
from .companions import companion, right_pair
from .driver import DIRECT
from .driver_needed import able, least_demanding
from .gpu import covers
from .recommending import asked_release, describe, fitting_of, pythons_of
from .supply import supply
from .versions import version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conda_cuda_guard.model import Build, Catalogue, Gpu, Host

    from .choose import Verdict
    from .situation import Situation
    from .supply import Supply

ERROR = "error"


def nothing_exists(situation: Situation, catalogue: Catalogue, stock: Supply) -> tuple[Note, ...]:
    """Explain a request that no existing build answers, whatever the machine's GPU."""
    facts = {"asked": _asked(situation), "platform": situation.platform}
    if not stock.releases:
        facts.update(newest=catalogue.releases[0].version, **_near(situation, catalogue))
        facts.update(another_release(situation, catalogue))
        return (Note("release-unknown", ERROR, "", facts),)
    if not stock.paired:
        unknown = _unknown_companion(situation, catalogue, stock)
        if unknown is not None:
            return (unknown,)
        return (
            Note("companion-mismatch", ERROR, "", {**facts, **_pairs(situation, catalogue, stock)}),
        )
    if not stock.on_platform:
        facts.update(another_release(situation, catalogue))
        return (Note("no-variant-fits", ERROR, "platform", facts),)
    return (
        Note("python-not-covered", ERROR, "", {**facts, **_pythons(situation, catalogue, stock)}),
    )


def nothing_fits(
    situation: Situation, catalogue: Catalogue, stock: Supply, verdicts: Sequence[Verdict]
) -> tuple[Note, ...]:
    """Explain a request whose builds all fail on this machine, and name the way out."""
    facts = {"asked": _asked(situation)}
    failed = [verdict for verdict in verdicts if verdict.problem]
    if not failed:
        facts.update(another_release(situation, catalogue))
        return (Note("no-variant-fits", ERROR, "no-build", facts),)
    gpus = (_gpu(gpu.name, gpu.compute_capability) for gpu in situation.gpus)
    facts.update(gpus=", ".join(dict.fromkeys(gpus)), **_machine(failed[0].host))
    facts.update(alternatives(situation, catalogue, stock))
    return (Note("no-variant-fits", ERROR, "", facts), _cause(failed, situation, catalogue))


def _cause(failed: Sequence[Verdict], situation: Situation, catalogue: Catalogue) -> Note:
    """Tell what the build that comes closest fails on: the driver, if it has code for the GPUs."""
    fitting = able(tuple(verdict.build for verdict in failed), situation, catalogue)
    if fitting:
        build = least_demanding(fitting)
        host = judge(build, situation, catalogue).host or situation.hosts[0]
        loose = replace(situation, request=replace(situation.request, policy="auto"))
        by_policy = judge(build, loose, catalogue).problem is None
        strict = "strict" if by_policy else ""
        facts = {"build": describe(build), "cuda": build.cuda or "", **_machine(host)}
        return Note("cuda-newer-than-driver", ERROR, strict, facts)
    closest = next((verdict for verdict in failed if verdict.gpu), failed[0])
    gpu = closest.gpu or _uncovered(closest.build, situation, catalogue)
    facts = {
        "build": describe(closest.build),
        "gpu": gpu.name or "the GPU",
        "capability": gpu.compute_capability or "",
    }
    return Note("gpu-not-covered", ERROR, "", facts)


def _uncovered(build: Build, situation: Situation, catalogue: Catalogue) -> Gpu:
    """Find the GPU that a build has no code for."""
    known = (gpu for gpu in situation.gpus if gpu.compute_capability)
    return next(
        gpu
        for gpu in known
        if not covers(build, gpu.compute_capability or "", DIRECT, catalogue.toolkits)
    )


def _machine(host: Host | None) -> dict[str, str]:
    if host is None:
        return {}
    return {"driver": host.driver or "", "host_cuda": host.cuda or ""}


def _gpu(name: str | None, capability: str | None) -> str:
    known = f"compute capability {capability}" if capability else "compute capability unknown"
    return f"{name} ({known})" if name else known


def _asked(situation: Situation) -> str:
    return " ".join(ask.text for ask in situation.family)


def _near(situation: Situation, catalogue: Catalogue) -> dict[str, str]:
    """Give the releases nearest to the one that was asked for: same minor version, or around it."""
    known = [release.version for release in catalogue.releases]
    asked = asked_release(situation, catalogue)
    if asked is None:
        return {"near_releases": ", ".join(known[:3])}
    same = [one for one in known if version(one).release[:2] == version(asked).release[:2]]
    at = sum(version(one) > version(asked) for one in known)
    start = max(0, min(at - 1, len(known) - 3))
    facts = {"near_releases": ", ".join(same or known[start : start + 3])}
    return {**facts, "oldest": known[-1]} if at == len(known) else facts


def _pairs(situation: Situation, catalogue: Catalogue, stock: Supply) -> dict[str, str]:
    """Name the right companions for the torch asked for, and the right torch for a companion."""
    asks = situation.of(*COMPANIONS)
    pair = right_pair(stock.releases, asks, situation)
    facts = {"pair": " ".join(pair)}
    reverse = supply(_without_torch(situation), catalogue).on_platform
    if reverse:
        facts["torch_for_companion"] = reverse[0].release
    if not pair and not reverse:
        facts["pair"] = " ".join(right_pair(catalogue.releases, asks, situation))
    return facts


def _unknown_companion(situation: Situation, catalogue: Catalogue, stock: Supply) -> Note | None:
    """Find a companion whose version belongs to no release at all."""
    asks = situation.of(*COMPANIONS) if situation.of(TORCH) else ()
    pair = " ".join(right_pair(stock.releases, asks, situation)) if asks else ""
    for ask in situation.of(*COMPANIONS):
        known = [companion(r, ask.role or "", situation) for r in catalogue.releases]
        versions = [number for one in known if one for number in one.versions]
        if not any(number in ask.allows for number in versions):
            facts = {"asked": ask.text, "package": ask.role or "", "newest": versions[0]}
            facts["pair"] = pair
            return Note("release-unknown", ERROR, "companion", facts)
    return None


def _without_torch(situation: Situation) -> Situation:
    return replace(situation, asks=tuple(a for a in situation.asks if a.role != TORCH))


def _pythons(situation: Situation, catalogue: Catalogue, stock: Supply) -> dict[str, str]:
    """Name the Pythons that the newest release asked for was made for."""
    newest = stock.on_platform[0].release
    builds = [build for build in stock.on_platform if build.release == newest]
    fitting = [verdict.build for verdict in fitting_of(builds, situation, catalogue)]
    asks = situation.of("python")
    facts = {
        "python": " ".join(str(ask.allows).lstrip("=") for ask in asks)
        or (situation.hosts[0].python or ""),
        "pythons": pythons_of(builds),
        "usable_pythons": pythons_of(fitting),
        "release": newest,
    }
    facts.update(another_release(situation, catalogue))
    return facts
