"""The sources in force for a pip command line: indexes, pages, and the function that asks them."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import PYTORCH_WHEEL_INDEX, Phrase, Sources, UsageError, WheelIndex
from conda_cuda_guard.model.time_limit import time_limit
from conda_cuda_guard.planner.address_kind import VARIANT_FOLDER
from conda_cuda_guard.sources.mirrors import mirror_of, wheel_index_beside
from pip_hook.files.file_requests import IndexesInForce, add_files

from .pip_settings import default_index, is_set

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.host.overrides import Overrides
    from conda_cuda_guard.model import Answer, Question
    from pip_hook.files.file_roots import Files

    from .command_line import CommandLine


VARIABLE = "CUDA_GUARD_WHEEL_INDEX"


SETTING = "cuda-guard.wheel-index"


def wheel_indexes(
    environ: Mapping[str, str], settings: Mapping[str, str], main_index: str | None
) -> tuple[WheelIndex, ...]:
    """Return the wheel indexes in the order of preference.

    A configured one is the only one. Where the user's main index is a mirror's, that mirror goes
    first. Raises UsageError for a value that is no URL.
    """
    for name, value in ((VARIABLE, environ.get(VARIABLE)), (SETTING, settings.get(SETTING))):
        if value and value.strip():
            return (_set_index(name, value.strip()),)
    beside = wheel_index_beside(main_index, catalogue.mirrors()) if main_index else None
    return (beside, WheelIndex()) if beside else (WheelIndex(),)


def _set_index(name: str, address: str) -> WheelIndex:
    """Return a configured wheel index: its base, without a variant's folder at the end."""
    if not address.startswith(("http://", "https://", "file://")):
        raise UsageError(
            Phrase("{name} is not an address: {address}", name=name, address=address),
            why="it is the base of a wheel index, in front of /cu121",
            hint=f"{name}={PYTORCH_WHEEL_INDEX}",
        )
    base = VARIANT_FOLDER.sub("", address).rstrip("/")
    mirror = mirror_of(base, catalogue.mirrors())
    flat = base.endswith(".html") or (mirror is not None and mirror.flat)
    return WheelIndex(base, flat)


# Contract, section 5: the time before the catalogue is used instead.
_SECONDS = time_limit(2.0)


# Left for local folders and files, which are read however late it is.
_LEAST = 0.05


AskIndexTimed = Callable[[tuple["Question", ...]], tuple["Answer", ...]]


def asker(line: CommandLine) -> AskIndexTimed:
    """Return the function that asks the indexes; all of its calls share the time limit."""
    from conda_cuda_guard.sources.index_client import ask_indexes
    from conda_cuda_guard.sources.page_cache import default_cache

    from .pip_session import PipFetch

    fetch = PipFetch(line.words, line.command or "install")
    began = time.monotonic()

    def round_of(questions: tuple[Question, ...]) -> tuple[Answer, ...]:
        left = max(_LEAST, began + _SECONDS - time.monotonic())
        return ask_indexes(questions, fetch, seconds=left, cache=default_cache())

    return round_of


def read_sources(
    line: CommandLine, settings: Mapping[str, str], overrides: Overrides, files: Files
) -> Sources:
    """Return the indexes and pages in force, from the line, the configuration and the files."""
    main = line.values("--index-url") or settings.get("index-url", "").split()
    extra, pages = (settings.get(name, "").split() for name in ("extra-index-url", "find-links"))
    sources = IndexesInForce(
        main[-1] if main else None,
        # pip adds what the line says to these two lists of the configuration.
        extra + line.values("--extra-index-url"),
        pages + line.values("--find-links"),
        is_set(line, settings, "no-index"),
    )
    add_files(sources, files)
    return Sources(
        wheel_indexes=wheel_indexes(os.environ, settings, sources.main),
        index_urls=(*([sources.main] if sources.main else []), *sources.extra),
        find_links=tuple(sources.pages),
        prefer_index=bool(overrides.prefer_index),
        locked=bool(overrides.locked),
        no_index=sources.no_index,
        extra_only=not sources.main,
        default_index=None if sources.main or sources.no_index else default_index(),
        indexes_ahead=bool(sources.main) + len(extra),
        pages_ahead=len(pages),
    )
