"""Builds from what a conda channel lists, which takes precedence over the catalogue."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Optional

from conda_cuda_guard.model import Release
from conda_cuda_guard.model.versions import is_version, variant_of, version
from conda_cuda_guard.planner import with_stand_ins
from conda_cuda_guard.planner.candidates import DEFAULTS, FORGE
from conda_cuda_guard.planner.check_solution import cuda_of_build, is_cpu_build

from .merge_index import newest_first

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conda_cuda_guard.model import Build, Catalogue, Companion

Heard = dict[tuple[str, Optional[str]], set[str]]
_PYTHON = re.compile(r"(?:^|_)py(\d)\.?(\d{1,2})(?=_|h|$)")


def with_heard(
    known: Catalogue, source: str, packages: Iterable[tuple[str, str, str]]
) -> Catalogue:
    """Return the catalogue with a channel's (name, version, build) triples in place of its own.

    New releases and new CUDA versions are understood on conda-forge and on Anaconda's own channel,
    where every build has the same form; channel pytorch has ended.
    """
    packages = tuple(packages)
    heard = _pythons_by_build(known.family.lead.conda, packages)
    if source == DEFAULTS:
        return _with_defaults(known, heard)
    of_source = [build for build in known.builds if build.source == source]
    builds = [
        replace(build, pythons=frozenset(heard[build.release, build.cuda]), sampled=False)
        for build in of_source
        if (build.release, build.cuda) in heard
    ]
    if source == FORGE:
        builds += _new_builds(heard, of_source)
    others = tuple(build for build in known.builds if build.source != source)
    fresh = with_stand_ins(newest_first(builds))
    releases = _with_companions(known.releases, packages, {build.release for build in others})
    return replace(
        known,
        builds=(*others, *fresh) if source == FORGE else (*fresh, *others),
        releases=_with_new(releases, {build.release for build in fresh}),
    )


def _with_defaults(known: Catalogue, heard: Heard) -> Catalogue:
    """Add the CUDA builds of Anaconda's channel, which follow conda-forge's in form."""
    like = next((build for build in known.builds if build.source == FORGE and build.cuda), None)
    if like is None:
        return known
    form = replace(like, source=DEFAULTS, channels=(), build_glob=f"gpu_cuda{like.variant[2:]}*")
    fresh = newest_first(list(_new_builds(heard, [form])))
    added = {build.release for build in fresh}
    return replace(known, builds=(*fresh, *known.builds), releases=_with_new(known.releases, added))


def _with_companions(
    releases: tuple[Release, ...], packages: Iterable[tuple[str, str, str]], elsewhere: set[str]
) -> tuple[Release, ...]:
    """Return releases without companions that a channel lacks, where it alone has the release."""
    there = defaultdict(set)
    for name, number, _ in packages:
        there[name].add(number)
    return tuple(
        one if one.version in elsewhere else replace(one, conda=_present(one.conda, there))
        for one in releases
    )


def _present(known: Mapping[str, Companion], there: Mapping[str, set[str]]) -> dict[str, Companion]:
    """Return the companions with those of their versions that a channel has."""
    found = {}
    for name, one in known.items():
        versions = tuple(number for number in one.versions if number in there.get(name, ()))
        if versions or name not in there:
            found[name] = replace(one, versions=versions or one.versions)
    return found


def _pythons_by_build(lead: str, packages: Iterable[tuple[str, str, str]]) -> Heard:
    """Return the Pythons of the lead's builds, by version and CUDA, where a build says so."""
    found: Heard = defaultdict(set)
    for name, number, build in packages:
        cuda = cuda_of_build(build)
        if name == lead and is_version(number) and (cuda or is_cpu_build(build)):
            found[number, cuda] |= {f"{a}.{b}" for a, b in _PYTHON.findall(build)}
    return found


def _new_builds(heard: Heard, known: list[Build]) -> Iterable[Build]:
    """Yield the builds that the catalogue does not have, in the form of the newest that it has."""
    there = {(build.release, build.cuda) for build in known if build.source != DEFAULTS}
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
            stand_in=False,
            sampled=False,
            libc=None,
            board=None,
            selectors=(f"cuda-version={cuda}",),
            build_glob=(form.build_glob or "").replace(form.variant[2:], cuda.replace(".", "")),
        )


def _with_new(releases: tuple[Release, ...], heard: set[str]) -> tuple[Release, ...]:
    added = [Release(number, {}, {}) for number in heard - {one.version for one in releases}]
    if not added:
        return releases
    return tuple(sorted((*releases, *added), key=lambda one: version(one.version), reverse=True))
