"""Why no build of a spelt family can be taken, and what could be (rule 7)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note
from conda_cuda_guard.model.versions import version

from .alternatives import gpu_name
from .compatibility import least_driver
from .ranking import best_verdict
from .spelt_candidates import candidates_of, judged

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conda_cuda_guard.model import Catalogue
    from conda_cuda_guard.model.spelling import SpeltFamily

    from .problem import Problem
    from .ranking import Verdict
    from .spelt_parse import Ask


def listed(asks: Iterable[Ask]) -> str:
    """Return what is asked for, in one line."""
    return " ".join(one.text for one in asks if not one.origin.is_bound)


def none_allowed(
    family: SpeltFamily,
    typed: Sequence[Ask],
    problem: Problem,
    catalogue: Catalogue,
    major: int | None = None,
) -> Note:
    """Return why no build is for what was asked: version, Python, platform, or CUDA's `major`."""
    facts = {"asked": listed(typed), "platform": problem.platform}
    facts["pythons"] = ", ".join(sorted(problem.pythons))
    facts.update(_nearest(family, typed, problem, catalogue, major))
    return Note("no-variant-fits", "error", "family-none", facts)


def nothing_fits_spelt(
    family: SpeltFamily,
    typed: Sequence[Ask],
    failed: Iterable[Verdict],
    problem: Problem,
    catalogue: Catalogue,
) -> tuple[Note, ...]:
    """Return why every build fails on the machine: the driver that would do, the release too."""
    verdicts = list(failed)
    if not verdicts:
        return (none_allowed(family, typed, problem, catalogue),)
    late = [one for one in verdicts if one.reason == "driver"]
    facts = {"asked": listed(typed), **_nearest(family, typed, problem, catalogue)}
    if late:
        least = min(late, key=lambda one: version(one.build.cuda or "0"))
        host = least.host or problem.hosts[0]
        facts.update(
            cuda=least.build.cuda or "",
            host_cuda=host.cuda or "",
            driver=host.driver or "",
            driver_needed=least_driver(least.build.cuda or "", host, catalogue.drivers) or "",
        )
        return (Note("no-variant-fits", "error", "family", facts),)
    gpu = verdicts[0].gpu
    assert gpu is not None  # noqa: S101 - a verdict fails by its driver or a GPU
    facts.update(gpu=gpu_name(gpu), capability=gpu.compute_capability or "")
    return (Note("no-variant-fits", "error", "family-gpu", facts),)


def _nearest(
    family: SpeltFamily,
    typed: Sequence[Ask],
    problem: Problem,
    catalogue: Catalogue,
    major: int | None = None,
) -> dict[str, str]:
    """Return the nearest request that runs here, or with another Python, whatever was typed."""
    bare = [replace(one, specifier="") for one in typed]
    hosts = tuple(replace(host, python=None) for host in problem.hosts)
    for where in (problem, replace(problem, hosts=hosts)):
        found = [one for one in candidates_of(family, bare, where, major) if one.build.cuda]
        best = best_verdict(judged(found, where, catalogue))
        if best is None:
            continue
        one = next(each for each in found if each.as_build is best.build)
        text = bare[0].as_built(one.build, f"=={one.release}" if one.release else "")
        if where is problem:
            return {"near": text}
        return {"other_python": str(one.build.pythons), "other_spec": text}
    return {}
