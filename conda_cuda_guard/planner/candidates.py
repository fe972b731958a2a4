"""Candidates: the builds of a manager's sources that a request allows (rules 1 and 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import SUBDIRS, Range, cuda_major, version

from .requirement import CUDA_PACKAGE, CUDA_VERSION, LEAD, PYTHON, SELECTOR, VariantWish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from conda_cuda_guard.model import Build, Catalogue, Companion, Release

    from .problem import Problem

FORGE = "conda-forge"
FAMILY_CHANNEL = "pytorch-channel"  # the contract's name of the source
DEFAULTS = "defaults"  # known only from its repodata, where it is in force


def companion(release: Release, package: str, problem: Problem) -> Companion | None:
    """Return a companion of a release for the manager and platform in question."""
    found = (release.pip if problem.is_pip else release.conda).get(package)
    follower = problem.family.followers.get(package)
    if found is None and follower is not None:
        found = follower.companion(release.version)
    if found is None or not found.is_follower:
        return found
    if not problem.is_pip or problem.platform.startswith("macos"):
        # There is one build of each, and pip finds the version by its metadata.
        return replace(found, labelled=False, places=(), lacking=frozenset())
    return found if not found.platforms or problem.platform in found.platforms else None


def companion_version(
    release: Release,
    package: str,
    problem: Problem,
    *,
    any_version: bool = False,
    variant: str | None = None,
) -> str | None:
    """Return a companion's best version that is allowed; None where none belongs to the release.

    With `any_version` only what bounds every request (constraint files, pins) is asked; with
    `variant` only versions that have files for it are looked at.
    """
    found = companion(release, package, problem)
    asked = problem.on(package, bounds_only=any_version)
    versions = () if found is None else found.of(variant)
    allowed = (v for v in versions if all(v in one.allows for one in asked))
    return next((v for v in allowed if found and _takes(problem, found, v, variant)), None)


def _takes(problem: Problem, found: Companion, number: str, variant: str | None) -> bool:
    """Return whether the machines have the Python, C library and GPU that a version needs."""
    place = found.place(number, variant) if variant is not None else None
    if place is None or variant is None:
        return True
    address = place.index.format(version=number, variant=variant)
    return (
        problem.dead(address) is None
        and all(place.pythons.allows_minor(python) for python in problem.pythons)
        and all(host.has_libc(place.libc) for host in problem.hosts)
        and all(place.covers(gpu.compute_capability, variant) for gpu in problem.gpus)
    )


def compatible_versions(
    releases: Iterable[Release], problem: Problem, variant: str | None = None
) -> tuple[str, ...]:
    """Return the newest of these releases that all companions belong to, and them: `name==version`.

    The versions that were typed do not count, the bounds in force do; with `variant` those that
    have files for it.
    """
    for release in releases:
        pairs = {
            problem.name_of(package): companion_version(
                release, package, problem, any_version=True, variant=variant
            )
            for package in problem.companions
        }
        if all(pairs.values()):
            named = (f"{name}=={number}" for name, number in pairs.items())
            return (f"{problem.lead_name}=={release.version}", *named)
    return ()


@dataclass(frozen=True)
class Candidates:
    """What is left after each filter; the first empty field is the reason why no build is left.

    `builds` are the result; `others` are those of the sources that come after the one in use.
    """

    releases: tuple[Release, ...]
    paired: tuple[Release, ...]
    on_platform: tuple[Build, ...]
    builds: tuple[Build, ...]
    others: tuple[Build, ...] = ()


def find_candidates(
    problem: Problem,
    catalogue: Catalogue,
    *,
    any_version: bool = False,
    elsewhere: bool = False,
) -> Candidates:
    """Return the builds that exist and that the request allows.

    `any_version` ignores the versions that were typed, but not the bounds in force (to look for
    alternatives); `elsewhere` takes the builds of the manager's other source.
    """
    releases = _allowed(problem, catalogue, any_version=any_version)
    paired = tuple(
        release
        for release in releases
        if _has_companions(release, problem, any_version=any_version)
    )
    everything = catalogue.elsewhere() if elsewhere else catalogue.builds
    belongs = _belonging(paired, problem, catalogue, any_version=any_version)
    tiers = [
        tuple(filter(belongs, tier))
        for tier in ([everything] if elsewhere else _tiers(problem, everything))
    ]
    tiers = [tuple(filter(_permission(problem), tier)) for tier in tiers]
    fits = _file_filter(problem)
    at = next((number for number, tier in enumerate(tiers) if tier), 0)
    if problem.is_pip:  # an index with files for another Python alone counts as without any
        at = next((number for number, tier in enumerate(tiers) if any(map(fits, tier))), at)
    others = (build for tier in tiers[at + 1 :] for build in tier)
    builds = tuple(filter(fits, tiers[at]))
    if not builds:  # Pythons that are known in part refuse nothing
        builds = tuple(build for build in tiers[at] if build.sampled)
    return Candidates(releases, paired, tiers[at], builds, tuple(filter(fits, others)))


def _belonging(
    releases: tuple[Release, ...], problem: Problem, catalogue: Catalogue, *, any_version: bool
) -> Callable[[Build], bool]:
    """Return a test whether a build is of these releases, with every companion asked for.

    Builds for NVIDIA's boards pass only where every GPU is that of a board.
    """
    by_name = {release.version: release for release in releases}
    in_part = {name for name, one in by_name.items() if _lacks_variants(one, problem)}
    without = frozenset[str]().union(*(one.without for one in problem.of(LEAD)))
    board = _is_board(problem, catalogue)

    def is_complete(build: Build) -> bool:
        if build.release not in in_part:
            return True
        release, variant = by_name[build.release], build.variant
        return _has_companions(release, problem, any_version=any_version, variant=variant)

    return lambda build: (
        build.release in by_name
        and build.release + build.label not in without
        and (board or build.board is None)
        and is_complete(build)
    )


def lacks_cpu_build(problem: Problem, builds: Iterable[Build]) -> bool:
    """Return whether a follower that was named has no files for the CPU, on a machine without GPU.

    A CUDA build runs there too, on the CPU, and is what pip alone would install.
    """
    named = any(one in problem.family.followers for one in problem.companions)
    asked = problem.request.cpu or (problem.wish is not None and problem.wish.cpu)
    return named and not asked and not problem.with_driver and all(one.cuda for one in builds)


def without_cpu_files(problem: Problem, candidates: Candidates) -> tuple[str, ...]:
    """Return the companions that were asked for and have no files for the CPU at all."""
    return tuple(
        one
        for one in problem.companions
        if not any(
            companion_version(release, one, problem, variant="cpu") for release in candidates.paired
        )
    )


def _lacks_variants(release: Release, problem: Problem) -> bool:
    """Return whether a companion that was asked for lacks variants of a release."""
    found = (companion(release, package, problem) for package in problem.companions)
    return any(one.is_partial for one in found if one)


def _is_board(problem: Problem, catalogue: Catalogue) -> bool:
    """Return whether every GPU is that of one of NVIDIA's boards."""
    capabilities = [gpu.compute_capability for gpu in problem.gpus]
    return bool(capabilities) and catalogue.toolkits.boards.issuperset(capabilities)


