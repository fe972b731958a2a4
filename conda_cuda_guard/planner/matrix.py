"""The matrix: every release in every variant, whether it runs on the machines, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, joined
from conda_cuda_guard.model.versions import cuda_of, public_version, version

from .alternatives import describe, describe_gpu, gpu_name, pythons_of
from .compatibility import MINOR_COMPATIBLE
from .pipeline import make_plan
from .problem import read_problem
from .ranking import judge, with_newer_driver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.version import Version

    from conda_cuda_guard.model import Build, Catalogue, Host, Plan, Request

    from .problem import Problem
    from .ranking import Verdict

CPU_ONLY = "cpu-only"
NO = "no"
ABSENT = "absent"


@dataclass(frozen=True)
class MatrixCell:
    """A release in a variant.

    `state` is `direct`, `minor-compatible`, `cpu-only` (runs, and uses no GPU), `no` (it does not
    fit) or `absent` (it was never made). `reasons` are the notes on why.
    """

    release: str
    variant: str
    state: str
    reasons: tuple[Note, ...]


def judge_cell(build: Build, problem: Problem, catalogue: Catalogue) -> MatrixCell:
    """Return a build's cell, with every reason against it, not only the first."""
    verdict = judge(build, problem, catalogue)
    against = (
        *_of_driver(verdict, problem, catalogue),
        *_of_gpu(verdict, problem, catalogue),
        *_of_libc(build, problem),
        *_of_python(build, problem),
    )
    if against:
        return MatrixCell(build.release, build.variant, NO, against)
    state = verdict.level or CPU_ONLY
    return MatrixCell(build.release, build.variant, state, _in_favour(verdict, problem))


def missing_cell(
    release: str, variant: str, elsewhere: Iterable[Build], problem: Problem
) -> MatrixCell:
    """Return the cell of a build that is for other platforms, not on the index, or never made."""
    facts = {
        "build": f"{problem.family.lead.pip} {release} ({variant})",
        "platform": problem.platform,
    }
    platforms = sorted({build.platform for build in elsewhere})
    if not platforms:
        return MatrixCell(release, variant, ABSENT, (Note("variant-not-made", "info", "", facts),))
    if problem.platform in platforms:
        return MatrixCell(
            release, variant, NO, (Note("index-lacks-variant", "error", "cell", facts),)
        )
    facts["platforms"] = ", ".join(platforms)
    return MatrixCell(release, variant, NO, (Note("platform-not-covered", "error", "", facts),))


def _of_driver(verdict: Verdict, problem: Problem, catalogue: Catalogue) -> Iterable[Note]:
    if verdict.reason != "driver":
        return
    loose = replace(problem, request=replace(problem.request, policy="auto"))
    by_policy = judge(verdict.build, loose, catalogue).reason != "driver"
    yield Note("cuda-newer-than-driver", "error", "strict" if by_policy else "", _facts(verdict))


def _of_gpu(verdict: Verdict, problem: Problem, catalogue: Catalogue) -> Iterable[Note]:
    """Yield the note on a GPU without code; case `ptx` where a newer driver would compile it."""
    later = judge(verdict.build, with_newer_driver(verdict.build, problem), catalogue)
    found = later if later.reason == "gpu" else verdict
    if found.reason == "gpu" and found.gpu is not None:
        gpu = {"gpu": gpu_name(found.gpu), "capability": found.gpu.compute_capability or ""}
        case = "" if found is later else "ptx"
        yield Note("gpu-not-covered", "error", case, {**_facts(found), **gpu})


def _of_libc(build: Build, problem: Problem) -> Iterable[Note]:
    for host in problem.hosts:
        if not host.has_libc(build.libc):
            facts = {"build": describe(build), "libc": host.libc or "", "needed": build.libc or ""}
            yield Note("libc-too-old", "error", "cell", facts)
            return


def _of_python(build: Build, problem: Problem) -> Iterable[Note]:
    if problem.is_for(replace(build, libc=None)):
        return
    facts = {
        "build": describe(build),
        "python": ", ".join(sorted(problem.pythons, key=lambda one: version(one.rstrip("t")))),
        "pythons": pythons_of((build,)),
    }
    yield Note("python-not-covered", "error", "cell", facts)


def _in_favour(verdict: Verdict, problem: Problem) -> tuple[Note, ...]:
    facts = _facts(verdict)
    if verdict.build.cuda is None:
        case = "macos" if problem.platform.startswith("macos") else ""
        return (Note("cpu-build", "info", case, facts),)
    if not problem.with_driver:
        return (Note("no-driver", "info", "cell", facts),)
    if verdict.level == MINOR_COMPATIBLE:
        level = Note("driver-minor-compatible", "warning", "", facts)
    else:
        level = Note("driver-direct", "info", "", facts)
    known = [gpu for gpu in problem.gpus if gpu.compute_capability]
    gpus = {**facts, "gpus": joined(", ", dict.fromkeys(map(describe_gpu, known)))}
    covered = (Note("gpu-covered", "info", "", gpus),) if known else ()
    unknown = (Note("no-gpu-known", "info"),) if problem.gpus_unknown else ()
    return (level, *covered, *unknown)


