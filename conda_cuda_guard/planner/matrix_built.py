"""The matrix of a package that is built against the lead: its release series by variant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note
from conda_cuda_guard.model.built import against
from conda_cuda_guard.model.versions import listed_pythons, minor_release, public_version, version

from .built import uncovered_notes
from .built_files import find_file, read_built_asks
from .matrix import (
    NO,
    Matrix,
    MatrixCell,
    MatrixRow,
    best_cell,
    cuda_order,
    judge_cell,
    taken_by,
    with_reasons,
)
from .matrix_reasons import not_for_python
from .pipeline import make_plan, plan_problem
from .problem import read_problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conda_cuda_guard.model import Build, Catalogue, Plan, Request
    from conda_cuda_guard.model.built import Against, BuiltFiles

    from .built_files import BuiltAsk
    from .problem import Problem

_Builds = dict[tuple[str, str], list["Build"]]


@dataclass(frozen=True)
class _SeriesCells:
    """What the cells are made from; `here` and `everywhere` are the lead's builds by series."""

    ask: BuiltAsk
    problem: Problem
    catalogue: Catalogue
    here: _Builds
    everywhere: _Builds

    def cell(self, minor: str, variant: str) -> tuple[MatrixCell, str]:
        """Return the cell of a series in a variant, and the version that it has a file of."""
        found = [self._of_build(build, minor) for build in self.here.get((minor, variant), ())]
        best = best_cell(cell for cell, number in found if number)
        if best is not None:
            return best, next(number for cell, number in found if cell is best)
        builds = self.everywhere.get((minor, variant), ())
        rows = [row for build in builds for row in self._rows(self._lead(build))]
        return self._without(minor, variant, rows), ""

    def _lead(self, build: Build) -> Against:
        return against(build.release, build.variant, self.problem.family)

    def _of_build(self, build: Build, minor: str) -> tuple[MatrixCell, str]:
        """Return the cell of the file for a build of the lead, with all that is against it."""
        cell = replace(judge_cell(build, self.problem, self.catalogue), release=minor)
        file = find_file(self.ask, self._lead(build), self.problem, self.catalogue)
        if file is None:
            return cell, ""
        told = () if build.cuda is None else tuple(uncovered_notes(self.ask, self.problem))
        return (with_reasons(cell, told) if told else cell), public_version(file.version)

    def _rows(self, found: Against) -> Iterator[BuiltFiles]:
        """Yield the rows with files for a build of the lead, on whatever platform and Python."""
        for row in self.ask.family.files:
            numbers = row.versions.get(self.ask.package, ())
            if row.agrees(found) and any(map(self.ask.allows, numbers)):
                yield row

    def _without(self, minor: str, variant: str, rows: list[BuiltFiles]) -> MatrixCell:
        """Return the cell of a series that has no file here: for what there is one, if any."""
        problem, package = self.problem, self.ask.package
        facts = {"build": f"{package} for {problem.lead_name} {minor} ({variant})"}
        of_platform = [
            row for row in rows if not row.platforms or problem.platform in row.platforms
        ]
        if not rows:
            note = Note("variant-not-made", "info", "", facts)
            return MatrixCell(minor, variant, "absent", (note,))
        if not of_platform:
            names = sorted({name for row in rows for name in row.platforms})
            facts |= {"platform": problem.platform, "platforms": ", ".join(names)}
            note = Note("platform-not-covered", "error", "", facts)
            return MatrixCell(minor, variant, NO, (note,))
        pythons = {name for row in of_platform for name in row.pythons}
        listed = listed_pythons(pythons)
        if pythons and not problem.pythons <= pythons:
            note = not_for_python(facts["build"], listed, problem)
            return MatrixCell(minor, variant, NO, (note,))
        note = Note("index-lacks-variant", "error", "cell", facts)
        return MatrixCell(minor, variant, NO, (note,))


def make_built_matrix(
    request: Request, catalogue: Catalogue, known: Iterable[Build], *, every_patch: bool = True
) -> Matrix:
    """Return the matrix of the release series of the lead that a package has files for.

    The one requirement is on that package; `known` are the lead's builds of every platform. With
    `every_patch` those without any file are shown too.
    """
    problem = read_problem(request, catalogue)
    (ask,) = read_built_asks(problem, catalogue.built)
    plan = plan_problem(problem, catalogue)
    builds = tuple(known)
    about = _SeriesCells(ask, problem, catalogue, _by_series(catalogue.builds), _by_series(builds))
    made = {at: about.cell(*at) for at in {**about.here, **about.everywhere}}
    shown = {at for at, (cell, _) in made.items() if cell.state != "absent"}
    of_rows = made if every_patch and not ask.specifier else shown
    minors = sorted({minor for minor, _ in of_rows}, key=version, reverse=True)
    variants = tuple(sorted({variant for _, variant in shown}, key=cuda_order, reverse=True))
    rows = tuple(_row(minor, variants, made, about) for minor in minors)
    choice = _taken(plan, ask, problem)
    return Matrix(problem, plan, choice, ask.package, variants, rows, against=problem.lead_name)


def _by_series(builds: Iterable[Build]) -> _Builds:
    """Return builds of the lead by its release series and variant, the newest release first."""
    found: _Builds = {}
    for build in sorted(builds, key=lambda one: version(one.release), reverse=True):
        minor = minor_release(build.release)
        found.setdefault((minor, build.variant), []).append(build)
    return found


def _row(
    minor: str,
    variants: tuple[str, ...],
    made: Mapping[tuple[str, str], tuple[MatrixCell, str]],
    about: _SeriesCells,
) -> MatrixRow:
    found = [made.get((minor, one)) or about.cell(minor, one) for one in variants]
    numbers = sorted({number for _, number in found if number}, key=version, reverse=True)
    request = about.problem.request
    lead = f"{about.problem.lead_name}=={minor}.*"
    exactly = replace(request, requirements=(*request.requirements, lead))
    taken = _taken(make_plan(exactly, about.catalogue), about.ask, about.problem)
    cells = tuple(cell for cell, _ in found)
    return MatrixRow(minor, cells, taken[1] if taken else None, tuple(numbers))


def _taken(plan: Plan, ask: BuiltAsk, problem: Problem) -> tuple[str, str] | None:
    """Return the series and variant of the lead that a plan takes a file for; else None."""
    taken = taken_by(plan, problem.lead_name)
    has_file = any(one.family == ask.family.name and one.packages for one in plan.families)
    if taken is None or not has_file:
        return None
    return minor_release(taken[0]), taken[1]