def _has_companions(
    release: Release, problem: Problem, *, any_version: bool, variant: str | None = None
) -> bool:
    """Return whether every companion asked for has a version that belongs to a release."""
    return all(
        companion_version(release, one, problem, any_version=any_version, variant=variant)
        for one in problem.companions
    )


def _allowed(problem: Problem, catalogue: Catalogue, *, any_version: bool) -> tuple[Release, ...]:
    asked = problem.on(problem.family.lead.pip, bounds_only=any_version)
    return tuple(r for r in catalogue.releases if all(r.version in one.allows for one in asked))


def _permission(problem: Problem) -> Callable[[Build], bool]:
    """Return a test whether a build is admitted.

    By conda's pins and its lists of allowed channels, by the CUDA of other families, and by files
    that are named by their address.
    """
    forbidden, major = problem.request.sources.forbidden, problem.request.cuda_major
    within = Range((problem.request.within,))
    files = (one for one in problem.of(LEAD) if one.origin.kind == "address")
    wishes = [one.wish for one in (*problem.pins, *files) if one.wish is not None]
    wishes += toolkit_bounds(problem)
    return lambda build: (
        not forbidden.intersection(build.channels)
        and (major is None or build.cuda is None or cuda_major(build.cuda) == major)
        and build.release in within
        and all(wish.grants(build.cuda) for wish in wishes)
    )


