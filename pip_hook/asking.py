"""Ask pip's indexes through pip's own network session, for two seconds in all."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard.model.time_limit import time_limit

if TYPE_CHECKING:
    from conda_cuda_guard.model import Answer, Question

    from .command_line import CommandLine

# Contract, section 5: before the catalogue is used instead.
_SECONDS = time_limit(2.0)
# Folders and files are read, late or not: they are not the network.
_LEAST = 0.05

Ask = Callable[[tuple["Question", ...]], tuple["Answer", ...]]


def asker(line: CommandLine) -> Ask:
    """Give the function that asks; several rounds share the time."""
    from conda_cuda_guard.sources.asking import ask
    from conda_cuda_guard.sources.page_cache import default_cache

    from .pip_session import fetcher

    fetch = fetcher(line.words, line.command or "install")
    began = time.monotonic()

    def round_of(questions: tuple[Question, ...]) -> tuple[Answer, ...]:
        left = max(_LEAST, began + _SECONDS - time.monotonic())
        return ask(questions, fetch, seconds=left, cache=default_cache())

    return round_of
