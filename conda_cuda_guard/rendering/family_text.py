"""Family files of others that are left out, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase

from .language import said, translated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.catalogue.third_party import Unusable


def unusable_lines(found: Iterable[Unusable]) -> list[str]:
    """Return a line for each family file, or hook, that is left out: where, and why."""
    return [f"{translated('warning')}: {said(_told(one))}" for one in found]


def _told(found: Unusable) -> Phrase:
    facts = {"place": found.place, "reason": found.reason}
    if found.field:
        more = {"line": found.line, "field": found.field}
        return Phrase("{place} is left out (line {line}, {field}): {reason}", **facts, **more)
    if found.line:
        return Phrase("{place} is left out (line {line}): {reason}", **facts, line=found.line)
    return Phrase("{place} is left out: {reason}", **facts)
