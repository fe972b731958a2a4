"""Releases and companions from what an index lists, which goes before the catalogue."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Build, Companion, Release
from conda_cuda_guard.model.versions import version

from .merge_index import Listing, is_listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conda_cuda_guard.model.companions import Follower


def releases_heard(
    torch: Listing, companions: Mapping[str, Listing], known: tuple[Release, ...]
) -> tuple[Release, ...]:
    """Return the releases with those that the catalogue lacks, and their listed companions.

    torch and a companion have gone on by one minor version at a time, each its own way: the one
    that is as many minor versions after the catalogue's newest as torch is belongs to it. Of a
    companion that asks for no exact torch (torchvision from 0.29.1), the newest does.
    """
    names = {release.version for release in known}
    fresh = {release for release, _ in torch} - names
    newest = known[0]
    added = [
        Release(number, _companions_of(number, companions, newest), {})
        for number in fresh
        if version(number) > version(newest.version) and not version(number).is_prerelease
    ]
    return tuple(sorted((*added, *known), key=lambda one: version(one.version), reverse=True))


def _companions_of(
    number: str, companions: Mapping[str, Listing], newest: Release
) -> dict[str, Companion]:
    steps = version(number).minor - version(newest.version).minor
    found = {}
    for package, one in newest.pip.items():
        last = version(one.versions[0])
        listed = {key[0] for key in companions.get(package, {}) if version(key[0]) >= last}
        if one.pins_torch:
            due = (last.major, last.minor + steps)
            listed = {text for text in listed if version(text).release[:2] == due}
        if listed:
            ordered = tuple(sorted(listed, key=version, reverse=True))
            ranged = frozenset() if one.pins_torch else frozenset(listed)
            found[package] = replace(one, versions=ordered, ranged=ranged)
    return found


def with_followers(
    releases: tuple[Release, ...], followers: Iterable[Follower]
) -> tuple[Release, ...]:
    """Return the releases with what of these followers belongs to each."""
    named = tuple(followers)
    if not named:
        return releases
    return tuple(
        replace(release, pip={**release.pip, **_of_followers(named, release.version)})
        for release in releases
    )


def _of_followers(followers: Iterable[Follower], release: str) -> dict[str, Companion]:
    belonging = ((one.package, one.companion(release)) for one in followers)
    return {name: found for name, found in belonging if found is not None}


def companions_heard(
    releases: tuple[Release, ...], companions: Mapping[str, Listing], torch: Listing
) -> tuple[Release, ...]:
    """Return the releases, their companions with the versions and variants that are listed."""
    labels: dict[str, set[str]] = defaultdict(set)
    for number, label in torch:
        labels[number] |= {label} if label else set()
    return tuple(
        replace(
            release,
            pip={
                package: _as_listed(one, companions[package], labels[release.version])
                if package in companions
                else one
                for package, one in release.pip.items()
            },
        )
        if labels.get(release.version)
        else release
        for release in releases
    )


def _as_listed(one: Companion, listed: Listing, labels: set[str]) -> Companion:
    """Return a companion without the files that are not listed, and with later patch releases.

    These belong where the patch release before them asks for a range of torch releases.
    """
    later = sorted(_later_patches(one, {number for number, _ in listed}), key=version, reverse=True)
    versions = (*one.versions, *later) if one.pins_torch else (*later, *one.versions)
    lacking = frozenset(
        (number, label[1:])
        for number in versions
        for label in labels
        if (number, label if one.labelled else "") not in listed
    )
    # What is listed goes before what is known of the variants.
    ranged = one.ranged | {*later}
    return replace(one, versions=versions, ranged=ranged, lacking=lacking, places=())


def _later_patches(one: Companion, listed: set[str]) -> set[str]:
    newest = max(map(version, one.ranged), default=None)
    if one.is_follower:
        return set()  # its numbers do not say which release it belongs to
    return {
        text
        for text in listed - {*one.versions}
        if newest is not None
        and version(text) > newest
        and version(text).release[:2] == newest.release[:2]
        and not version(text).is_prerelease
    }


def with_companions(
    builds: tuple[Build, ...], companions: Mapping[str, Listing], releases: tuple[Release, ...]
) -> tuple[Build, ...]:
    """Return the builds without those whose companions the index does not list."""
    by_version = {release.version: release for release in releases}
    return tuple(
        build
        for build in builds
        if not is_listed(build)
        or all(
            _has_companion(package, build, by_version.get(build.release), listed)
            for package, listed in companions.items()
        )
    )


def _has_companion(package: str, build: Build, release: Release | None, listed: Listing) -> bool:
    found = release.pip.get(package) if release else None
    if found is None:
        return True  # nothing belongs to it: the planner says so
    label = build.label if found.labelled else ""
    for number in found.versions:
        there = listed.get((number, label))
        if there is None:
            continue
        if not there.pythons or not build.pythons or there.pythons & build.pythons:
            return True
    return False
