"""The verdict on one package of another family than torch's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conda_cuda_guard.model import Note
    from conda_cuda_guard.model.spelt_found import FoundPackage

    from .run_probe import Findings


@dataclass(frozen=True)
class FamilyVerdict:
    """What an installed package did: `works`, `cpu-only`, `broken`, `timeout` or `not-tried`.

    `findings` are None where it was not tried.
    """

    package: FoundPackage
    status: str
    note: Note | None = None
    findings: Findings | None = None

    @property
    def ok(self) -> bool:
        """Whether it does here what it should, as far as was tried."""
        return self.note is None or self.note.severity != "error"
