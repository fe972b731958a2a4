"""The matrix: every release in every variant, whether it runs on the machines, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, cuda_of, public_version, version

from .matrix_reasons import in_favour, of_driver, of_gpu, of_libc, of_python
from .pipeline import make_plan, plan_problem
from .problem import read_problem
from .ranking import judge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.version import Version

    from conda_cuda_guard.model import Build, Catalogue, Plan, Request

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

    def again(other: Problem) -> Verdict:
        return judge(build, other, catalogue)

    verdict = again(problem)
    against = (
        *of_driver(verdict, problem, again),
        *of_gpu(verdict, problem, again),
        *of_libc(build, problem),
        *of_python(build, problem),
    )
    if against:
        return MatrixCell(build.release, build.variant, NO, against)
    state = verdict.level or CPU_ONLY
    return MatrixCell(build.release, build.variant, state, in_favour(verdict, problem))


def missing_cell(
    package: str, release: str, variant: str, platforms: Iterable[str], problem: Problem
) -> MatrixCell:
    """Return the cell of a build that is for other platforms, not on the index, or never made."""
    facts = {"build": f"{package} {release} ({variant})", "platform": problem.platform}
    others = sorted(set(platforms))
    if not others:
        return MatrixCell(release, variant, ABSENT, (Note("variant-not-made", "info", "", facts),))
    if problem.platform in others:
        return MatrixCell(
            release, variant, NO, (Note("index-lacks-variant", "error", "cell", facts),)
        )
    facts["platforms"] = ", ".join(others)
    return MatrixCell(release, variant, NO, (Note("platform-not-covered", "error", "", facts),))


def with_reasons(cell: MatrixCell, notes: tuple[Note, ...]) -> MatrixCell:
    """Return a cell with more that is against the build, in place of what is said of it already."""
    reasons = cell.reasons if cell.state == NO else ()
    told = {note.code for note in notes}
    kept = (note for note in reasons if note.code not in told)
    return replace(cell, state=NO, reasons=(*kept, *notes))


def best_cell(cells: Iterable[MatrixCell]) -> MatrixCell | None:
    """Return the first cell that fits, else the first: several sources may have a build."""
    found = list(cells)
    return next((one for one in found if one.state != NO), next(iter(found), None))


Builds = dict[tuple[str, str], list["Build"]]


@dataclass(frozen=True)
class MatrixRow:
    """A release: a cell for each variant, and the variant that an install of it takes.

    `belongs` are the releases of another package that it belongs to, newest first.
    """

    release: str
    cells: tuple[MatrixCell, ...]
    choice: str | None
    belongs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Matrix:
    """Releases against variants for the machines.

    `package` is what the releases are of, `lead` the package that each belongs to a release of, if
    any. Of a package that is built `against` another one the
    rows are the release series of that, and `belongs` the versions that have files for it.
    `variants` are those that a release shown was made for on any platform, the newest CUDA first
    and `cpu` last. `plan` is the plan of the request itself; `choice` is the release and variant
    that it takes, None where it is refused.
    """

    problem: Problem
    plan: Plan
    choice: tuple[str, str] | None
    package: str
    variants: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    lead: str = ""
    against: str = ""

    @property
    def asked(self) -> tuple[str, ...]:
        """The requirements as typed."""
        return self.problem.request.requirements

    @property
    def rows_of(self) -> str:
        """What the releases by row are of."""
        return self.against or self.package

    @property
    def beside(self) -> str:
        """What the releases beside those of a row are of; empty where there are none."""
        return self.package if self.against else self.lead


def make_matrix(
    request: Request, catalogue: Catalogue, known: Iterable[Build], *, every_patch: bool = True
) -> Matrix:
    """Return the matrix of every release that the request allows, in every variant.

    `known` are the builds of every platform: a build of another one is told from one that was never
    made. Without `every_patch` the newest patch of each minor version is shown, and the
    release that the request takes.
    """
    problem = read_problem(request, catalogue)
    here, everywhere = by_cell(catalogue.builds), by_cell(known)
    plan = plan_problem(problem, catalogue)
    choice = taken_by(plan, problem.lead_name)
    there = {release for release, _ in (*here, *everywhere)}
    releases = [
        release.version
        for release in catalogue.releases
        if release.version in there
        and all(release.version in requirement.allows for requirement in problem.requirements)
    ]
    if not every_patch:
        releases = newest_patches(releases, {release for release, _ in here}, choice)
    made = {variant for release, variant in (*here, *everywhere) if release in releases}
    variants = tuple(sorted(made, key=cuda_order, reverse=True))
    rows = tuple(_row(one, variants, (here, everywhere), problem, catalogue) for one in releases)
    return Matrix(problem, plan, choice, problem.lead_name, variants, rows)


def by_cell(builds: Iterable[Build]) -> Builds:
    """Return builds by release and variant."""
    found: Builds = {}
    for build in builds:
        found.setdefault((build.release, build.variant), []).append(build)
    return found


def cuda_order(variant: str) -> Version:
    """Return a variant's sort key, its CUDA version; `cpu` is first, `cu92` before `cu100`."""
    return version(cuda_of(variant) or "0")


def newest_patches(
    releases: list[str], here: set[str], choice: tuple[str, str] | None
) -> list[str]:
    """Return the newest patch of each minor version, one with a build for this platform if any has.

    The release that the request takes is included. Where all are of one minor version, its patches
    are what is told apart.
    """
    parts = 2
    while len(releases) > 1 and parts < _PARTS and len(_beginnings(releases, parts)) == 1:
        parts += 1
    newest: dict[tuple[int, ...], str] = {}
    for release in sorted(releases, key=lambda one: one not in here):
        newest.setdefault(version(release).release[:parts], release)
    kept = {*newest.values(), *(choice or ())[:1]}
    return [release for release in releases if release in kept]


_PARTS = 4  # numbers of a version that are looked at, at most


def _beginnings(releases: Iterable[str], parts: int) -> set[tuple[int, ...]]:
    return {version(release).release[:parts] for release in releases}


def taken_by(plan: Plan, package: str) -> tuple[str, str] | None:
    """Return the version and variant that a plan takes of a package; None where it takes none."""
    number = plan.packages.get(package)
    if plan.status == "refused" or number is None or plan.variant is None:
        return None
    return public_version(number), plan.variant


def _row(
    release: str,
    variants: tuple[str, ...],
    builds: tuple[Builds, Builds],
    problem: Problem,
    catalogue: Catalogue,
) -> MatrixRow:
    request = replace(problem.request, requirements=(f"{problem.lead_name}=={release}",))
    taken = taken_by(make_plan(request, catalogue), problem.lead_name)
    here, everywhere = builds
    cells = []
    for variant in variants:
        at = (release, variant)
        found = best_cell(judge_cell(build, problem, catalogue) for build in here.get(at, ()))
        platforms = (build.platform for build in everywhere.get(at, ()))
        cells.append(found or missing_cell(problem.lead_name, *at, platforms, problem))
    return MatrixRow(release, tuple(cells), taken[1] if taken else None)
