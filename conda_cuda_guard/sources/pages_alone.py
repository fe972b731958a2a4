"""`--no-index`: what the folders and pages of --find-links hold is all there is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard.model import Question
from conda_cuda_guard.planner.asking import COMPANIONS, TORCH

from .heard import builds_heard, listing, releases_heard, with_companions
from .own_wheels import own_builds
from .problems import problems

if TYPE_CHECKING:
    from conda_cuda_guard.model import Answer, Build, Catalogue, Request


def from_pages(
    request: Request,
    known: Catalogue,
    ask: Callable[[tuple[Question, ...]], tuple[Answer, ...]] | None,
) -> Catalogue:
    """Make the catalogue of these pages: labelled wheels, and plain ones of releases known."""
    pages = request.sources.find_links
    answers = ask(tuple(Question(page, page, TORCH, flat=True) for page in pages)) if ask else ()
    platform = request.hosts[0].platform
    wheels = [wheel for answer in answers for wheel in answer.wheels]
    torch = listing(wheels, TORCH, platform)
    companions = {name: listing(wheels, name, platform) for name in COMPANIONS}
    releases = releases_heard(torch, companions, known.releases)
    labelled = builds_heard(torch, tuple(b for b in known.builds if b.page is None), platform)
    plain = own_builds(torch, known.plain, known.builds, platform)
    builds = tuple(_here(build) for build in (*labelled, *plain))
    there = {name: found for name, found in companions.items() if found}
    return replace(
        known,
        releases=releases,
        builds=with_companions(builds, there, releases),
        notes=tuple(problems(answers)),
        heard=answers,
        files=tuple(wheels),
    )


def _here(build: Build) -> Build:
    """Say of a build that no index has to be added to get it."""
    return replace(build, source="user-index", index=None, page=None)
