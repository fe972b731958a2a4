"""The one error of the catalogue: a data file that cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model.errors import GuardError
from conda_cuda_guard.model.phrase import Phrase

if TYPE_CHECKING:
    from pathlib import Path

REINSTALL = "pip install --force-reinstall conda-cuda-guard"


class CatalogueError(GuardError):
    """A catalogue file that is missing, damaged, or of another version of the package."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            Phrase("the built-in catalogue cannot be used: {path}", path=path),
            why=reason,
            hint=REINSTALL,
        )
        self.path = path
        self.reason = reason