def toolkit_bounds(problem: Problem) -> list[VariantWish]:
    """Return what conda-forge's packages of the toolkit (`cuda-toolkit=12.8`) make of its CUDA.

    Each holds `cuda-version` to its own version; NVIDIA's channel has the names without that.
    """
    if problem.is_pip or not prefers_forge(problem):
        return []
    return [
        VariantWish(one.text, cuda=one.allows, selector=CUDA_VERSION)
        for one in problem.of(CUDA_PACKAGE)
        if not one.allows.is_any and channel_name(one.channel) in ("", FORGE)
    ]


def _file_filter(problem: Problem) -> Callable[[Build], bool]:
    """Return a test whether a build has a file for the hosts, as far as is known."""
    pythons = problem.of(PYTHON)
    if pythons:  # `python=3.10` beside it: the environment's own Python is about to change
        return lambda b: (
            problem.has_libc(b)
            and (
                not b.pythons
                or any(all(a.allows.allows_minor(p) for a in pythons) for p in b.pythons)
            )
        )
    return problem.is_for


def _tiers(problem: Problem, builds: tuple[Build, ...]) -> list[tuple[Build, ...]]:
    """Return the builds by source, in the order of preference; the first that has one is used.

    Contract, section 4: channel pytorch up to 2.5.1, conda-forge after it, and conda-forge
    throughout for users whose channels are conda-forge. For pip: the wheel indexes in their order,
    so that another index is used only for what the user's mirror lacks (section 5).
    """
    if problem.is_pip:
        return [tuple(b for b in builds if b.base == base) for base in wheel_bases(builds)]
    official = tuple(b for b in builds if b.source == FAMILY_CHANNEL)
    forge = tuple(b for b in builds if b.source == FORGE)
    if prefers_forge(problem):
        return [forge, official]
    own = tuple(b for b in builds if b.source == DEFAULTS)
    ended = {b.release for b in (*own, *official)}
    newer = tuple(b for b in forge if b.release not in ended and not _older(b, official))
    if uses_family_channel(problem):
        return [official, newer, forge]
    return [(*newer, *own, *official), forge]


def wheel_bases(builds: Iterable[Build]) -> tuple[str | None, ...]:
    """Return the wheel indexes that builds lie in, in order; None is the one in use."""
    return tuple(dict.fromkeys(build.base for build in builds)) or (None,)


def _older(build: Build, official: tuple[Build, ...]) -> bool:
    """Return whether the family's channel has a newer release, so that conda-forge is not used."""
    return bool(official) and version(build.release) < version(official[0].release)


def channel_name(channel: str) -> str:
    """Return a channel's name: the last folder of its URL, without platform and label."""
    folders = [part for part in channel.split("/") if part]
    if folders and folders[-1] in (*SUBDIRS.values(), "noarch"):
        folders.pop()
    if len(folders) > 2 and folders[-2] == "label":  # noqa: PLR2004 - channel, "label", its name
        folders = folders[:-2]
    return folders[-1] if folders else channel


def uses_family_channel(problem: Problem) -> bool:
    """Return whether the user named the family's channel, or a package that is only there."""
    selector = problem.wish.selector if problem.wish else None
    names = {channel_name(channel) for channel in problem.channels}
    conda = problem.family.conda
    return conda.channel in names or selector in (conda.cuda_selector, conda.cpu_selector)


def prefers_forge(problem: Problem) -> bool:
    """Return whether the user's channels, or the packages named, are conda-forge's."""
    selector = problem.wish.selector if problem.wish else None
    named = {one.package for one in problem.of(SELECTOR)}
    if selector in problem.family.conda.metapackages or CUDA_VERSION in (selector, *named):
        return True
    names = {channel_name(channel) for channel in problem.channels}
    return FORGE in names and not uses_family_channel(problem)
