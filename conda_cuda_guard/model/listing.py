"""What an index says it has, when it is asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """One page to ask for: the files of a package, at one of the sources in force.

    `source` is the index or page as it is configured (it may hold credentials), `url` the address
    to fetch. A `flat` page lists the files of every package and variant.
    """

    source: str
    url: str
    package: str
    flat: bool = False


@dataclass(frozen=True)
class Wheel:
    """A wheel that an index lists.

    `package` is the normalized name, `version` has the local version label (`"2.1.2+cu121"`),
    `pythons` are interpreters as `"3.11"` or `"3.13t"` (empty: any Python 3), `platforms` those of
    `PLATFORMS` that it is for. `url` is the file's address without credentials.
    """

    package: str
    version: str
    pythons: frozenset[str]
    platforms: frozenset[str]
    url: str
    sha256: str = ""
    yanked: bool = False


@dataclass(frozen=True)
class Answer:
    """What came of a question: the wheels (perhaps none), or the problem that kept it unanswered.

    `problem` is one of `timeout`, `unreachable`, `certificate`, `login-needed` (401, 403, 407),
    `absent` (404: the index is there and has no such package), `server-error`, `truncated`,
    `not-an-index` (a login page, garbage), `too-large`, `not-asked` (no way to ask); empty when it
    was answered. `detail` is a short technical reason without secrets (`"HTTP 503"`).
    """

    question: Question
    wheels: tuple[Wheel, ...] = ()
    problem: str = ""
    detail: str = ""
