"""What exists for a pip request: what the indexes answer, and the catalogue where they do not."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import PLATFORMS, Question
from conda_cuda_guard.model.addresses import is_below, place
from conda_cuda_guard.planner.address_kind import WHEELS
from conda_cuda_guard.planner.problem import read_problem

from . import merge_index
from .builtin import from_catalogue
from .index_questions import packages_of, wheel_index_in_use
from .listening import AskIndex, Heard, is_dead, listen
from .live_pins import followers_now
from .merge_companions import companions_heard, releases_heard, with_companions, with_followers
from .mirrors import about_addresses
from .own_supply import from_pages, unreachable_notes, without_wheel_index

if TYPE_CHECKING:
    from conda_cuda_guard.model import Answer, Build, Catalogue, Request
    from conda_cuda_guard.planner.problem import Problem


def gather(request: Request, ask: AskIndex | None = None, *, whole: bool = False) -> Catalogue:
    """Return what exists for a pip request, as `gather_for` does for one that was read.

    Where it is `whole`, the wheel index is asked for all that it has.
    """
    known = from_catalogue("pip", request.hosts[0].platform)
    problem = read_problem(request, known)
    return gather_for(problem, ask, packages=packages_of(problem) if whole else ())


def gather_for(
    problem: Problem,
    ask: AskIndex | None = None,
    *,
    own: bool = True,
    packages: tuple[str, ...] = (),
) -> Catalogue:
    """Return what exists for a problem of pip's; without `ask`, from the catalogue alone.

    Without `own` the user's own sources are not asked: they have no say in what fits, only in
    what there is to tell of a plan. `packages` are asked about in the place of those that the
    request names.
    """
    known = from_catalogue("pip", problem.platform)
    if ask is not None and problem.platform in PLATFORMS:
        ask = partial(_ask_for, problem.platform, ask)
    foreign = _foreign(problem, ask) if ask is not None else frozenset[str]()
    if foreign:
        sources = replace(problem.request.sources, foreign=foreign)
        problem = read_problem(replace(problem.request, sources=sources), known)
    return replace(_gathered(problem, known, ask, own=own, packages=packages), foreign=foreign)


def _ask_for(platform: str, ask: AskIndex, questions: tuple[Question, ...]) -> tuple[Answer, ...]:
    return ask(tuple(replace(one, platform=platform) for one in questions))


def _foreign(problem: Problem, ask: AskIndex) -> frozenset[str]:
    """Return the addresses that name a variant and list nothing of the family: other projects'.

    Those that are known, configured or of a known mirror need not be asked.
    """
    sources, lead = problem.request.sources, problem.family.lead.pip
    bases = [*problem.family.addresses.bases, *(one.base for one in sources.wheel_indexes)]
    bases += [base for mirror in catalogue.mirrors() for base in (mirror.base, *mirror.also)]
    above = [place(base) for base in bases]
    unknown = [
        one.url
        for one in problem.addresses
        if one.kind == WHEELS and not any(is_below(place(one.url), base) for base in above)
    ]
    pages = set(unknown) & set(sources.find_links)
    answers = ask(
        tuple(
            Question(url, url, flat=True)
            if url in pages
            else Question(url, f"{url.rstrip('/')}/{lead}/", lead)
            for url in unknown
        )
    )
    return frozenset(
        answer.question.source
        for answer in answers
        if answer.problem in ("", "absent")
        and not any(one.package in problem.family.pip_names for one in answer.wheels)
    )


def _gathered(
    problem: Problem,
    known: Catalogue,
    ask: AskIndex | None,
    *,
    own: bool,
    packages: tuple[str, ...],
) -> Catalogue:
    request = problem.request
    heard = Heard(
        wheel_index_in_use(problem), packages or packages_of(problem), is_whole=bool(packages)
    )
    if not heard.packages:
        return known
    if request.sources.no_index:
        of_pages = from_pages(request, known, ask, heard.packages)
        return _with_variants(of_pages, problem, of_pages.heard, ask)
    if ask is not None:
        heard = listen(problem, known, heard, ask, own=own)
        pages = (*heard.of_index, *heard.of_main)
        heard = replace(heard, followers=followers_now(problem, known, pages, ask))
    assumed = () if heard.of_own else merge_index.of_known_mirror(known, request)
    if heard.is_dead:
        no_default = heard.of_default if is_dead(heard.of_default) else ()
        merged = without_wheel_index(
            known, heard.of_own, assumed, problem, heard.dead, no_default=no_default
        )
    else:
        merged = _merged(known, heard, request, assumed)
        builds = merge_index.of_all_indexes(merged.builds, known.builds, heard.index, request)
        merged = replace(merged, builds=builds)
    releases = with_followers(merged.releases, heard.not_listed)
    notes = (*about_addresses(request), *merged.notes)
    merged = replace(merged, releases=releases, notes=notes)
    return _with_variants(merged, problem, (*heard.of_index, *heard.of_own), ask)


def _with_variants(
    found: Catalogue, problem: Problem, answers: tuple[Answer, ...], ask: AskIndex | None
) -> Catalogue:
    """Return the catalogue with variant wheels, where a page lists some."""
    if ask is None or not any(answer.variants for answer in answers):
        return found
    from .variant_builds import with_variant_builds  # late: few indexes have any

    return with_variant_builds(found, problem, answers, ask)


def _merged(
    known: Catalogue, heard: Heard, request: Request, assumed: tuple[Build, ...]
) -> Catalogue:
    """Return the catalogue with what the indexes answered in place of what it has."""
    notes = (*unreachable_notes(heard.of_index), *unreachable_notes(heard.of_own))
    wheels = [wheel for answer in heard.of_index for wheel in answer.wheels]
    platform = request.hosts[0].platform
    listed = {package: merge_index.listing(wheels, package, platform) for package in heard.packages}
    lead = known.family.lead.pip
    companions = {name: found for name, found in listed.items() if name != lead}
    own = merge_index.of_main_index(known, heard.of_own, request) or assumed
    if not listed[lead] and any(a.problem not in ("", "absent") for a in heard.of_index):
        return replace(known, notes=notes, own=own, heard=heard.of_own)
    if not heard.of_index:
        return replace(known, own=own, heard=heard.of_own)
    releases = releases_heard(listed[lead], companions, known.releases)
    listed_followers = (one for one in heard.followers if one.package in heard.packages)
    releases = with_followers(releases, listed_followers)
    answered = _answered(companions, heard)
    releases = companions_heard(releases, answered, listed[lead])
    builds = merge_index.builds_heard(listed[lead], known.builds, platform)
    builds = with_companions(builds, answered, releases)
    builds = merge_index.newest_first((*builds, *_not_asked(known.builds, heard)))
    return replace(
        known,
        releases=releases,
        builds=builds,
        notes=notes,
        own=own,
        heard=heard.of_own,
        files=tuple(wheels),
    )


def _answered(
    companions: dict[str, merge_index.Listing], heard: Heard
) -> dict[str, merge_index.Listing]:
    """Return the companions whose pages were read; for the others the catalogue stands."""
    failed = {a.question.package for a in heard.of_index if a.problem not in ("", "absent")}
    return {name: found for name, found in companions.items() if name not in failed}


def _not_asked(builds: tuple[Build, ...], heard: Heard) -> tuple[Build, ...]:
    """Return the builds whose variant's folder was not asked for, where folders were."""
    base = heard.index.base.rstrip("/")
    asked = {a.question.url[len(base) + 1 :].split("/")[0] for a in heard.of_index}
    if asked <= {"", *heard.packages}:
        return ()  # one page listed every variant: a package's, or the whole index
    return tuple(b for b in builds if b.index is not None and b.index not in asked)
