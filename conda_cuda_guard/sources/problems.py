"""What there is to say of sources that did not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note
from conda_cuda_guard.rendering import redact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Answer


def problems(answers: Iterable[Answer]) -> list[Note]:
    """Tell, once a source, what kept it from answering; to have no torch is no problem."""
    notes: dict[str, Note] = {}
    for answer in answers:
        if answer.problem not in ("", "absent"):
            place = redact(answer.question.source)
            facts = {"index": place, "detail": answer.detail}
            notes.setdefault(place, Note("index-unreachable", "warning", answer.problem, facts))
    return list(notes.values())
