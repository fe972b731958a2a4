"""The pages to ask for: those of the wheel index in use, and of the user's own sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Question, WheelIndex
from conda_cuda_guard.planner.address_kind import VARIANT_FOLDER
from conda_cuda_guard.planner.candidates import find_candidates
from conda_cuda_guard.planner.ranking import judge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Build, Catalogue
    from conda_cuda_guard.planner.problem import Problem

# More variants than this are never a choice: what is newer fits, or what is asked for is one.
_MOST_VARIANTS = 6


def wheel_index_in_use(problem: Problem) -> WheelIndex:
    """Return the wheel index that a URL in force names (`…/whl/cu118`), or the first set."""
    named, sources = problem.named_index, problem.request.sources
    if named is None:
        return sources.wheel_indexes[0]
    base = VARIANT_FOLDER.sub("", named)
    known = next((one for one in sources.wheel_indexes if one.base.rstrip("/") == base), None)
    flat = named in sources.find_links and not named.endswith(".html")
    return known or WheelIndex(base, flat)


def packages_of(problem: Problem) -> tuple[str, ...]:
    """Return the family's packages that a plan may need, the lead first; none for other requests.

    macOS has one build of each, so there is nothing to ask.
    """
    if not problem.asked or problem.platform.startswith("macos"):
        return ()
    family = problem.family
    return (family.lead.pip, *(n for n in problem.companions if not family.member(n).plain))


def about_wheel_index(
    index: WheelIndex, packages: Iterable[str], variants: Iterable[str]
) -> tuple[Question, ...]:
    """Return the questions for the variants' own folders of a wheel index."""
    base = index.base.rstrip("/")
    if index.flat and base.endswith(".html"):
        return (Question(base, base, flat=True),)
    if index.flat:
        return tuple(Question(base, f"{base}/{variant}/", flat=True) for variant in variants)
    return tuple(
        Question(base, f"{base}/{variant}/{package}/", package)
        for variant in variants
        for package in packages
    )


def about_all_variants(index: WheelIndex, packages: Iterable[str]) -> tuple[Question, ...]:
    """Return the questions for a simple index's pages that list every variant of a package.

    Beside the folders of the variants, PyTorch's index has one page a package at its base.
    """
    base = index.base.rstrip("/")
    return tuple(Question(base, f"{base}/{package}/", package) for package in packages)


def about_own_sources(
    problem: Problem, index: WheelIndex, packages: Iterable[str]
) -> tuple[Question, ...]:
    """Return the questions for the indexes and pages that the user has configured."""
    base = index.base.rstrip("/")
    sources = problem.request.sources
    own = [url for url in sources.index_urls if not url.startswith(base)]
    pages = [url for url in sources.find_links if not url.startswith(base)]
    return (
        *(Question(url, f"{url.rstrip('/')}/{name}/", name) for url in own for name in packages),
        *(Question(url, url, flat=True) for url in pages),
    )


def about_default_index(problem: Problem) -> tuple[Question, ...]:
    """Return the question whether pip's default index answers, where it is in force and known."""
    index = problem.request.sources.default_index
    lead = problem.family.lead.pip
    return (Question(index, f"{index.rstrip('/')}/{lead}/", lead),) if index else ()


def variants_in_question(problem: Problem, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the variants that the plan may be made of, those of the newest releases first."""
    names = dict.fromkeys(build.variant for build in builds_in_question(problem, catalogue))
    return tuple(names)[:_MOST_VARIANTS]


def builds_in_question(problem: Problem, catalogue: Catalogue) -> tuple[Build, ...]:
    """Return the builds of wheel indexes that the plan may be made of, the first choice first."""
    builds = [
        build for build in find_candidates(problem, catalogue).builds if build.index is not None
    ]
    wanted = [build for build in builds if (build.cuda is None) == problem.wants_cpu] or builds
    fitting = [b for b in wanted if judge(b, problem, catalogue).reason is None] or wanted
    wish = problem.wish
    wished = [b for b in fitting if wish is not None and wish.grants(b.cuda)]
    return (*wished, *fitting)
