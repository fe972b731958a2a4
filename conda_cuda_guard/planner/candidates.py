"""Rule 5: the companions that belong to a torch release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .requirement import COMPANIONS, TORCH, TORCH_BY_ADDRESS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from conda_cuda_guard.model import Build, Catalogue, Companion, Release

    from .problem import Problem
    from .requirement import Requirement


def companion(release: Release, role: str, problem: Problem) -> Companion | None:
    """Find a companion of a release for the manager in question."""
    return (release.pip if problem.is_pip else release.conda).get(role)


def companion_version(
    release: Release, requirement: Requirement, problem: Problem, *, any_version: bool = False
) -> str | None:
    """Give the companion's best version that the request allows; None where none belongs."""
    found = companion(release, requirement.role or "", problem)
    if found is None:
        return None
    allowed = (v for v in found.versions if any_version or v in requirement.allows)
    return next(allowed, None)


def compatible_versions(
    releases: tuple[Release, ...], parsed: tuple[Requirement, ...], problem: Problem
) -> tuple[str, ...]:
    """Name the companions that would belong to the newest of these releases, as `name==version`."""
    for release in releases:
        pairs = [
            (requirement.role, companion(release, requirement.role or "", problem))
            for requirement in parsed
        ]
        if all(found for _, found in pairs):
            named = tuple(f"{role}=={found.versions[0]}" for role, found in pairs if found)
            torch = "torch" if problem.is_pip else "pytorch"
            return (f"{torch}=={release.version}", *named)
    return ()


FORGE = "conda-forge"
PYTORCH_CHANNEL = "pytorch-channel"
DEFAULTS = "defaults"  # known only from its repodata, where it is in force
_SUBDIRS = ("linux-64", "linux-aarch64", "win-64", "osx-64", "osx-arm64", "noarch")


@dataclass(frozen=True)
class Candidates:
    """What is left after each question; the first that is empty says what is wrong.

    `builds` are the answer; `others` are those of the sources that come after the one in use.
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
    """Narrow what exists down to what the request allows.

    `any_version` leaves the versions that were typed out of it (to look for alternatives), and
    `elsewhere` looks at the builds of the manager's other source.
    """
    releases = _allowed(problem, catalogue, any_version=any_version)
    companions = problem.of(*COMPANIONS)
    paired = tuple(
        release
        for release in releases
        if all(
            companion_version(release, requirement, problem, any_version=any_version)
            for requirement in companions
        )
    )
    names = {release.version for release in paired}
    everything = catalogue.elsewhere() if elsewhere else catalogue.builds
    without = frozenset[str]().union(*(requirement.without for requirement in problem.of(TORCH)))
    tiers = [
        tuple(b for b in tier if b.release in names and b.release + b.label not in without)
        for tier in ([everything] if elsewhere else _tiers(problem, everything))
    ]
    tiers = [tuple(filter(_permission(problem), tier)) for tier in tiers]
    fits = _python_filter(problem)
    at = next((number for number, tier in enumerate(tiers) if tier), 0)
    if problem.is_pip:  # what a mirror has for another Python only, it does not have
        at = next((number for number, tier in enumerate(tiers) if any(map(fits, tier))), at)
    others = (build for tier in tiers[at + 1 :] for build in tier)
    return Candidates(
        releases, paired, tiers[at], tuple(filter(fits, tiers[at])), tuple(filter(fits, others))
    )


def _allowed(problem: Problem, catalogue: Catalogue, *, any_version: bool) -> tuple[Release, ...]:
    if any_version:
        return catalogue.releases
    parsed = (
        *problem.of(TORCH, TORCH_BY_ADDRESS),
        *(pin for pin in problem.pins if pin.role == TORCH),
    )
    return tuple(
        r
        for r in catalogue.releases
        if all(r.version in requirement.allows for requirement in parsed)
    )


def _permission(problem: Problem) -> Callable[[Build], bool]:
    """Make the test whether conda's pins and its lists of channels let a build through."""
    forbidden = problem.request.sources.forbidden
    wishes = [pin.wish for pin in problem.pins if pin.wish is not None]
    return lambda build: (
        not forbidden.intersection(build.channels)
        and all(wish.grants(build.cuda) for wish in wishes)
    )


def _python_filter(problem: Problem) -> Callable[[Build], bool]:
    """Make the test whether a build, if its Pythons are known, is for the Python in question."""
    parsed = problem.of("python")
    if parsed:  # `python=3.10` beside it: the environment's own Python is about to change
        return lambda b: (
            not b.pythons
            or any(all(a.allows.allows_minor(p) for a in parsed) for p in b.pythons)
        )
    return lambda build: problem.is_for(build.pythons)


def _tiers(problem: Problem, builds: tuple[Build, ...]) -> list[tuple[Build, ...]]:
    """Order the sources by the channels in force; the first that has the release is used.

    Contract, section 4: channel pytorch up to 2.5.1, conda-forge after it, and conda-forge
    throughout for those whose channels are conda-forge. For pip: the wheel indexes in their order,
    so that the user of a mirror is sent elsewhere only for what it lacks (section 5).
    """
    if problem.is_pip:
        return [tuple(b for b in builds if b.base == base) for base in wheel_bases(builds)]
    official = tuple(b for b in builds if b.source == PYTORCH_CHANNEL)
    forge = tuple(b for b in builds if b.source == FORGE)
    if prefers_forge(problem):
        return [forge, official]
    own = tuple(b for b in builds if b.source == DEFAULTS)
    ended = {b.release for b in (*own, *official)}
    newer = tuple(b for b in forge if b.release not in ended and not _older(b, official))
    if uses_pytorch_channel(problem):
        return [official, newer, forge]
    return [(*newer, *own, *official), forge]


def wheel_bases(builds: Iterable[Build]) -> tuple[str | None, ...]:
    """Give the wheel indexes that builds lie in, in order; None is the one in use."""
    return tuple(dict.fromkeys(build.base for build in builds)) or (None,)


def _older(build: Build, official: tuple[Build, ...]) -> bool:
    """Tell whether channel pytorch went on after this release (so conda-forge is not the way)."""
    from conda_cuda_guard.model.versions import version

    return bool(official) and version(build.release) < version(official[0].release)


def channel_name(channel: str) -> str:
    """Give a channel's name: the last folder of its URL, without platform and label."""
    folders = [part for part in channel.split("/") if part]
    if folders and folders[-1] in _SUBDIRS:
        folders.pop()
    if len(folders) > 2 and folders[-2] == "label":  # noqa: PLR2004 - channel, "label", its name
        folders = folders[:-2]
    return folders[-1] if folders else channel


def uses_pytorch_channel(problem: Problem) -> bool:
    """Tell whether the person named channel pytorch, or a package that lives only there."""
    selector = problem.wish.selector if problem.wish else None
    names = {channel_name(channel) for channel in problem.channels}
    return "pytorch" in names or selector in ("pytorch-cuda", "cpuonly")


def prefers_forge(problem: Problem) -> bool:
    """Tell whether the person's channels, or the packages named, are conda-forge's."""
    selector = problem.wish.selector if problem.wish else None
    if selector in ("cuda-version", "pytorch-gpu") or problem.of("cuda-version"):
        return True
    names = {channel_name(channel) for channel in problem.channels}
    return FORGE in names and not uses_pytorch_channel(problem)
