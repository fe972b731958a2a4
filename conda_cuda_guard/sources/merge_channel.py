"""Builds from what a conda channel lists, which takes precedence over the catalogue."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Release
from conda_cuda_guard.model.versions import is_version, variant_of, version
from conda_cuda_guard.planner import with_stand_ins
from conda_cuda_guard.planner.candidates import FORGE
from conda_cuda_guard.planner.check_solution import cuda_of_build, is_cpu_build

from .merge_index import newest_first

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Build, Catalogue

_PYTHON = re.compile(r"(?:^|_)py(\d)\.?(\d{1,2})(?=_|h|$)")


def with_heard(
    known: Catalogue, source: str, packages: Iterable[tuple[str, str, str]]
) -> Catalogue:
    """Return the catalogue with a channel's (name, version, build) triples in place of its own.

    New releases and new CUDA versions are understood on conda-forge, where every build has the same
    form; channel pytorch has ended.
    """
    heard = _pythons_by_build(packages)
    of_source = [build for build in known.builds if build.source == source]
    builds = [
        replace(build, pythons=frozenset(heard[build.release, build.cuda]))
        for build in of_source
        if (build.release, build.cuda) in heard
    ]
    if source == FORGE:
        builds += _new_builds(heard, of_source)
    others = tuple(build for build in known.builds if build.source != source)
    fresh = with_stand_ins(newest_first(builds))
    return replace(
        known,
        builds=(*others, *fresh) if source == FORGE else (*fresh, *others),
        releases=_with_new(known.releases, {build.release for build in fresh}),
    )


def _pythons_by_build(
    packages: Iterable[tuple[str, str, str]],
) -> dict[tuple[str, str | None], set[str]]:
    """Return the Pythons of builds by version and CUDA, without those that name neither."""
    found: dict[tuple[str, str | None], set[str]] = defaultdict(set)
    for name, number, build in packages:
        cuda = cuda_of_build(build)
        if name == "pytorch" and is_version(number) and (cuda or is_cpu_build(build)):
            found[number, cuda] |= {f"{a}.{b}" for a, b in _PYTHON.findall(build)}
    return found


def _new_builds(
    heard: dict[tuple[str, str | None], set[str]], known: list[Build]
) -> Iterable[Build]:
    """Yield the builds that the catalogue lacks, in the form of the newest that it has."""
    there = {(build.release, build.cuda) for build in known}
    form = next((build for build in known if build.cuda and build.build_glob), None)
    for (number, cuda), pythons in heard.items():
        if form is None or (number, cuda) in there or version(number).is_prerelease or not cuda:
            continue
        yield replace(
            form,
            release=number,
            variant=variant_of(cuda),
            cuda=cuda,
            pythons=frozenset(pythons),
            architectures=None,
            selectors=(f"cuda-version={cuda}",),
            build_glob=(form.build_glob or "").replace(form.variant[2:], cuda.replace(".", "")),
        )


def _with_new(releases: tuple[Release, ...], heard: set[str]) -> tuple[Release, ...]:
    added = [Release(number, {}, {}) for number in heard - {one.version for one in releases}]
    if not added:
        return releases
    return tuple(sorted((*releases, *added), key=lambda one: version(one.version), reverse=True))
