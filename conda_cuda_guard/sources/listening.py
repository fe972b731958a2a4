"""Asking the wheel index in use and the user's own sources, and what they answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard.model import Question
from conda_cuda_guard.model.versions import version

from . import index_questions
from .live_pins import about_plain_followers
from .merge_index import listing

if TYPE_CHECKING:
    from conda_cuda_guard.model import Answer, Build, Catalogue, WheelIndex
    from conda_cuda_guard.model.companions import Follower
    from conda_cuda_guard.planner.problem import Problem

AskIndex = Callable[[tuple["Question", ...]], tuple["Answer", ...]]
_Questions = tuple[Question, ...]

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
class Heard:
    """The answers of the wheel index in use, of the user's own sources, and of dead indexes.

    Where no wheel index can be had, also what pip's default index answered. `of_main` are pages of
    followers that pip's main index has; `followers` are those that the request names, as they are
    known now. `is_whole`: all that the index has is to be known, not only what a plan rests on.
    """

    index: WheelIndex
    packages: tuple[str, ...]
    is_whole: bool = False
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

    @property
    def not_listed(self) -> tuple[Follower, ...]:
        """The named followers about which the wheel index was not asked."""
        return tuple(one for one in self.followers if one.package not in self.packages)


def listen(problem: Problem, known: Catalogue, heard: Heard, ask: AskIndex, *, own: bool) -> Heard:
    """Return the answers of the wheel index in use (the next where it is dead) and own sources."""
    others = [one for one in problem.request.sources.wheel_indexes if one.base != heard.index.base]
    of_own = index_questions.about_own_sources(problem, heard.index, heard.packages) if own else ()
    more = (of_own, about_plain_followers(problem))
    for index in (heard.index, *others):
        heard = _listen_to(replace(heard, index=index), more, problem, known, ask)
        more = ((), ())
        if not is_dead(heard.of_index):
            return heard
        heard = replace(heard, of_index=(), dead=(*heard.dead, *heard.of_index))
    # Only now would the plan rest on pip's default index.
    return replace(
        heard, of_default=ask(index_questions.about_default_index(problem)) if own else ()
    )


def _listen_to(
    heard: Heard,
    more: tuple[_Questions, _Questions],
    problem: Problem,
    known: Catalogue,
    ask: AskIndex,
) -> Heard:
    """Return the answers of one wheel index.

    `more` are the questions for the user's own sources, and those for followers on pip's main
    index.
    """
    builds = index_questions.builds_in_question(problem, known)
    # What is installed may be of any variant, and its companions are of the same; packages with
    # releases of their own may be new in any.
    own = set(heard.packages).isdisjoint(problem.family.followers)
    is_whole = heard.is_whole or problem.request.installed is not None or not own
    if builds and not (is_whole or heard.index.flat or _may_run_newer(problem, known)):
        # A tenth of the files of the page for all variants, and mostly all that is needed.
        folders = index_questions.about_wheel_index(
            heard.index, heard.packages, _first_variants(builds, problem)
        )
        heard = _ask_beside(heard, folders, more, ask)
        if _is_slow(heard) or _suffices(heard, builds[0], problem, known):
            return heard
        more = ((), ())
    return _listen_to_all(heard, more, problem, known, ask)


def _may_run_newer(problem: Problem, known: Catalogue) -> bool:
    """Return whether a variant that is not in the catalogue could be the best one for a machine."""
    newest = max(version(one.cuda or "0") for one in known.builds)
    return any(version(host.cuda or "0") > newest for host in problem.hosts)


def _first_variants(builds: tuple[Build, ...], problem: Problem) -> tuple[str, ...]:
    """Return the variant of the first choice, and those in which a newer release may come."""
    lead = problem.family.lead.pip
    is_settled = any(one.allows.is_exact for one in problem.asked if one.package == lead)
    release = builds[0].release
    names = dict.fromkeys(one.variant for one in builds if one.release == release)
    return tuple(names)[: 1 if is_settled else None]


def _is_slow(heard: Heard) -> bool:
    """Return whether pages did not come in time, as larger ones would not either."""
    return any(answer.problem == "timeout" for answer in heard.of_index)


def _suffices(heard: Heard, build: Build, problem: Problem, known: Catalogue) -> bool:
    """Return whether a variant's folder has all of a build, and none that is newer than known.

    What is new may have come in variants that suit better.
    """
    if any(answer.problem for answer in heard.of_index):
        return False
    wheels = [wheel for answer in heard.of_index for wheel in answer.wheels]
    listed = {name: listing(wheels, name, problem.platform) for name in heard.packages}
    lead, host = listed.pop(heard.packages[0]), problem.hosts[0]
    here = lead.get((build.release, build.label))
    if here is None or (here.pythons and host.python not in (None, *here.pythons)):
        return False
    names = {(one.release, one.label) for one in known.builds}
    if any(key not in names and _may_be_chosen(key[0], build, problem) for key in lead):
        return False
    beside = next(one.pip for one in known.releases if one.version == build.release)
    return all(
        (beside[name].versions[0], build.label) in found
        for name, found in listed.items()
        if name in beside
    )


def _may_be_chosen(release: str, build: Build, problem: Problem) -> bool:
    """Return whether a release would go before a build's."""
    lead = problem.family.lead.pip
    allowed = all(release in one.allows for one in problem.asked if one.package == lead)
    return allowed and version(release) > version(build.release)


def _ask_beside(
    heard: Heard, of_index: _Questions, more: tuple[_Questions, _Questions], ask: AskIndex
) -> Heard:
    """Return the answers of a wheel index, and those to more questions, asked at once."""
    of_own, of_main = more
    answers = ask((*of_index, *of_own, *of_main))
    start, end = len(of_index), len(of_index) + len(of_own)
    return replace(
        heard,
        of_index=answers[:start],
        of_own=answers[start:end] or heard.of_own,
        of_main=answers[end:] or heard.of_main,
    )


def _listen_to_all(
    heard: Heard,
    more: tuple[_Questions, _Questions],
    problem: Problem,
    known: Catalogue,
    ask: AskIndex,
) -> Heard:
    """Return all that an index has; where there is no common page, that of the variants' folders.

    Where these have no folders of packages either, they may be pages of links.
    """
    index, packages = heard.index, heard.packages

    def in_folders(of: WheelIndex) -> _Questions:
        return index_questions.about_wheel_index(
            of, packages, index_questions.variants_in_question(problem, known)
        )

    first = in_folders(index) if index.flat else index_questions.about_all_variants(index, packages)
    heard = _ask_beside(heard, first, more, ask)
    if index.flat or not _is_absent(heard.of_index):
        return heard
    heard = replace(heard, of_index=ask(in_folders(index)))
    if _is_absent(heard.of_index):
        as_pages = replace(index, flat=True)
        pages = ask(in_folders(as_pages))
        if any(answer.wheels for answer in pages):
            return replace(heard, index=as_pages, of_index=pages)
    return heard


def _is_absent(answers: tuple[Answer, ...]) -> bool:
    return all(answer.problem == "absent" for answer in answers)
