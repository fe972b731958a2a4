"""The hook by which a package names its families' data files (docs/families.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluggy import HookspecMarker

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

hookspec = HookspecMarker("conda_cuda_guard")


@hookspec
def cuda_guard_families() -> Iterable[str | PathLike[str]]:
    """Return the paths of data files, or of folders with such files."""
    return ()
