"""The matrix: torch releases against CUDA variants, each cell judged for the machines.

It has no rules of its own: `judge` says what fits, `make_plan` what an install would take.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from . import make_plan
from .asking import cuda_of
from .matrix_cell import NO, Cell, judged, missing
from .situation import read
from .versions import version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.version import Version

    from conda_cuda_guard.model import Build, Catalogue, Host, Plan, Request

    from .situation import Situation

_Builds = dict[tuple[str, str], list["Build"]]


@dataclass(frozen=True)
class Row:
    """A release: a cell for each variant, and the variant an install of this release takes."""

    release: str
    cells: tuple[Cell, ...]
    choice: str | None


@dataclass(frozen=True)
class Matrix:
    """What fits these machines.

    `asked` are the requirements as typed. `variants` are those that a release shown was made for on
    any platform, the newest CUDA first and `cpu` last. `plan` is the plan of the request itself;
    `choice` is the release and variant that it takes, None where it is refused.
    """

    asked: tuple[str, ...]
    hosts: tuple[Host, ...]
    policy: str
    variants: tuple[str, ...]
    rows: tuple[Row, ...]
    plan: Plan
    choice: tuple[str, str] | None


def make_matrix(
    request: Request, catalogue: Catalogue, known: Iterable[Build], *, every_patch: bool = True
) -> Matrix:
    """Judge every release that the request allows in every variant.

    `known` are the builds of every platform, to tell a build that is not for this one from one that
    was never made. Without `every_patch` the newest patch of each minor version is shown, and the
    release that the request takes.
    """
    situation = read(request, catalogue)
    here, everywhere = _by_cell(catalogue.builds), _by_cell(known)
    plan = make_plan(request, catalogue)
    choice = _taken(plan)
    there = {release for release, _ in (*here, *everywhere)}
    releases = [
        release.version
        for release in catalogue.releases
        if release.version in there and all(release.version in ask.allows for ask in situation.asks)
    ]
    if not every_patch:
        releases = _newest_patches(releases, {release for release, _ in here}, choice)
    made = {variant for release, variant in (*here, *everywhere) if release in releases}
    variants = tuple(sorted(made, key=_cuda_order, reverse=True))
    rows = (_row(one, variants, (here, everywhere), situation, catalogue) for one in releases)
    return Matrix(
        request.requirements, situation.hosts, request.policy, variants, tuple(rows), plan, choice
    )


def _by_cell(builds: Iterable[Build]) -> _Builds:
    found: _Builds = {}
    for build in builds:
        found.setdefault((build.release, build.variant), []).append(build)
    return found


def _cuda_order(variant: str) -> Version:
    """Order variants by their CUDA version, `cpu` before all: `cu92` is older than `cu100`."""
    return version(cuda_of(variant) or "0")


def _newest_patches(
    releases: list[str], here: set[str], choice: tuple[str, str] | None
) -> list[str]:
    """Keep the newest patch of each minor version (of those for this platform, where there are).

    The release that is taken is kept too.
    """
    newest: dict[tuple[int, ...], str] = {}
    for release in sorted(releases, key=lambda one: one not in here):
        newest.setdefault(version(release).release[:2], release)
    kept = {*newest.values(), *(choice or ())[:1]}
    return [release for release in releases if release in kept]


def _taken(plan: Plan) -> tuple[str, str] | None:
    """Give the release and variant of a plan; None where it installs no torch that is known."""
    torch = plan.packages.get("torch")
    if plan.status == "refused" or torch is None or plan.variant is None:
        return None
    return torch.partition("+")[0], plan.variant


def _row(
    release: str,
    variants: tuple[str, ...],
    builds: tuple[_Builds, _Builds],
    situation: Situation,
    catalogue: Catalogue,
) -> Row:
    request = replace(situation.request, requirements=(f"torch=={release}",))
    taken = _taken(make_plan(request, catalogue))
    here, everywhere = builds
    cells = []
    for variant in variants:
        at = (release, variant)
        found = [judged(build, situation, catalogue) for build in here.get(at, ())]
        # Several indexes may have it: one that fits speaks for the cell.
        fitting = next((cell for cell in found if cell.state != NO), None)
        lacking = missing(release, variant, everywhere.get(at, ()), situation)
        cells.append(fitting or next(iter(found), lacking))
    return Row(release, tuple(cells), taken[1] if taken else None)
