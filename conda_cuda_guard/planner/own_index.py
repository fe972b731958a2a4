"""The user's own indexes: whether they serve the planned build, and what pip would take."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from conda_cuda_guard.model import AsTyped, Note
from conda_cuda_guard.model.versions import version

from .candidates import wheel_bases
from .requirement import LEAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.specifiers import SpecifierSet

    from conda_cuda_guard.model import Build, Catalogue

    from .decision import Choice
    from .problem import Problem


def plain_twin(problem: Problem, choice: Choice, catalogue: Catalogue) -> Build | None:
    """Return the planned build as the plain wheel of the user's own main index; None without one.

    None too where an index of variants is in force: pip would take a labelled file from there.
    """
    if problem.named_index is not None or choice.build.cuda is None:
        return None
    for build in catalogue.own:
        same = (build.release, build.cuda) == (choice.build.release, choice.build.cuda)
        if same and problem.is_for(build):
            return build
    return None


def prefer_own(problem: Problem, choice: Choice, catalogue: Catalogue) -> Choice:
    """Return the choice as the plain wheel of the user's own index, where that is preferred."""
    own = plain_twin(problem, choice, catalogue)
    wished = problem.request.sources.prefer_index
    return choice if own is None or not wished else replace(choice, build=own)


def about_indexes(problem: Problem, choice: Choice, catalogue: Catalogue) -> tuple[Note, ...]:
    """Return notes on the user's index that has the build too, and on a mirror that lacks it."""
    notes = []
    main = problem.request.sources.main_index or ""
    if choice.build in catalogue.own:
        notes.append(Note("user-index-serves-it", "info", "used", {"index": main}))
    elif plain_twin(problem, choice, catalogue):
        notes.append(Note("user-index-serves-it", "info", "", {"index": main}))
    bases = wheel_bases(catalogue.builds)
    base = None if choice.build.wheel_variant else choice.build.base
    if base is not None and base != bases[0]:
        facts = {
            "index": bases[0] or "",
            "build": f"{problem.family.lead.pip} {choice.build.release}{choice.build.label}",
            "instead": base,
        }
        notes.append(Note("index-lacks-variant", "warning", "wheel-index", facts))
    return tuple(notes)


def as_typed(problem: Problem, catalogue: Catalogue) -> AsTyped | None:
    """Return the lead that pip would install for the request as typed; None where not known.

    pip takes the newest version of all sources, where a local version label counts as newer than
    none; of the same version, the file of the source named last.
    """
    # What another project's page asks for binds our plan, and nothing of pip's.
    leads = [one for one in problem.of(LEAD) if one.origin.kind != "page"]
    specifier = _specifier(one.text for one in leads)
    if specifier is None:
        return None
    heard = list(_heard(problem, catalogue))
    if _main_is_default(problem, catalogue):
        heard.insert(0, _of_default_index(specifier, problem, catalogue))
    found = [
        (version(one.version), number, one)
        for number, one in enumerate(heard)
        if one is not None and specifier.contains(one.version)
    ]
    return max(found, key=lambda each: each[:2])[2] if found else None


def _main_is_default(problem: Problem, catalogue: Catalogue) -> bool:
    """Return whether the main index is pip's default one, or a mirror of it that was not asked."""
    sources = problem.request.sources
    if sources.no_index:
        return False
    if sources.main_index is None:
        return True
    return not catalogue.heard and len(sources.index_urls) == 1 and bool(catalogue.own)


def _specifier(texts: Iterable[str]) -> SpecifierSet | None:
    """Return what requirements and constraints allow together; None where there are none."""
    found = [Requirement(text).specifier for text in texts]
    return reduce(and_, found) if found else None


def _heard(problem: Problem, catalogue: Catalogue) -> Iterator[AsTyped | None]:
    """Yield the lead's files that pip would find: of pages first, then of indexes in order."""
    for answer in sorted(catalogue.heard, key=lambda one: not one.question.flat):
        for wheel in answer.wheels:
            if (
                wheel.package == problem.family.lead.pip
                and not wheel.yanked
                and problem.is_for(wheel)
            ):
                variant = _variant(wheel.version, catalogue)
                yield AsTyped(
                    problem.family.lead.pip, wheel.version, variant, answer.question.source
                )


def _variant(number: str, catalogue: Catalogue) -> str | None:
    release, _, label = number.partition("+")
    return label or catalogue.plain.get(release)


def _of_default_index(
    specifier: SpecifierSet, problem: Problem, catalogue: Catalogue
) -> AsTyped | None:
    """Return what pip's default index, or a mirror of it, has: plain wheels, by the catalogue."""
    main = problem.request.sources.main_index
    variants = {(build.release, build.variant): build for build in catalogue.builds}
    for release in _newest_first(catalogue.plain):
        build = variants.get((release, catalogue.plain[release]))
        fits = build is None or problem.is_for(build)
        if fits and specifier.contains(release):
            return AsTyped(problem.family.lead.pip, release, catalogue.plain[release], main)
    return None


def _newest_first(releases: Iterable[str]) -> list[str]:
    return sorted(releases, key=version, reverse=True)
