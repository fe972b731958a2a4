"""Which pages to ask for: those of the wheel index in use, and of the person's own sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Question, WheelIndex
from conda_cuda_guard.planner.candidates import find_candidates
from conda_cuda_guard.planner.pip_parse import VARIANT_FOLDER
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.planner.ranking import judge
from conda_cuda_guard.planner.requirement import COMPANIONS, TORCH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Catalogue, Request

# More variants than this are never a choice: what is newer fits, or what is asked for is one.
_MOST_VARIANTS = 6


def wheel_index_in_use(request: Request, catalogue: Catalogue) -> WheelIndex:
    """Give the wheel index that a URL in force names (`…/whl/cu118`), or the first that is set."""
    named = read_problem(request, catalogue).named_index
    sources = request.sources
    if named is None:
        return sources.wheel_indexes[0]
    base = VARIANT_FOLDER.sub("", named)
    known = next((one for one in sources.wheel_indexes if one.base.rstrip("/") == base), None)
    flat = named in sources.find_links and not named.endswith(".html")
    return known or WheelIndex(base, flat)


def packages_of(request: Request, catalogue: Catalogue) -> tuple[str, ...]:
    """Give the packages of the family that a plan may need, torch first; none for other requests.

    macOS has one build of each, so there is nothing to ask.
    """
    problem = read_problem(request, catalogue)
    if not problem.family or problem.platform.startswith("macos"):
        return ()
    return (TORCH, *dict.fromkeys(ask.role or "" for ask in problem.of(*COMPANIONS)))


def about_wheel_index(
    index: WheelIndex, packages: Iterable[str], variants: Iterable[str]
) -> tuple[Question, ...]:
    """Ask a wheel index for the variants' own folders."""
    base = index.base.rstrip("/")
    if index.flat and base.endswith(".html"):
        return (Question(base, base, TORCH, flat=True),)
    if index.flat:
        return tuple(Question(base, f"{base}/{variant}/", TORCH, flat=True) for variant in variants)
    return tuple(
        Question(base, f"{base}/{variant}/{package}/", package)
        for variant in variants
        for package in packages
    )


def about_all_variants(index: WheelIndex, packages: Iterable[str]) -> tuple[Question, ...]:
    """Ask a simple index for the pages that list every variant of a package.

    Beside the folders of the variants, PyTorch's index has one page a package at its base.
    """
    base = index.base.rstrip("/")
    return tuple(Question(base, f"{base}/{package}/", package) for package in packages)


def about_own_sources(
    request: Request, index: WheelIndex, packages: Iterable[str]
) -> tuple[Question, ...]:
    """Ask the indexes and pages of the person's own configuration, but pip's default index."""
    base = index.base.rstrip("/")
    sources = request.sources
    own = [url for url in sources.index_urls if not url.startswith(base)]
    pages = [url for url in sources.find_links if not url.startswith(base)]
    return (
        *(Question(url, f"{url.rstrip('/')}/{name}/", name) for url in own for name in packages),
        *(Question(url, url, TORCH, flat=True) for url in pages),
    )


def variants_in_question(request: Request, catalogue: Catalogue) -> tuple[str, ...]:
    """Give the variants that the plan may be made of, those of the newest releases first."""
    problem = read_problem(request, catalogue)
    builds = [
        build for build in find_candidates(problem, catalogue).builds if build.index is not None
    ]
    wanted = [build for build in builds if (build.cuda is None) == problem.wants_cpu] or builds
    fitting = [b for b in wanted if judge(b, problem, catalogue).reason is None] or wanted
    wish = problem.wish
    wished = [b for b in fitting if wish is not None and wish.grants(b.cuda)]
    names = dict.fromkeys(build.variant for build in (*wished, *fitting))
    return tuple(names)[:_MOST_VARIANTS]
