"""Where a build's wheels are: index, page or file, on a mirror in use or the user's own index."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from conda_cuda_guard.model import AsTyped, Note, platform_named, version

from .address_kind import VARIANT_FOLDER, url_wish
from .candidates import wheel_bases
from .requirement import LEAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.specifiers import SpecifierSet

    from conda_cuda_guard.model import Build, Catalogue, Sources

    from .decision import Choice
    from .problem import Problem

_FIRST_PLAIN_ABI = "3.8"  # before it, the ABI tag has an m for pymalloc


def base_url(problem: Problem) -> str:
    """Return the base of the wheel index: of a variant's URL in force, or the configured one."""
    named = problem.named_index
    if named:
        return VARIANT_FOLDER.sub("", named)
    return problem.request.sources.wheel_indexes[0].base.rstrip("/")


def sources_of(build: Build, problem: Problem) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the index URLs and the find-links pages that have the build."""
    sources = problem.request.sources
    base, named = build.base or base_url(problem), problem.named_index or ""
    if build.page is not None:
        return (), (f"{base}/{build.page}",)
    if build.index is None:
        return (), ()
    named_one = url_wish((named,), problem.family, sources.foreign) if named else None
    if named in sources.find_links and named_one is not None:
        if named_one.grants(build.cuda):
            return (), (named,)  # a page of this variant, in whatever form it has
        if not named.endswith(".html") and build.base is None:
            return (), (f"{base}/{build.index}",)  # a mirror of flat folders
    if build.flat and base.endswith(".html"):
        return (), (base,)
    if build.flat:
        return (), (f"{base}/{build.index}/",)
    url = f"{base}/{build.index}"
    typed = next((one for one in sources.index_urls if one.rstrip("/") == url), url)
    return (typed,), ()


def missing_options(
    index_urls: tuple[str, ...], find_links: tuple[str, ...], in_force: Sources
) -> list[str]:
    """Return pip's options for the sources that are not in force yet."""
    options = []
    for url in index_urls:
        if url not in in_force.index_urls:
            options += ["--extra-index-url", url]
    for url in find_links:
        if url not in in_force.find_links:
            options += ["--find-links", url]
    return options


def not_used(index: str, detail: str) -> Note:
    """Return the warning that an index or page of a family cannot be had, and is not used."""
    facts = {"index": index, "detail": detail}
    return Note("index-unreachable", "warning", "family", facts)


def is_ambiguous(build: Build, catalogue: Catalogue) -> bool:
    """Return whether the default index serves another build under the same version.

    By its order of sources pip then takes the index's file before the page's: on Windows, where
    the plain 1.7.1 is a CPU build, and for the variants of 1.0 and 1.1, which have no labels.
    """
    if build.label or build.page is None:
        return False
    return catalogue.plain.get(build.release, build.variant) != build.variant


def direct_url(package: str, number: str, build: Build, problem: Problem) -> str | None:
    """Return the URL of the file itself; None where the Python is not known.

    The file names of these releases follow a pattern, as torch_stable.html shows.
    """
    python = problem.hosts[0].python
    if python is None:
        return None
    interpreter = "cp" + python.replace(".", "")
    abi = "" if version(python) >= version(_FIRST_PLAIN_ABI) else "m"
    tag = platform_named(build.platform).tags[-1]  # as old as these files are
    name = f"{package}-{number}-{interpreter}-{interpreter}{abi}-{tag}.whl"
    return f"{base_url(problem)}/{build.variant}/{name}"


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
    leads = [one for one in problem.of(LEAD) if one.origin.kind not in ("page", "address")]
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
