"""One cell of the matrix: whether a build fits the machines, with every reason there is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note

from .choose import judge
from .driver import MINOR_COMPATIBLE
from .recommending import describe, pythons_of
from .versions import version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Build, Catalogue, Gpu, Host

    from .choose import Verdict
    from .situation import Situation

CPU_ONLY = "cpu-only"
NO = "no"
ABSENT = "absent"


@dataclass(frozen=True)
class Cell:
    """A release in a variant.

    `state` is `direct`, `minor-compatible`, `cpu-only` (runs, and uses no GPU), `no` (it does not
    fit) or `absent` (it was never made). `reasons` say why, those against it first.
    """

    release: str
    variant: str
    state: str
    reasons: tuple[Note, ...]


def judged(build: Build, situation: Situation, catalogue: Catalogue) -> Cell:
    """Judge a build, naming everything that stands in its way, not the first thing alone."""
    verdict = judge(build, situation, catalogue)
    against = (
        *_of_driver(verdict, situation, catalogue),
        *_of_gpu(verdict, situation, catalogue),
        *_of_python(build, situation),
    )
    if against:
        return Cell(build.release, build.variant, NO, against)
    state = verdict.level or CPU_ONLY
    return Cell(build.release, build.variant, state, _in_favour(verdict, situation))


def missing(release: str, variant: str, elsewhere: Iterable[Build], situation: Situation) -> Cell:
    """Say why there is no build: it is for other platforms, the index lacks it, or none is."""
    facts = {"build": f"torch {release} ({variant})", "platform": situation.platform}
    platforms = sorted({build.platform for build in elsewhere})
    if not platforms:
        return Cell(release, variant, ABSENT, (Note("variant-not-made", "info", "", facts),))
    if situation.platform in platforms:
        return Cell(release, variant, NO, (Note("index-lacks-variant", "error", "cell", facts),))
    facts["platforms"] = ", ".join(platforms)
    return Cell(release, variant, NO, (Note("platform-not-covered", "error", "", facts),))


def _of_driver(verdict: Verdict, situation: Situation, catalogue: Catalogue) -> Iterable[Note]:
    if verdict.problem != "driver":
        return
    loose = replace(situation, request=replace(situation.request, policy="auto"))
    by_policy = judge(verdict.build, loose, catalogue).problem != "driver"
    yield Note("cuda-newer-than-driver", "error", "strict" if by_policy else "", _facts(verdict))


def _of_gpu(verdict: Verdict, situation: Situation, catalogue: Catalogue) -> Iterable[Note]:
    """Tell a GPU without code; `ptx` is the case where a newer driver would compile it."""
    later = judge(verdict.build, _with_newer_driver(verdict.build, situation), catalogue)
    found = later if later.problem == "gpu" else verdict
    if found.problem == "gpu" and found.gpu is not None:
        gpu = {"gpu": found.gpu.name or "the GPU", "capability": found.gpu.compute_capability or ""}
        case = "" if found is later else "ptx"
        yield Note("gpu-not-covered", "error", case, {**_facts(found), **gpu})


def _with_newer_driver(build: Build, situation: Situation) -> Situation:
    """Give the machines as they would be with a driver that runs the build directly."""
    hosts = (_raised(host, build) for host in situation.hosts)
    return replace(situation, hosts=tuple(hosts))


def _raised(host: Host, build: Build) -> Host:
    if build.cuda is None or not host.has_cuda:
        return host
    newest = max(build.cuda, host.cuda or build.cuda, key=version)
    return replace(host, cuda=newest)


def _of_python(build: Build, situation: Situation) -> Iterable[Note]:
    if situation.is_for(build.pythons):
        return
    facts = {
        "build": describe(build),
        "python": ", ".join(sorted(situation.pythons, key=lambda one: version(one.rstrip("t")))),
        "pythons": pythons_of((build,)),
    }
    yield Note("python-not-covered", "error", "cell", facts)


def _in_favour(verdict: Verdict, situation: Situation) -> tuple[Note, ...]:
    facts = _facts(verdict)
    if verdict.build.cuda is None:
        case = "macos" if situation.platform.startswith("macos") else ""
        return (Note("cpu-build", "info", case, facts),)
    if not situation.with_driver:
        return (Note("no-driver", "info", "cell", facts),)
    if verdict.level == MINOR_COMPATIBLE:
        level = Note("driver-minor-compatible", "warning", "", facts)
    else:
        level = Note("driver-direct", "info", "", facts)
    known = [gpu for gpu in situation.gpus if gpu.compute_capability]
    gpus = {**facts, "gpus": ", ".join(dict.fromkeys(map(_named, known)))}
    covered = (Note("gpu-covered", "info", "", gpus),) if known else ()
    unknown = (Note("no-gpu-known", "info"),) if situation.gpus_unknown else ()
    return (level, *covered, *unknown)


def _named(gpu: Gpu) -> str:
    capability = f"compute capability {gpu.compute_capability}"
    return f"{gpu.name} ({capability})" if gpu.name else capability


def _facts(verdict: Verdict) -> dict[str, str]:
    facts = {"build": describe(verdict.build), "cuda": verdict.build.cuda or ""}
    if verdict.host is not None:
        facts.update(driver=verdict.host.driver or "", host_cuda=verdict.host.cuda or "")
    return facts
