"""The matrix of a package that belongs to releases of the lead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, version

from .alternatives import describe
from .candidates import companion
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
    taken_by,
    with_reasons,
)
from .matrix_reasons import not_for_python, of_libc, without_code
from .pipeline import plan_problem
from .problem import read_problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.model import Build, Catalogue, Companion, Release, Request

    from .problem import Problem


@dataclass(frozen=True)
class _VersionCells:
    """What the cells of one version are made from: `problem` asks for exactly this version."""

    package: str
    number: str
    releases: tuple[Release, ...]
    problem: Problem
    catalogue: Catalogue

    def companion(self, release: Release) -> Companion | None:
        """Return what belongs to a release, on this platform or else on another."""
        return _companion(release, self.package, self.problem)

    def cell(self, release: Release, build: Build) -> MatrixCell | None:
        """Return the cell of the version beside a build of the lead; None without files for it."""
        found = self.companion(release)
        if found is None or self.number not in found.of(build.variant):
            return None
        cell = judge_cell(build, self.problem, self.catalogue)
        told = tuple(self._against(found, build))
        return replace(with_reasons(cell, told) if told else cell, release=self.number)

    def _against(self, found: Companion, build: Build) -> Iterator[Note]:
        """Yield what is against its own files: their platforms, Python, C library and GPU code."""
        own = replace(build, release=self.number, package=self.package, libc=None)
        if found.platforms and build.platform not in found.platforms:
            facts = {"build": describe(own), "platform": build.platform}
            facts["platforms"] = ", ".join(sorted(found.platforms))
            yield Note("platform-not-covered", "error", "", facts)
            return
        place = found.place(self.number, build.variant)
        if place is None:
            return
        yield from of_libc(replace(own, libc=place.libc), self.problem)
        if not all(place.pythons.allows_minor(python) for python in self.problem.pythons):
            yield not_for_python(describe(own), str(place.pythons), self.problem)
        for gpu in self.problem.gpus:
            if not place.covers(gpu.compute_capability, build.variant):
                yield without_code(own, gpu)
                return


def _companion(release: Release, package: str, problem: Problem) -> Companion | None:
    """Return a companion of a release, for whatever platform where there is none for this one."""
    return companion(release, package, problem) or release.on_pip(package, problem.family)


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
    plan = plan_problem(problem, catalogue)
    choice = taken_by(plan, package)
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
        again = read_problem(exactly, catalogue)
        taken = taken_by(plan_problem(again, catalogue), package)
        about = _VersionCells(package, number, belongs[number], again, catalogue)
        cells = _cells(about, (here, everywhere))
        names = tuple(one.version for one in about.releases)
        rows.append((number, cells, taken[1] if taken else None, names))
    made = {variant for _, cells, _, _ in rows for variant in cells}
    variants = tuple(sorted(made, key=cuda_order, reverse=True))
    shown = tuple(
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
    )
    return Matrix(problem, plan, choice, package, variants, shown, lead=problem.lead_name)


def _belonging(
    package: str, problem: Problem, catalogue: Catalogue
) -> dict[str, tuple[Release, ...]]:
    """Return the versions that are allowed, each with the releases it belongs to, newest first."""
    asked = problem.on(package)
    found: dict[str, list[Release]] = {}
    for release in catalogue.releases:
        one = _companion(release, package, problem)
        for number in one.versions if one else ():
            if all(number in requirement.allows for requirement in asked):
                found.setdefault(number, []).append(release)
    return {number: tuple(releases) for number, releases in found.items()}


def _cells(about: _VersionCells, builds: tuple[Builds, Builds]) -> dict[str, MatrixCell]:
    """Return the cells of a version by variant, for those that it was made in on any platform."""
    here, everywhere = builds
    names = {one.version for one in about.releases}
    variants = {variant for at, variant in (*here, *everywhere) if at in names}
    cells = {}
    for variant in variants:
        judged = (
            about.cell(one, build)
            for one in about.releases
            for build in here.get((one.version, variant), ())
        )
        found = best_cell(filter(None, judged))
        if found is not None:
            cells[variant] = found
            continue
        platforms = {
            build.platform
            for one in about.releases
            if (belonging := about.companion(one)) and about.number in belonging.of(variant)
            for build in everywhere.get((one.version, variant), ())
        }
        if platforms:
            at = (about.number, variant)
            cells[variant] = missing_cell(about.package, *at, platforms, about.problem)
    return cells
