"""The plain wheels that a person's own main index serves."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Build
from conda_cuda_guard.planner.asking import TORCH, cuda_of
from conda_cuda_guard.planner.versions import version

from .heard import listing
from .mirrors import mirror_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conda_cuda_guard.model import Answer, Catalogue, Request, Wheel

    from .heard import Listing


def of_main_index(known: Catalogue, answers: Iterable[Answer], platform: str) -> tuple[Build, ...]:
    """Give the plain wheels of the first of the person's own sources, which is the main index."""
    by_source: dict[str, list[Wheel]] = defaultdict(list)
    for answer in answers:
        if not answer.question.flat:
            by_source[answer.question.source].extend(answer.wheels)
    first = next(iter(by_source.values()), [])
    torch = listing(first, TORCH, platform)
    return own_builds(torch, known.plain, known.builds, platform)


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
    torch: Listing, plain: Mapping[str, str], known: tuple[Build, ...], platform: str
) -> tuple[Build, ...]:
    """Make the builds that a user's own index serves as plain wheels, of the releases known."""
    variants = {(build.release, build.variant): build for build in known}
    builds = []
    for (release, label), pythons in torch.items():
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
            )
        )
    return tuple(sorted(builds, key=lambda build: version(build.release), reverse=True))
