"""Whatever goes wrong in ours must not break somebody's install."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from conda.exceptions import CondaError

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)


@contextmanager
def safely(what: str) -> Iterator[None]:
    """Log a fault of ours at debug level and go on; what is meant to stop conda passes."""
    try:
        yield
    except CondaError:
        raise
    except Exception:  # whatever it is
        log.debug("conda-cuda-guard could not %s", what, exc_info=True)
