"""Watch pip's resolver for the names of packages that it is to find.

With `pip_settings` and `pip_session`, the module that touches pip's internals: two methods of its
resolver's provider, which all pips with the present resolver have (21.3 to 26.3 are tried).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection
from typing import Any, Callable

from .run_pip import run_pip

# Is told a name and the package that asks for it (empty: the command line or a file), and returns
# whether pip is to stop.
Met = Callable[[str, str], bool]


class _Stop(KeyboardInterrupt):
    """Ends a run of pip as an interrupt does: it removes what it made, and installs nothing."""


def can_watch() -> bool:
    """Return whether this pip's resolver is known."""
    provider = _provider()
    return hasattr(provider, "find_matches") and hasattr(provider, "get_dependencies")


def run_watched(words: list[str], names: Collection[str], met: Met) -> int | None:
    """Run pip, and tell `met` of each of these names before pip looks for it.

    Return pip's exit status; None where it was stopped, which happens before anything is installed.
    """
    provider = _provider()
    find, dependencies = provider.find_matches, provider.get_dependencies
    stopped: list[str] = []

    def check(name: str, asker: str) -> None:
        # An identifier may have extras.
        plain = name.partition("[")[0]
        if plain in names and met(plain, asker):
            stopped.append(plain)
            logging.disable()  # pip would say that it was cancelled
            raise _Stop

    def find_matches(self: object, identifier: str, *rest: object, **more: object) -> object:
        check(identifier, "")
        return find(self, identifier, *rest, **more)

    def get_dependencies(self: object, candidate: Any) -> object:  # noqa: ANN401 (a class of pip's)
        # Here, and not when the first is looked for: the least is done twice.
        asked = list(dependencies(self, candidate))
        for one in asked:
            check(one.name, candidate.name)
        return asked

    provider.find_matches, provider.get_dependencies = find_matches, get_dependencies
    try:
        status = run_pip(words)
    except _Stop:  # with --debug pip lets it through
        status = 1
    finally:
        logging.disable(logging.NOTSET)
        provider.find_matches, provider.get_dependencies = find, dependencies
    if not stopped:
        return status
    sys.stdout.flush()  # before another process writes there
    return None


def _provider() -> Any:  # noqa: ANN401 (a class of pip's)
    try:
        from pip._internal.resolution.resolvelib.provider import PipProvider
    except Exception:  # noqa: BLE001 - whatever pip's internals have become
        return None
    return PipProvider
