"""A package that a solver chose."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Package:
    """A conda package record, as far as the guard looks at it.

    `channel` is a name or URL, and `depends` its dependencies as MatchSpec strings.
    """

    name: str
    version: str
    build: str
    channel: str
    depends: tuple[str, ...] = ()
