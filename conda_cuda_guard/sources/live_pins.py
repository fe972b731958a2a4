"""Followers whose metadata names the lead: read live where it can be, before the data counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Question
from conda_cuda_guard.model.companions import needs_of
from conda_cuda_guard.model.versions import Range, cuda_of, public_version, version
from conda_cuda_guard.planner.compatibility import level

from .wheel_descriptions import METADATA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from conda_cuda_guard.model import Answer, Catalogue, Wheel
    from conda_cuda_guard.model.companions import Follower
    from conda_cuda_guard.planner.problem import Problem


def about_plain_followers(problem: Problem) -> tuple[Question, ...]:
    """Return the questions for the pages of named followers that pip's main index has."""
    sources = problem.request.sources
    main = sources.main_index or sources.default_index
    closed = sources.no_index or problem.request.closed
    if not main or closed or problem.platform.startswith("macos"):
        return ()
    return tuple(
        Question(main, f"{main.rstrip('/')}/{one.package}/", one.package)
        for one in _named(problem)
        if one.pins_lead and problem.family.member(one.package).plain
    )


def followers_now(
    problem: Problem,
    known: Catalogue,
    pages: Iterable[Answer],
    ask: Callable[[tuple[Question, ...]], tuple[Answer, ...]],
) -> tuple[Follower, ...]:
    """Return the named followers, with what the metadata of the newest listed release asks for.

    Metadata that cannot be read, or that names no release of the lead that is known, changes
    nothing: the data's rows stand. An index of its own counts unless it says that it lacks what it
    is known for.
    """
    wheels = [wheel for answer in pages for wheel in answer.wheels]
    newest = {
        one.package: found
        for one in _named(problem)
        if one.pins_lead and (found := _newest(one.package, wheels, problem)) is not None
    }
    questions = [
        Question(wheel.url, wheel.url + METADATA, name, metadata=wheel.metadata)
        for name, wheel in newest.items()
        if wheel.metadata
    ]
    own = tuple(filter(None, (_about_own_index(one, problem, known) for one in _named(problem))))
    answers = ask((*questions, *own)) if questions or own else ()
    live = {answer.question.package: answer.requires for answer in answers[: len(questions)]}
    lacking = {
        answer.question.package
        for answer in answers[len(questions) :]
        if not answer.wheels and answer.problem in ("", "absent")
    }
    now = (_with_live(one, newest, live, known, wheels) for one in _named(problem))
    return tuple(one.without_indexes() if one.package in lacking else one for one in now)


def _about_own_index(one: Follower, problem: Problem, known: Catalogue) -> Question | None:
    """Return the question for a follower's own index, where the machines may need it.

    They do not where they run the builds that pip's default index has. The newest version is asked
    about; the others are taken to be where it is.
    """
    plain = {cuda_of(name) for row in one.rows[:1] if not row.index for name in row.variants}
    needed = {cuda for cuda in plain if cuda is not None}
    if all(level(cuda, host, known.drivers) for cuda in needed for host in problem.with_driver):
        return None
    asked = problem.on(one.package)
    for row in one.rows:
        if not row.index:
            continue
        bounds = Range((row.versions,))
        numbers = (n for n, _ in one.versions if n in bounds and all(n in a.allows for a in asked))
        number, variant = next(numbers, None), min(row.variants, default="")
        if number is not None:
            index = row.index.format(version=number, variant=variant)
            return Question(index, f"{index}/{one.package}/", one.package)
    return None


def _with_live(
    one: Follower,
    newest: dict[str, Wheel],
    live: dict[str, tuple[str, ...]],
    known: Catalogue,
    wheels: list[Wheel],
) -> Follower:
    lead = known.family.lead.pip
    needs = needs_of(live.get(one.package, ()), lead)
    if needs is None:
        return one
    listed = {public_version(wheel.version) for wheel in wheels if wheel.package == lead}
    releases = listed.union(release.version for release in known.releases)
    if not any(release in Range((needs,)) for release in releases):
        return one
    return one.with_needs({public_version(newest[one.package].version): needs})


def _named(problem: Problem) -> Iterator[Follower]:
    followers = problem.family.followers
    return (followers[name] for name in problem.companions if name in followers)


def _newest(package: str, wheels: Iterable[Wheel], problem: Problem) -> Wheel | None:
    """Return a file of the newest release that the request allows and that is for the machines."""
    asked = problem.on(package)
    fitting = [
        wheel
        for wheel in wheels
        if wheel.package == package
        and not wheel.yanked
        and not version(wheel.version).is_prerelease
        and problem.is_for(wheel)
        and all(public_version(wheel.version) in one.allows for one in asked)
    ]
    return max(fitting, key=lambda wheel: version(public_version(wheel.version)), default=None)
