"""The matrix of a family whose builds are told apart by how a requirement is spelt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Build, version

from .alternatives import describe
from .matrix import (
    CPU_ONLY,
    NO,
    Matrix,
    MatrixCell,
    MatrixRow,
    best_cell,
    missing_cell,
    newest_patches,
)
from .matrix_reasons import in_favour, not_for_python, of_driver, of_gpu, of_libc
from .pipeline import make_plan, plan_problem
from .problem import read_problem
from .ranking import Verdict
from .spelt_candidates import Candidate, judge_spelt
from .spelt_parse import read_asks
from .spelt_question import SpeltQuestion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Catalogue, Plan, Request, SpeltBuild

    from .problem import Problem
    from .spelt_parse import Ask


def make_spelt_matrix(
    request: Request, catalogue: Catalogue, *, every_patch: bool = True
) -> Matrix:
    """Return the matrix of the releases that one requirement allows, in every variant.

    The requirement is on a package of a spelt family. Without `every_patch` the newest patch of
    each minor version is shown, and the release that the request takes.
    """
    problem = read_problem(request, catalogue)
    ask = read_asks(problem, catalogue.spelt)[0]
    question = SpeltQuestion(ask.family, (ask,), problem, catalogue)
    plan = plan_problem(problem, catalogue)
    choice = _taken(plan, ask)
    builds = [(one, set(_releases(one, ask))) for one in ask.family.builds]
    # A CPU build of another name has releases of its own, which say nothing of this one.
    own = (made for one, made in builds if one.cuda or one.distribution(ask.stem) == ask.stem)
    releases = sorted({number for made in own for number in made}, key=version, reverse=True)
    if not every_patch:
        fitting = (made for one, made in builds if one.is_for(problem.platform, None))
        here = {number for made in fitting for number in made}
        releases = newest_patches(releases, here, choice)
    variants = _variants(one for one, made in builds if made.intersection(releases))
    rows = []
    for release in releases:
        of_it = [one for one, made in builds if release in made]
        cells = tuple(_cell(release, variant, of_it, question) for variant in variants)
        rows.append(MatrixRow(release, cells, _choice(release, ask, request, catalogue)))
    return Matrix(problem, plan, choice, ask.stem, variants, tuple(rows))


def _releases(build: SpeltBuild, ask: Ask) -> Iterable[str]:
    """Yield the known releases of a build that a requirement allows."""
    for number in build.seen(ask.stem):
        if number in build.releases and number in ask.allows:
            yield number


def _variants(builds: Iterable[SpeltBuild]) -> tuple[str, ...]:
    """Return the variants of builds, the newest CUDA first and the CPU last."""
    found: dict[str, str] = {}
    for one in builds:
        found.setdefault(one.variant, one.cuda or "0")
    return tuple(sorted(found, key=lambda one: version(found[one]), reverse=True))


def _cell(
    release: str, variant: str, builds: Iterable[SpeltBuild], question: SpeltQuestion
) -> MatrixCell:
    problem, stem = question.problem, question.asks[0].stem
    made = [one for one in builds if one.variant == variant]
    here = [one for one in made if one.is_for(problem.platform, None)]
    # Of two files of a variant pip takes the one for this Python.
    found = best_cell(_judged(release, one, question) for one in here)
    platforms = (platform for one in made for platform in one.platforms)
    return found or missing_cell(stem, release, variant, platforms, problem)


def _judged(release: str, build: SpeltBuild, question: SpeltQuestion) -> MatrixCell:
    """Return a build's cell, with every reason against it, not only the first."""
    problem, stem = question.problem, question.asks[0].stem
    extra = f"[{build.extra}]" if build.extra else ""
    as_build = Build(
        release,
        build.variant,
        build.cuda,
        problem.platform,
        "",
        libc=build.libc,
        package=build.distribution(stem) + extra,
    )
    one = Candidate(build, release, as_build)

    def again(other: Problem) -> Verdict:
        if build.cuda is None:
            return Verdict(as_build)
        return judge_spelt(one, replace(question, problem=other))

    verdict = again(problem)
    against = [*of_driver(verdict, problem, again), *of_gpu(verdict, problem, again)]
    against += of_libc(as_build, problem)
    if not all(build.pythons.allows_minor(python) for python in problem.pythons):
        against.append(not_for_python(describe(as_build), str(build.pythons), problem))
    if against:
        return MatrixCell(release, build.variant, NO, tuple(against))
    state = verdict.level or CPU_ONLY
    return MatrixCell(release, build.variant, state, in_favour(verdict, problem))


def _choice(release: str, ask: Ask, request: Request, catalogue: Catalogue) -> str | None:
    """Return the variant that an install of a release takes."""
    extras = ",".join((*ask.choosing, *ask.extras))
    text = f"{ask.name}{f'[{extras}]' if extras else ''}=={release}"
    taken = _taken(make_plan(replace(request, requirements=(text,)), catalogue), ask)
    return taken[1] if taken else None


def _taken(plan: Plan, ask: Ask) -> tuple[str, str] | None:
    """Return the release and variant that a plan takes of the family; None where it takes none."""
    for one in plan.families if plan.status != "refused" else ():
        if one.family == ask.family.name and one.variant is not None:
            return next(iter(one.packages.values())), one.variant
    return None
