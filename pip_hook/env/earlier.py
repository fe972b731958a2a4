"""An earlier plan's variables and settings: they must not bind the next one."""

from __future__ import annotations

from contextlib import contextmanager
from os import environ
from typing import TYPE_CHECKING

from pip_hook.pip_settings import settings

from .constraints_file import FROM, NESTED, is_ours, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOURCES = {"extra-index-url": "PIP_EXTRA_INDEX_URL", "find-links": "PIP_FIND_LINKS"}


@contextmanager
def without_earlier() -> Iterator[None]:
    """Take an earlier plan's file and sources out of what is in force, for the time of a plan.

    By variables, as these are stronger than the files that may say it.
    """
    found = settings("install")
    words = found.get("constraint", "").split()
    ours = [word for word in words if is_ours(word)]
    if not ours:
        yield
        return
    kept = [word for word in words if word not in ours]
    kept += [file for word in ours for file in recorded(word, NESTED)]
    changed = {"PIP_CONSTRAINT": " ".join(kept)}
    sources = {url for word in ours for url in recorded(word, FROM)}
    for option, name in _SOURCES.items():
        urls = [url for url in found.get(option, "").split() if url not in sources]
        changed[name] = " ".join(urls)
    before = {name: environ.get(name) for name in changed}
    environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del environ[name]
            else:
                environ[name] = value
