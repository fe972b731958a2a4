"""What the probe reported, and how its process ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Findings:
    """The last report of the probe; `status` is None when it was stopped for the time it took.

    `output` is the end of what the process printed.
    """

    python: str
    report: Mapping[str, Any] = field(default_factory=dict)
    status: int | None = 0
    output: str = ""
    limit: float = 0.0

    @property
    def is_complete(self) -> bool:
        """Whether the probe came to its end."""
        return bool(self.report.get("done"))

    @property
    def last_step(self) -> str:
        """The step that was under way at the end."""
        return str(self.report.get("step", ""))

    def step(self, name: str) -> Mapping[str, Any]:
        """Give what a step answered, nothing where it was not reached."""
        found = self.report.get(name)
        return found if isinstance(found, dict) else {}
