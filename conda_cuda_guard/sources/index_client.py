"""Asking indexes: their pages in parallel, within one time limit, by way of the cache."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from conda_cuda_guard.host.at_once import Deadline, run_at_once
from conda_cuda_guard.model import Answer, Phrase
from conda_cuda_guard.model.time_limit import time_limit
from conda_cuda_guard.sources.fetching import Fetch, FetchError, Response, problem_of_status

from . import page_cache
from .index_page import ACCEPT, NotAnIndexError, file_at, local_path, wheels_at, wheels_on
from .wheel_descriptions import NotMetadataError, read_variants, requires_of
from .wheel_filename import wheel_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from conda_cuda_guard.host.at_once import Clock
    from conda_cuda_guard.model import Question, Wheel
    from conda_cuda_guard.model.sources import WheelVariant

    from .page_cache import Page


SECONDS = time_limit(2.0)
# A page of 100,000 links has 25 MB.
LARGEST_PAGE = 32 * 2**20
# Of one file's metadata, or of the description of a version's variants.
_LARGEST_FILE = 4 * 2**20

_MOST_AT_ONCE = 16
_OK, _PARTIAL, _UNCHANGED = 200, 206, 304
_FIRST_BYTES = 4096
_FORBIDDEN = 403
# PyTorch's own index lies in a store that denies what it does not have.
_STORE_DENIES = b"<Code>AccessDenied</Code>"

# A page that is not there in time may still come, for the next run.
_LATE = 60.0

# A page to read: its address, whether a folder's files are meant, whether it is metadata, whether
# it describes variant wheels, and the platform whose files are wanted.
_Key = tuple[str, bool, str, bool, str]


@dataclass(frozen=True)
class _Outcome:
    """The result of reading one page."""

    wheels: tuple[Wheel, ...] = ()
    requires: tuple[str, ...] = ()
    problem: str = ""
    detail: str = ""
    described: tuple[WheelVariant, ...] = ()


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
    companions. Pages are kept in the `cache` folder, if there is one; those that come too late are
    kept too, by threads that are left behind, as long as this process lives.
    """
    asked = tuple(questions)
    keys = dict.fromkeys(map(_key, asked))
    reader = _Reader(fetch, Deadline.after(seconds, clock), cache)
    outcomes = reader.read_all(list(keys))
    late = _Outcome(
        problem="timeout", detail=Phrase("not there after {limit:.3g} s", limit=seconds)
    )
    return tuple(_answer(one, outcomes.get(_key(one), late)) for one in asked)


def _key(question: Question) -> _Key:
    return question.url, question.flat, question.metadata, question.describes, question.platform


def _answer(question: Question, outcome: _Outcome) -> Answer:
    wheels = outcome.wheels
    if not question.flat:
        wheels = tuple(wheel for wheel in wheels if wheel.package == question.package)
    variants = tuple(wheel for wheel in wheels if wheel.variant)
    if variants:
        wheels = tuple(wheel for wheel in wheels if not wheel.variant)
    said = outcome.problem, outcome.detail, outcome.requires
    return Answer(question, wheels, *said, variants, outcome.described)


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
        url, flat, metadata, describes, platform = key
        try:
            if describes:
                return _Outcome(described=read_variants(self._description(url)))
            page = self._read(url, flat=flat, metadata=metadata, platform=platform)
            return _Outcome(page.wheels, page.requires)
        except FetchError as error:
            return _Outcome(problem=error.problem, detail=error.detail)
        except (NotAnIndexError, NotMetadataError) as error:
            return _Outcome(problem="not-an-index", detail=str(error))
        except Exception as error:  # noqa: BLE001 - an index that cannot be asked is no fault
            return _Outcome(problem="not-asked", detail=type(error).__name__)

    def _description(self, url: str) -> bytes:
        path = local_path(url)
        if path is not None:
            return file_at(path, _LARGEST_FILE)
        accept = {"Accept": "application/json"}
        return _body(self.fetch(url, accept, self.deadline.left(), _LARGEST_FILE))

    def _read(self, url: str, *, flat: bool, metadata: str, platform: str) -> Page:
        path = local_path(url)
        if path is not None and metadata:
            return page_cache.page_of(
                (), {}, requires_of(file_at(path, _LARGEST_FILE), url, metadata)
            )
        if path is not None:
            return page_cache.page_of(wheels_at(path, LARGEST_PAGE, flat=flat), {})
        if url.endswith(".whl"):
            return page_cache.page_of(self._wheel_at(url), {})
        known = page_cache.find_page(self.cache, url, platform) if self.cache else None
        if known and known.is_fresh:
            return known
        headers = {"Accept": ACCEPT, **(known.conditions if known else {})}
        limit = _LARGEST_FILE if metadata else LARGEST_PAGE
        late = _LATE if self.cache else 0.0
        response = self.fetch(url, headers, self.deadline.left() + late, limit)
        page = _page(response, known, metadata, platform)
        if self.cache and page is not known:
            page_cache.keep_page(self.cache, url, page, platform)
        return page

    def _wheel_at(self, url: str) -> tuple[Wheel, ...]:
        """Return the wheel at an address, of which no more than the first byte is asked for."""
        headers = {"Range": "bytes=0-0"}
        try:
            response = self.fetch(url, headers, self.deadline.left(), _FIRST_BYTES)
        except FetchError as error:
            if error.problem != "too-large":  # a server that sends all of it has it
                raise
        else:
            if response.status not in (_OK, _PARTIAL):
                raise _failed(response)
        wheel = wheel_of(unquote(url.rpartition("/")[2]), url)
        return (wheel,) if wheel else ()


def _page(response: Response, known: Page | None, metadata: str, platform: str) -> Page:
    if response.status == _UNCHANGED and known:
        return page_cache.renewed_page(known, response.headers)
    body = _body(response)
    if metadata:
        requires = requires_of(body, response.url, metadata)
        return page_cache.page_of((), response.headers, requires)
    found = wheels_on(body, response.headers.get("content-type", ""), response.url, platform)
    return page_cache.page_of(found, response.headers)


def _body(response: Response) -> bytes:
    """Return the body of a successful response; raise FetchError for any other."""
    status = response.status
    if status == _OK:
        return response.body
    raise _failed(response)


def _failed(response: Response) -> FetchError:
    problem = problem_of_status(response.status)
    if response.status == _FORBIDDEN and _STORE_DENIES in response.body:
        problem = "absent"
    return FetchError(problem, f"HTTP {response.status}")
