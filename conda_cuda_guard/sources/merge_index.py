"""Builds from what an index lists, which takes precedence over the catalogue."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Build
from conda_cuda_guard.model.host import oldest_libc
from conda_cuda_guard.model.versions import cuda_of, version
from conda_cuda_guard.planner import with_stand_ins

from .mirrors import mirror_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conda_cuda_guard.model import Answer, Catalogue, Request, Wheel, WheelIndex


@dataclass(frozen=True)
class Listed:
    """What the files of one version and label are for: Pythons (empty: any), a C library."""

    pythons: frozenset[str]
    libc: str | None


# By version and label.
Listing = dict[tuple[str, str], Listed]


def listing(wheels: Iterable[Wheel], package: str, platform: str) -> Listing:
    """Return the wheels of a package for a platform by version and label, without yanked ones."""
    found: dict[tuple[str, str], list[Wheel]] = defaultdict(list)
    for wheel in wheels:
        if wheel.package == package and platform in wheel.platforms and not wheel.yanked:
            number, plus, label = wheel.version.partition("+")
            found[number, plus + label].append(wheel)
    return {key: _listed(files) for key, files in found.items()}


def _listed(files: list[Wheel]) -> Listed:
    pythons = frozenset[str]().union(*(one.pythons for one in files))
    of_any = any(not one.pythons for one in files)
    return Listed(frozenset() if of_any else pythons, oldest_libc(one.libc for one in files))


def builds_heard(lead: Listing, known: tuple[Build, ...], platform: str) -> tuple[Build, ...]:
    """Return the builds of a wheel index by its listing of the lead, newest release first.

    What the catalogue knows of a build (its GPU code) is kept; a build that it has never heard of
    is understood from its version alone. Builds of pages stay: no index lists them.
    """
    by_key = {(build.release, build.label): build for build in known if is_listed(build)}
    builds = [build for build in known if not is_listed(build)]
    package = known[0].package if known else ""
    for (release, label), listed in lead.items():
        build = by_key.get((release, label)) or _new_build(release, label, platform)
        if build is not None:
            # A `linux_x86_64` tag does not name the C library; the catalogue does.
            libc = listed.libc or build.libc
            builds.append(replace(build, pythons=listed.pythons, package=package, libc=libc))
    return with_stand_ins(newest_first(builds))


def is_listed(build: Build) -> bool:
    """Return whether a wheel index lists a build: not those of pages, nor of the LTS tree."""
    return build.page is None and "/" not in (build.index or "")


def newest_first(builds: Iterable[Build]) -> tuple[Build, ...]:
    """Return builds in the catalogue's order."""
    return tuple(sorted(builds, key=_order, reverse=True))


def _order(build: Build) -> tuple[object, ...]:
    return version(build.release), version(build.cuda or "0")


def _new_build(release: str, label: str, platform: str) -> Build | None:
    """Return a build by its label; None for those of other hardware, and for previews."""
    variant = label[1:]
    cuda = cuda_of(variant)
    if (cuda is None and variant != "cpu") or version(release).is_prerelease:
        return None
    return Build(release, variant, cuda, platform, "pytorch-index", label=label, index=variant)


def of_main_index(
    known: Catalogue, answers: Iterable[Answer], request: Request
) -> tuple[Build, ...]:
    """Return the plain wheels of the user's own main index; none where that is pip's default."""
    main, platform = request.sources.main_index, request.hosts[0].platform
    listed = [answer for answer in answers if not answer.question.flat]
    wheels = [one for answer in listed if answer.question.source == main for one in answer.wheels]
    lead = listing(wheels, known.family.lead.pip, platform)
    return own_builds(lead, known.plain, known.builds, platform)


def of_known_mirror(known: Catalogue, request: Request) -> tuple[Build, ...]:
    """Return the plain wheels of a main index that is a known mirror of the default one."""
    main = request.sources.main_index
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
    """Return the builds that a user's own index serves as plain wheels, of known releases."""
    variants = {(build.release, build.variant): build for build in known}
    builds = []
    for (release, label), listed in lead.items():
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
                listed.pythons,
                same.architectures if same else None,
                stand_in=same is not None and same.stand_in,
                package=known[0].package,
                libc=listed.libc or (same.libc if same else None),
            )
        )
    return tuple(sorted(builds, key=lambda build: version(build.release), reverse=True))


def of_all_indexes(
    builds: tuple[Build, ...], known: tuple[Build, ...], index: WheelIndex, request: Request
) -> tuple[Build, ...]:
    """Return the builds in use, then those of the other wheel indexes."""
    others = [one for one in request.sources.wheel_indexes if one.base != index.base]
    if not others and index.variants is None and not index.flat:
        return builds
    # What an index listed counts, not what it is known to have.
    said = builds is not known
    placed = [*_placed(builds, replace(index, variants=None) if said else index)]
    for one in others:
        placed += _placed(known, one)
    return tuple(placed)


def _placed(builds: tuple[Build, ...], index: WheelIndex) -> Iterable[Build]:
    """Yield builds as those of an index; a mirror has its known variants, and no pages."""
    for build in builds:
        of_page = build.page is not None
        if index.mirror and (of_page or not _may_have(index, build)):
            continue
        yield replace(build, base=index.base.rstrip("/"), flat=index.flat and not of_page)


def _may_have(index: WheelIndex, build: Build) -> bool:
    return index.variants is None or build.variant in index.variants
