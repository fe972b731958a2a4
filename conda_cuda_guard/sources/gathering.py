"""What exists for a pip request: what the indexes answer, and the catalogue where they do not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Question
from conda_cuda_guard.model.addresses import is_below, place
from conda_cuda_guard.planner.address_kind import WHEELS
from conda_cuda_guard.planner.problem import read_problem

from .builtin import from_catalogue
from .index_questions import (
    about_all_variants,
    about_default_index,
    about_own_sources,
    about_wheel_index,
    packages_of,
    variants_in_question,
    wheel_index_in_use,
)
from .live_pins import about_plain_followers, followers_now
from .merge_companions import companions_heard, releases_heard, with_companions, with_followers
from .merge_index import (
    builds_heard,
    listing,
    newest_first,
    of_all_indexes,
    of_known_mirror,
    of_main_index,
)
from .mirrors import about_addresses
from .own_supply import from_pages, unreachable_notes, without_wheel_index

if TYPE_CHECKING:
    from conda_cuda_guard.model import Answer, Build, Catalogue, Request, WheelIndex
    from conda_cuda_guard.model.followers import Follower
    from conda_cuda_guard.planner.problem import Problem

    from .merge_index import Listing


AskIndex = Callable[[tuple["Question", ...]], tuple["Answer", ...]]


# What pip would fail on as well; an index that is only slow may still answer it.
_DEAD = (
    "unreachable",
    "untrusted",
    "certificate",
    "login-needed",
    "server-error",
    "truncated",
    "not-an-index",
)


def is_dead(answers: tuple[Answer, ...]) -> bool:
    """Return whether an index is of no use now: every page of it fails for pip as well."""
    return bool(answers) and all(answer.problem in _DEAD for answer in answers)


@dataclass(frozen=True)
class _Heard:
    """The answers of the wheel index in use, of the user's own sources, and of dead indexes.

    Where no wheel index can be had, also what pip's default index answered. `of_main` are pages of
    followers that pip's main index has; `followers` are those that the request names, as they are
    known now.
    """

    index: WheelIndex
    packages: tuple[str, ...]
    of_index: tuple[Answer, ...] = ()
    of_own: tuple[Answer, ...] = ()
    of_main: tuple[Answer, ...] = ()
    dead: tuple[Answer, ...] = ()
    of_default: tuple[Answer, ...] = ()
    followers: tuple[Follower, ...] = ()

    @property
    def is_dead(self) -> bool:
        """Whether no wheel index can be had now."""
        return bool(self.dead) and not self.of_index


def gather(request: Request, ask: AskIndex | None = None, *, own: bool = True) -> Catalogue:
    """Return what exists for a pip request, as `gather_for` does for one that was read."""
    known = from_catalogue("pip", request.hosts[0].platform)
    return gather_for(read_problem(request, known), ask, own=own)


def gather_for(
    problem: Problem,
    ask: AskIndex | None = None,
    *,
    own: bool = True,
    packages: tuple[str, ...] = (),
) -> Catalogue:
    """Return what exists for a problem of pip's; without `ask`, from the catalogue alone.

    Without `own` the person's own sources are not asked: they have no say in what fits, only in
    what there is to tell of a plan. `packages` are asked about in the place of those that the
    request names.
    """
    known = from_catalogue("pip", problem.platform)
    foreign = _foreign(problem, ask) if ask is not None else frozenset[str]()
    if foreign:
        sources = replace(problem.request.sources, foreign=foreign)
        problem = read_problem(replace(problem.request, sources=sources), known)
    return replace(_gathered(problem, known, ask, own=own, packages=packages), foreign=foreign)


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
    heard = _Heard(wheel_index_in_use(problem), packages or packages_of(problem))
    if not heard.packages:
        return known
    if request.sources.no_index:
        of_pages = from_pages(request, known, ask, heard.packages)
        return _with_variants(of_pages, problem, of_pages.heard, ask)
    if ask is not None:
        heard = _listen(problem, known, heard, ask, own=own)
        pages = (*heard.of_index, *heard.of_main)
        heard = replace(heard, followers=followers_now(problem, known, pages, ask))
    assumed = () if heard.of_own else of_known_mirror(known, request)
    if heard.is_dead:
        no_default = heard.of_default if is_dead(heard.of_default) else ()
        merged = without_wheel_index(
            known, heard.of_own, assumed, problem, heard.dead, no_default=no_default
        )
    else:
        merged = _merged(known, heard, request, assumed)
        builds = of_all_indexes(merged.builds, known.builds, heard.index, request)
        merged = replace(merged, builds=builds)
    releases = with_followers(merged.releases, _not_listed(heard))
    notes = (*about_addresses(request), *merged.notes)
    merged = replace(merged, releases=releases, notes=notes)
    return _with_variants(merged, problem, (*heard.of_index, *heard.of_own), ask)


def _not_listed(heard: _Heard) -> tuple[Follower, ...]:
    """Return the named followers about which the wheel index was not asked."""
    return tuple(one for one in heard.followers if one.package not in heard.packages)


def _with_variants(
    found: Catalogue, problem: Problem, answers: tuple[Answer, ...], ask: AskIndex | None
) -> Catalogue:
    """Return the catalogue with variant wheels, where a page lists some."""
    if ask is None or not any(answer.variants for answer in answers):
        return found
    from .variant_builds import with_variant_builds  # late: few indexes have any

    return with_variant_builds(found, problem, answers, ask)


def _listen(
    problem: Problem, known: Catalogue, heard: _Heard, ask: AskIndex, *, own: bool
) -> _Heard:
    """Return the answers of the wheel index in use (the next where it is dead) and own sources."""
    others = [one for one in problem.request.sources.wheel_indexes if one.base != heard.index.base]
    of_own = about_own_sources(problem, heard.index, heard.packages) if own else ()
    more = (of_own, about_plain_followers(problem))
    for index in (heard.index, *others):
        heard = _listen_to(replace(heard, index=index), more, problem, known, ask)
        more = ((), ())
        if not is_dead(heard.of_index):
            return heard
        heard = replace(heard, of_index=(), dead=(*heard.dead, *heard.of_index))
    # Only now would the plan rest on pip's default index.
    return replace(heard, of_default=ask(about_default_index(problem)) if own else ())


def _listen_to(
    heard: _Heard,
    more: tuple[tuple[Question, ...], tuple[Question, ...]],
    problem: Problem,
    known: Catalogue,
    ask: AskIndex,
) -> _Heard:
    """Return all answers; where there is no common page, those of the variants' folders.

    Where these have no folders of packages either, they may be pages of links. `more` are the
    questions for the user's own sources, and those for followers on pip's main index.
    """
    index, packages = heard.index, heard.packages

    def in_folders(of: WheelIndex) -> tuple[Question, ...]:
        return about_wheel_index(of, packages, variants_in_question(problem, known))

    first = in_folders(index) if index.flat else about_all_variants(index, packages)
    of_own, of_main = more
    answers = ask((*first, *of_own, *of_main))
    of_index, rest = answers[: len(first)], answers[len(first) :]
    own_answers = rest[: len(of_own)] or heard.of_own
    main_answers = rest[len(of_own) :] or heard.of_main
    if not index.flat and _is_absent(of_index):
        of_index = ask(in_folders(index))
        as_pages = replace(index, flat=True)
        if _is_absent(of_index):
            pages = ask(in_folders(as_pages))
            if any(answer.wheels for answer in pages):
                index, of_index = as_pages, pages
    return replace(heard, index=index, of_index=of_index, of_own=own_answers, of_main=main_answers)


def _is_absent(answers: tuple[Answer, ...]) -> bool:
    return all(answer.problem == "absent" for answer in answers)


def _merged(
    known: Catalogue, heard: _Heard, request: Request, assumed: tuple[Build, ...]
) -> Catalogue:
    """Return the catalogue with what the indexes answered in place of what it has."""
    notes = (*unreachable_notes(heard.of_index), *unreachable_notes(heard.of_own))
    wheels = [wheel for answer in heard.of_index for wheel in answer.wheels]
    platform = request.hosts[0].platform
    listed = {package: listing(wheels, package, platform) for package in heard.packages}
    lead = known.family.lead.pip
    companions = {name: found for name, found in listed.items() if name != lead}
    own = of_main_index(known, heard.of_own, request) or assumed
    if not listed[lead] and any(a.problem not in ("", "absent") for a in heard.of_index):
        return replace(known, notes=notes, own=own, heard=heard.of_own)
    if not heard.of_index:
        return replace(known, own=own, heard=heard.of_own)
    releases = releases_heard(listed[lead], companions, known.releases)
    listed_followers = (one for one in heard.followers if one.package in heard.packages)
    releases = with_followers(releases, listed_followers)
    answered = _answered(companions, heard)
    releases = companions_heard(releases, answered, listed[lead])
    builds = builds_heard(listed[lead], known.builds, platform)
    builds = with_companions(builds, answered, releases)
    builds = newest_first((*builds, *_not_asked(known.builds, heard)))
    return replace(
        known,
        releases=releases,
        builds=builds,
        notes=notes,
        own=own,
        heard=heard.of_own,
        files=tuple(wheels),
    )


def _answered(companions: dict[str, Listing], heard: _Heard) -> dict[str, Listing]:
    """Return the companions whose pages were read; for the others the catalogue stands."""
    failed = {a.question.package for a in heard.of_index if a.problem not in ("", "absent")}
    return {name: found for name, found in companions.items() if name not in failed}


def _not_asked(builds: tuple[Build, ...], heard: _Heard) -> tuple[Build, ...]:
    """Return the builds whose variant's folder was not asked for, where folders were."""
    base = heard.index.base.rstrip("/")
    asked = {a.question.url[len(base) + 1 :].split("/")[0] for a in heard.of_index}
    if asked <= set(heard.packages):
        return ()  # one page listed every variant
    return tuple(b for b in builds if b.index is not None and b.index not in asked)
