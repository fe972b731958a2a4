"""Rule 5: the companions that belong to a torch release."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conda_cuda_guard.model import Companion, Release

    from .asking import Ask
    from .situation import Situation


def companion(release: Release, role: str, situation: Situation) -> Companion | None:
    """Find a companion of a release for the manager in question."""
    return (release.pip if situation.is_pip else release.conda).get(role)


def companion_version(
    release: Release, ask: Ask, situation: Situation, *, any_version: bool = False
) -> str | None:
    """Give the companion's best version that the request allows; None where none belongs."""
    found = companion(release, ask.role or "", situation)
    if found is None:
        return None
    allowed = (v for v in found.versions if any_version or v in ask.allows)
    return next(allowed, None)


def right_pair(
    releases: tuple[Release, ...], asks: tuple[Ask, ...], situation: Situation
) -> tuple[str, ...]:
    """Name the companions that would belong to the newest of these releases, as `name==version`."""
    for release in releases:
        pairs = [(ask.role, companion(release, ask.role or "", situation)) for ask in asks]
        if all(found for _, found in pairs):
            named = tuple(f"{role}=={found.versions[0]}" for role, found in pairs if found)
            torch = "torch" if situation.is_pip else "pytorch"
            return (f"{torch}=={release.version}", *named)
    return ()
