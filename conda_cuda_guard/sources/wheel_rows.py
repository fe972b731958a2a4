"""Wheels as plain values, with addresses from the folder of the page that lists them."""

from __future__ import annotations

import posixpath
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from conda_cuda_guard.model import Wheel

if TYPE_CHECKING:
    from collections.abc import Iterable


def wheel_rows(wheels: Iterable[Wheel], page: str) -> list[list[Any]]:
    """Write wheels as rows of values that JSON has."""
    return [
        [
            wheel.package, wheel.version, sorted(wheel.pythons), sorted(wheel.platforms),
            _relative(wheel.url, page), wheel.sha256, wheel.yanked,
        ]
        for wheel in wheels
    ]  # fmt: skip


def wheels_from(rows: list[list[Any]], page: str) -> tuple[Wheel, ...]:
    """Read rows that were written for the same page."""
    return tuple(
        Wheel(
            package, version, frozenset(pythons), frozenset(platforms),
            _absolute(place, page), sha256, yanked,
        )
        for package, version, pythons, platforms, place, sha256, yanked in rows
    )  # fmt: skip


def _relative(url: str, page: str) -> str:
    """Write an address from the page's folder: a token in the path of both is not in the result."""
    folder, _, name = url.rpartition("/")
    return f"{_relative_folder(folder, page)}/{name}"


def _absolute(place: str, page: str) -> str:
    folder, _, name = place.rpartition("/")
    return _absolute_folder(folder, page) + name


# A page's files lie in few folders.
@lru_cache(maxsize=256)
def _absolute_folder(folder: str, page: str) -> str:
    return urljoin(page, f"{folder}/")


@lru_cache(maxsize=256)
def _relative_folder(folder: str, page: str) -> str:
    here, there = urlsplit(page), urlsplit(folder)
    if here[:2] != there[:2]:
        return folder
    return posixpath.relpath(there.path or "/", posixpath.dirname(here.path) or "/")
