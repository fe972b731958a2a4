"""Asking indexes: their pages in parallel, within one time limit, by way of the cache."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conda_cuda_guard.host.at_once import Deadline, run_at_once
from conda_cuda_guard.model import Answer, Phrase
from conda_cuda_guard.model.time_limit import time_limit
from conda_cuda_guard.sources.fetching import Fetch, FetchError, Response, problem_of_status

from . import page_cache
from .index_page import ACCEPT, NotAnIndexError, local_path, wheels_at, wheels_on

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from conda_cuda_guard.host.at_once import Clock
    from conda_cuda_guard.model import Question, Wheel

    from .page_cache import Page


SECONDS = time_limit(2.0)
# A page of 100,000 links has 25 MB.
LARGEST_PAGE = 32 * 2**20

_MOST_AT_ONCE = 16
_OK, _UNCHANGED = 200, 304
_FORBIDDEN = 403
# PyTorch's own index lies in a store that denies what it does not have.
_STORE_DENIES = b"<Code>AccessDenied</Code>"

# A page to read: its address, and whether a folder's files are meant.
_Key = tuple[str, bool]


@dataclass(frozen=True)
class _Outcome:
    """The result of reading one page."""

    wheels: tuple[Wheel, ...] = ()
    problem: str = ""
    detail: str = ""


def ask_indexes(
    questions: Iterable[Question],
    fetch: Fetch,
    *,
    seconds: float = SECONDS,
    cache: Path | None,
    clock: Clock = time.monotonic,
) -> tuple[Answer, ...]:
    """Return an answer to every question, in order, within so many seconds in all; never raises.

    An answer has the wheels of the question's package, of a flat page those of torch and all its
    companions. Pages are kept in the `cache` folder, if there is one.
    """
    asked = tuple(questions)
    keys = dict.fromkeys((question.url, question.flat) for question in asked)
    reader = _Reader(fetch, Deadline.after(seconds, clock), cache)
    outcomes = reader.read_all(list(keys))
    late = _Outcome(problem="timeout", detail=Phrase("no answer in {limit:.3g} s", limit=seconds))
    return tuple(_answer(one, outcomes.get((one.url, one.flat), late)) for one in asked)


def _answer(question: Question, outcome: _Outcome) -> Answer:
    wheels = outcome.wheels
    if not question.flat:
        wheels = tuple(wheel for wheel in wheels if wheel.package == question.package)
    return Answer(question, wheels, outcome.problem, outcome.detail)


@dataclass(frozen=True)
class _Reader:
    """What is needed to read the pages of one call."""

    fetch: Fetch
    deadline: Deadline
    cache: Path | None

    def read_all(self, keys: list[_Key]) -> dict[_Key, _Outcome]:
        """Return the outcomes of pages read side by side, without those not read in time."""
        found = run_at_once(self._outcome, keys, deadline=self.deadline, most=_MOST_AT_ONCE)
        return {keys[at]: outcome for at, outcome in found}

    def _outcome(self, key: _Key) -> _Outcome:
        url, flat = key
        try:
            return _Outcome(self._read(url, flat=flat))
        except FetchError as error:
            return _Outcome(problem=error.problem, detail=error.detail)
        except NotAnIndexError as error:
            return _Outcome(problem="not-an-index", detail=str(error))
        except Exception as error:  # noqa: BLE001 - an index that cannot be asked is no fault
            return _Outcome(problem="not-asked", detail=type(error).__name__)

    def _read(self, url: str, *, flat: bool) -> tuple[Wheel, ...]:
        path = local_path(url)
        if path is not None:
            return wheels_at(path, LARGEST_PAGE, flat=flat)
        known = page_cache.find_page(self.cache, url) if self.cache else None
        if known and known.is_fresh:
            return known.wheels
        headers = {"Accept": ACCEPT, **(known.conditions if known else {})}
        response = self.fetch(url, headers, self.deadline.left(), LARGEST_PAGE)
        page = _page(response, known)
        if self.cache and page is not known:
            page_cache.keep_page(self.cache, url, page)
        return page.wheels


def _page(response: Response, known: Page | None) -> Page:
    if response.status == _UNCHANGED and known:
        return page_cache.renewed_page(known, response.headers)
    return page_cache.page_of(_wheels(response), response.headers)


def _wheels(response: Response) -> tuple[Wheel, ...]:
    """Return the wheels that a response lists; raise FetchError for what is no page."""
    status = response.status
    if status == _OK:
        return wheels_on(response.body, response.headers.get("content-type", ""), response.url)
    problem = problem_of_status(status)
    if status == _FORBIDDEN and _STORE_DENIES in response.body:
        problem = "absent"
    raise FetchError(problem, f"HTTP {status}")
