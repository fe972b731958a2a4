"""A solve that fails: what to say after conda's error, or through its error hints.

From 26.7 conda asks plugins for hints while it renders an error. Before, nothing is called after a
failed solve, so the words are said when the process ends without one.
"""

from __future__ import annotations

import atexit
import logging
from functools import lru_cache
from traceback import format_exc
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model import Phrase
from conda_cuda_guard.rendering.language import said
from conda_cuda_guard.rendering.output import err, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

_FAILURES = {
    "UnsatisfiableError",
    "PackagesNotFoundError",
    "PackagesNotFoundInChannelsError",
    "ResolvePackageNotFound",
}
_HEADLINE = Phrase("This request did not get through the solve.")


@lru_cache(maxsize=1)
def watch() -> None:
    """Make sure, once, that a failed solve is spoken of when conda has no hints for errors."""
    from conda.plugins import types

    if not hasattr(types, "CondaErrorHint"):
        atexit.register(_at_exit)


def _lines() -> list[str]:
    from .guard import if_it_failed

    try:
        return if_it_failed()
    except Exception:  # noqa: BLE001 - whatever it is, conda's own error is what counts
        log.debug("conda-cuda-guard could not explain the error\n%s", shown(format_exc()))
        return []


def _at_exit() -> None:
    lines = _lines()
    if lines:
        err("\n".join([f"cuda-guard: {said(_HEADLINE)}", *lines]))


def hints(error: Exception) -> Iterator[Any]:
    """Give conda the hints for an error of the solve."""
    from conda.plugins.types import CondaErrorHint

    if not any(kind.__name__ in _FAILURES for kind in type(error).__mro__):
        return
    lines = _lines()
    if lines:
        text = "\n".join([said(_HEADLINE), *lines])
        yield CondaErrorHint(text=text, hint_code="cuda_guard_plan")
