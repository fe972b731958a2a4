"""Which of several wheel indexes builds are taken from: the one in use, then the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Build, Request, WheelIndex


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
