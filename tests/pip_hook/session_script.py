"""Run by a real pip's interpreter: asks by its session, and lets pip run after that.

Reads one JSON object on stdin and prints one. `rounds` are command lines to ask with, each with the
addresses to ask for; `then` is what pip runs in the same process; `broken` is the part of pip's
internals to break.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from conda_cuda_guard.model import Question
from conda_cuda_guard.sources.index_client import SECONDS, ask_indexes
from pip_hook.pip_session import PipFetch
from pip_hook.run_pip import run_pip


def _sabotage(what: str) -> None:
    from pip._internal import commands
    from pip._internal.commands.install import InstallCommand

    def broken(*_: object, **__: object) -> None:
        raise TypeError(what)

    if what == "function":
        del commands.create_command
    elif what == "import":
        sys.modules["pip._internal.commands"] = None  # type: ignore[assignment]
    elif what == "session":
        InstallCommand._build_session = broken  # noqa: SLF001
    else:
        InstallCommand._build_session = lambda *_, **__: object()  # noqa: SLF001


def main() -> int:
    """Do what stdin says."""
    task = json.load(sys.stdin)
    if task.get("broken"):
        _sabotage(task["broken"])
    cache = Path(task["cache"]) if task.get("cache") else None
    rounds = []
    for words, urls in task["rounds"]:
        fetch = PipFetch(words, "install")
        questions = [Question(url, url, "torch") for url in urls]
        start = time.monotonic()
        answers = ask_indexes(questions, fetch, cache=cache)
        seconds = time.monotonic() - start
        found = [[one.problem, one.detail, len(one.wheels)] for one in answers]
        rounds.append({"answers": found, "seconds": seconds, "limit": SECONDS})
    print(json.dumps(rounds), flush=True)
    return run_pip(task["then"]) if task.get("then") else 0


if __name__ == "__main__":
    sys.exit(main())
