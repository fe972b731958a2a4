"""Companions of an installed lead that is a build for another accelerator (ROCm, XPU)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .requirement import LEAD, MEMBER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conda_cuda_guard.model import Catalogue, Installed

    from .problem import Problem


@dataclass(frozen=True)
class Beside:
    """The versions of companions, by package, and the index that has those not yet installed."""

    versions: Mapping[str, str] = field(default_factory=dict)
    index_urls: tuple[str, ...] = ()


def beside_other(there: Installed, problem: Problem, catalogue: Catalogue) -> Beside | str:
    """Return the named companions that go with an installed lead; the first that has no such build.

    A build for CUDA would be installed without a word and fail to load.
    """
    present = {one.name: one.version for one in there.beside}
    lead = problem.family.lead.pip
    # pip may be told to install the same build once more.
    again = problem.request.upgrade and bool(problem.of(LEAD))
    new = again and _listed(lead, (there.version,), problem, catalogue) is not None
    versions = {}
    for one in problem.of(MEMBER):
        fitting = [
            number
            for number in labelled_as(there, one.package, catalogue)
            if number.partition("+")[0] in one.allows
        ]
        listed = _listed(one.package, fitting, problem, catalogue)
        if present.get(one.package) in fitting:
            versions[one.package] = present[one.package]
        elif listed is not None:
            versions[one.package], new = listed, True
        elif not one.origin.is_bound:
            return one.text
    base = problem.request.sources.wheel_indexes[0].base.rstrip("/")
    label = there.version.partition("+")[2]
    return Beside(versions, (f"{base}/{label}",) if new else ())


def labelled_as(there: Installed, package: str, catalogue: Catalogue) -> Iterator[str]:
    """Yield the versions of a companion that belong to an installed lead, with its label."""
    release = next((one for one in catalogue.releases if one.version == there.release), None)
    label = there.version[len(there.release) :]
    if release is not None and package in release.pip and label:
        yield from (number + label for number in release.pip[package].versions)


def _listed(
    package: str, versions: Iterable[str], problem: Problem, catalogue: Catalogue
) -> str | None:
    """Return the first of these versions that the wheel index lists for the machine."""
    there = {
        one.version
        for one in catalogue.files
        if one.package == package and not one.yanked and problem.is_for(one)
    }
    return next((one for one in versions if one in there), None)
