"""The matrix of a package that belongs to releases of the lead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model.versions import public_version, version

from .candidates import companion, companion_version
from .matrix import (
    Builds,
    Matrix,
    MatrixCell,
    MatrixRow,
    best_cell,
    by_cell,
    cuda_order,
    judge_cell,
    missing_cell,
    newest_patches,
)
from .pipeline import make_plan
from .problem import read_problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Build, Catalogue, Plan, Release, Request

    from .problem import Problem


@dataclass(frozen=True)
class _About:
    """What the cells of one version are made from: `problem` asks for exactly this version."""

    package: str
    number: str
    releases: tuple[Release, ...]
    problem: Problem
    catalogue: Catalogue

    def has(self, release: Release, variant: str) -> bool:
        """Return whether the version has files for a variant of a release."""
        found = companion(release, self.package, self.problem)
        return found is not None and self.number in found.of(variant)

    def is_taken(self, release: Release, variant: str) -> bool:
        """Return whether pip would take them here."""
        found = companion_version(release, self.package, self.problem, variant=variant)
        return found is not None


def make_follower_matrix(
    package: str,
    request: Request,
    catalogue: Catalogue,
    known: Iterable[Build],
    *,
    every_patch: bool = True,
) -> Matrix:
    """Return the matrix of the versions of a companion that the one requirement on it allows.

    Each cell is that of the newest release of the lead which the version belongs to and which fits.
    """
    problem = read_problem(request, catalogue)
    plan = make_plan(request, catalogue)
    choice = _taken(plan, package)
    here, everywhere = by_cell(catalogue.builds), by_cell(known)
    belongs = _belonging(package, problem, catalogue)
    numbers = sorted(belongs, key=version, reverse=True)
    if not every_patch:
        there = {release for release, _ in here}
        usable = {n for n, of in belongs.items() if any(one.version in there for one in of)}
        numbers = newest_patches(numbers, usable, choice)
    rows = []
    for number in numbers:
        exactly = replace(request, requirements=(f"{package}=={number}",))
        taken = _taken(make_plan(exactly, catalogue), package)
        again = read_problem(exactly, catalogue)
        about = _About(package, number, belongs[number], again, catalogue)
        cells = _cells(about, (here, everywhere))
        names = tuple(one.version for one in about.releases)
        rows.append((number, cells, taken[1] if taken else None, names))
    made = {variant for _, cells, _, _ in rows for variant in cells}
    variants = tuple(sorted(made, key=cuda_order, reverse=True))
    return Matrix(
        request.requirements,
        problem.hosts,
        request.policy,
        variants,
        tuple(
            MatrixRow(
                number,
                tuple(
                    cells.get(one) or missing_cell(package, number, one, (), problem)
                    for one in variants
                ),
                taken,
                names,
            )
            for number, cells, taken, names in rows
        ),
        plan,
        choice,
        package,
        problem.lead_name,
    )


def _belonging(
    package: str, problem: Problem, catalogue: Catalogue
) -> dict[str, tuple[Release, ...]]:
    """Return the versions that are allowed, each with the releases it belongs to, newest first."""
    asked = problem.on(package)
    found: dict[str, list[Release]] = {}
    for release in catalogue.releases:
        one = companion(release, package, problem)
        for number in one.versions if one else ():
            if all(number in requirement.allows for requirement in asked):
                found.setdefault(number, []).append(release)
    return {number: tuple(releases) for number, releases in found.items()}


def _cells(about: _About, builds: tuple[Builds, Builds]) -> dict[str, MatrixCell]:
    """Return the cells of a version by variant, for those that it was made in on any platform."""
    here, everywhere = builds
    names = {one.version for one in about.releases}
    variants = {variant for at, variant in (*here, *everywhere) if at in names}
    cells = {}
    for variant in variants:
        of_it = [one for one in about.releases if about.has(one, variant)]
        judged = (
            judge_cell(build, about.problem, about.catalogue)
            for one in of_it
            if about.is_taken(one, variant)
            for build in here.get((one.version, variant), ())
        )
        found = best_cell(judged)
        platforms = (
            build.platform for one in of_it for build in everywhere.get((one.version, variant), ())
        )
        if found is not None:
            cells[variant] = replace(found, release=about.number)
        elif of_it:
            at = (about.number, variant)
            cells[variant] = missing_cell(about.package, *at, platforms, about.problem)
    return {name: cell for name, cell in cells.items() if cell.state != "absent"}


def _taken(plan: Plan, package: str) -> tuple[str, str] | None:
    """Return the version and variant that a plan takes of a package; None where it takes none."""
    number = plan.packages.get(package)
    if plan.status == "refused" or number is None or plan.variant is None:
        return None
    return public_version(number), plan.variant