def _facts(verdict: Verdict) -> dict[str, str]:
    facts = {"build": describe(verdict.build), "cuda": verdict.build.cuda or ""}
    if verdict.host is not None:
        facts.update(driver=verdict.host.driver or "", host_cuda=verdict.host.cuda or "")
    return facts


_Builds = dict[tuple[str, str], list["Build"]]


@dataclass(frozen=True)
class MatrixRow:
    """A release: a cell for each variant, and the variant that an install of it takes."""

    release: str
    cells: tuple[MatrixCell, ...]
    choice: str | None


@dataclass(frozen=True)
class Matrix:
    """Releases against variants for the machines.

    `asked` are the requirements as typed. `variants` are those that a release shown was made for on
    any platform, the newest CUDA first and `cpu` last. `plan` is the plan of the request itself;
    `choice` is the release and variant that it takes, None where it is refused.
    """

    asked: tuple[str, ...]
    hosts: tuple[Host, ...]
    policy: str
    variants: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    plan: Plan
    choice: tuple[str, str] | None


def make_matrix(
    request: Request, catalogue: Catalogue, known: Iterable[Build], *, every_patch: bool = True
) -> Matrix:
    """Return the matrix of every release that the request allows, in every variant.

    `known` are the builds of every platform: a build of another one is told from one that was never
    made. Without `every_patch` the newest patch of each minor version is shown, and the
    release that the request takes.
    """
    problem = read_problem(request, catalogue)
    here, everywhere = _by_cell(catalogue.builds), _by_cell(known)
    plan = make_plan(request, catalogue)
    choice = _taken(plan, problem)
    there = {release for release, _ in (*here, *everywhere)}
    releases = [
        release.version
        for release in catalogue.releases
        if release.version in there
        and all(release.version in requirement.allows for requirement in problem.requirements)
    ]
    if not every_patch:
        releases = _newest_patches(releases, {release for release, _ in here}, choice)
    made = {variant for release, variant in (*here, *everywhere) if release in releases}
    variants = tuple(sorted(made, key=_cuda_order, reverse=True))
    rows = (_row(one, variants, (here, everywhere), problem, catalogue) for one in releases)
    return Matrix(
        request.requirements, problem.hosts, request.policy, variants, tuple(rows), plan, choice
    )


def _by_cell(builds: Iterable[Build]) -> _Builds:
    found: _Builds = {}
    for build in builds:
        found.setdefault((build.release, build.variant), []).append(build)
    return found


def _cuda_order(variant: str) -> Version:
    """Return a variant's sort key, its CUDA version; `cpu` is first, `cu92` before `cu100`."""
    return version(cuda_of(variant) or "0")


def _newest_patches(
    releases: list[str], here: set[str], choice: tuple[str, str] | None
) -> list[str]:
    """Return the newest patch of each minor version, one with a build for this platform if any has.

    The release that the request takes is included.
    """
    newest: dict[tuple[int, ...], str] = {}
    for release in sorted(releases, key=lambda one: one not in here):
        newest.setdefault(version(release).release[:2], release)
    kept = {*newest.values(), *(choice or ())[:1]}
    return [release for release in releases if release in kept]


def _taken(plan: Plan, problem: Problem) -> tuple[str, str] | None:
    """Return the release and variant of a plan; None where it installs no lead that is known."""
    lead = plan.packages.get(problem.lead_name)
    if plan.status == "refused" or lead is None or plan.variant is None:
        return None
    return public_version(lead), plan.variant


def _row(
    release: str,
    variants: tuple[str, ...],
    builds: tuple[_Builds, _Builds],
    problem: Problem,
    catalogue: Catalogue,
) -> MatrixRow:
    request = replace(problem.request, requirements=(f"{problem.lead_name}=={release}",))
    taken = _taken(make_plan(request, catalogue), problem)
    here, everywhere = builds
    cells = []
    for variant in variants:
        at = (release, variant)
        found = [judge_cell(build, problem, catalogue) for build in here.get(at, ())]
        # Several indexes may have it: one that fits is shown.
        fitting = next((cell for cell in found if cell.state != NO), None)
        lacking = missing_cell(release, variant, everywhere.get(at, ()), problem)
        cells.append(fitting or next(iter(found), lacking))
    return MatrixRow(release, tuple(cells), taken[1] if taken else None)
