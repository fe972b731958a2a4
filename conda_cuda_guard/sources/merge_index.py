"""What an index said it has, as builds: its word goes before the catalogue's."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Build, Companion, Release
from conda_cuda_guard.model.versions import cuda_of, version
from conda_cuda_guard.planner import with_stand_ins

from .mirrors import mirror_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conda_cuda_guard.model import Answer, Catalogue, Request, Wheel, WheelIndex

# release, label → the Pythons that there are wheels for
Listing = dict[tuple[str, str], set[str]]


def listing(wheels: Iterable[Wheel], package: str, platform: str) -> Listing:
    """Sort the wheels of a package for a platform by version and label; yanked ones are left out.

    An empty set of Pythons stands for any.
    """
    found: Listing = defaultdict(set)
    for_any = set()
    for wheel in wheels:
        if wheel.package == package and platform in wheel.platforms and not wheel.yanked:
            number, plus, label = wheel.version.partition("+")
            found[number, plus + label] |= wheel.pythons
            for_any |= set() if wheel.pythons else {(number, plus + label)}
    return {key: set() if key in for_any else pythons for key, pythons in found.items()}


def builds_heard(lead: Listing, known: tuple[Build, ...], platform: str) -> tuple[Build, ...]:
    """Make the builds of a wheel index from its listing of the lead, newest release first.

    What the catalogue knows of a build (its GPU code) is kept; a build that it has never heard of
    is understood from its version alone. Builds of pages stay: no index lists them.
    """
    by_key = {(build.release, build.label): build for build in known if _is_listed(build)}
    builds = [build for build in known if not _is_listed(build)]
    package = known[0].package if known else ""
    for (release, label), pythons in lead.items():
        build = by_key.get((release, label)) or _new_build(release, label, platform)
        if build is not None:
            builds.append(replace(build, pythons=frozenset(pythons), package=package))
    return with_stand_ins(newest_first(builds))


def _is_listed(build: Build) -> bool:
    """Tell whether a wheel index lists a build: not those of pages, nor of the LTS tree."""
    return build.page is None and "/" not in (build.index or "")


def newest_first(builds: Iterable[Build]) -> tuple[Build, ...]:
    """Order builds as the catalogue does."""
    return tuple(sorted(builds, key=_order, reverse=True))


def _order(build: Build) -> tuple[object, ...]:
    return version(build.release), version(build.cuda or "0")


def _new_build(release: str, label: str, platform: str) -> Build | None:
    """Understand a build from its label; None for those of other hardware, and for previews."""
    variant = label[1:]
    cuda = cuda_of(variant)
    if (cuda is None and variant != "cpu") or version(release).is_prerelease:
        return None
    return Build(release, variant, cuda, platform, "pytorch-index", label=label, index=variant)


def releases_heard(
    torch: Listing, companions: Mapping[str, Listing], known: tuple[Release, ...]
) -> tuple[Release, ...]:
    """Add the releases that the catalogue has never heard of, with the companions listed for them.

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
            found[package] = replace(one, versions=ordered)
    return found


def with_companions(
    builds: tuple[Build, ...], companions: Mapping[str, Listing], releases: tuple[Release, ...]
) -> tuple[Build, ...]:
    """Leave out the builds whose companions the index was asked for and does not have."""
    by_version = {release.version: release for release in releases}
    return tuple(
        build
        for build in builds
        if not _is_listed(build)
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
        pythons = listed.get((number, label))
        if pythons is not None and (not pythons or not build.pythons or pythons & build.pythons):
            return True
    return False


def of_main_index(known: Catalogue, answers: Iterable[Answer], platform: str) -> tuple[Build, ...]:
    """Give the plain wheels of the first of the person's own sources, which is the main index."""
    by_source: dict[str, list[Wheel]] = defaultdict(list)
    for answer in answers:
        if not answer.question.flat:
            by_source[answer.question.source].extend(answer.wheels)
    first = next(iter(by_source.values()), [])
    lead = listing(first, known.family.lead.pip, platform)
    return own_builds(lead, known.plain, known.builds, platform)


def of_known_mirror(known: Catalogue, request: Request) -> tuple[Build, ...]:
    """Give the plain wheels that a main index has when it is a known mirror of the default one."""
    main = next(iter(request.sources.index_urls), None)
    mirror = mirror_of(main, catalogue.mirrors()) if main else None
    if mirror is None or mirror.kind != "pypi" or mirror.status != "alive":
        return ()
    return tuple(
        replace(build, source="user-index", label="", index=None, page=None)
        for build in known.builds
        if known.plain.get(build.release) == build.variant
    )


def own_builds(
    lead: Listing, plain: Mapping[str, str], known: tuple[Build, ...], platform: str
) -> tuple[Build, ...]:
    """Make the builds that a user's own index serves as plain wheels, of the releases known."""
    variants = {(build.release, build.variant): build for build in known}
    builds = []
    for (release, label), pythons in lead.items():
        variant = plain.get(release)
        if label or variant is None:
            continue
        same = variants.get((release, variant))
        builds.append(
            Build(
                release,
                variant,
                cuda_of(variant),
                platform,
                "user-index",
                frozenset(pythons),
                same.architectures if same else None,
                package=known[0].package,
            )
        )
    return tuple(sorted(builds, key=lambda build: version(build.release), reverse=True))


def of_all_indexes(
    builds: tuple[Build, ...], known: tuple[Build, ...], index: WheelIndex, request: Request
) -> tuple[Build, ...]:
    """Put the builds of the other wheel indexes after those of the one in use."""
    others = [one for one in request.sources.wheel_indexes if one.base != index.base]
    if not others and index.variants is None and not index.flat:
        return builds
    # What an index said of itself counts, and not what it is known for.
    said = builds is not known
    placed = [*_placed(builds, replace(index, variants=None) if said else index)]
    for one in others:
        placed += _placed(known, one)
    return tuple(placed)


def _placed(builds: tuple[Build, ...], index: WheelIndex) -> Iterable[Build]:
    """Say of builds that they lie in an index; a mirror has no pages, and what it is known for."""
    for build in builds:
        of_page = build.page is not None
        if index.mirror and (of_page or not _may_have(index, build)):
            continue
        yield replace(build, base=index.base.rstrip("/"), flat=index.flat and not of_page)


def _may_have(index: WheelIndex, build: Build) -> bool:
    return index.variants is None or build.variant in index.variants
