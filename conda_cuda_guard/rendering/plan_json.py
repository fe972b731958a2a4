"""A plan as the contract's JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model import SCHEMA

from .redact import redact
from .words import hint, message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import AsTyped, Note, Plan


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """Give a plan as a JSON-ready dict (contract, section 3), without credentials."""
    return {
        "schema": SCHEMA,
        "id": plan.id,
        "manager": plan.manager,
        "status": plan.status,
        "variant": plan.variant,
        "cuda": plan.cuda,
        "level": plan.level,
        "source": plan.source,
        "packages": dict(plan.packages),
        "requirements": _redacted(plan.requirements),
        "index_urls": _redacted(plan.index_urls),
        "find_links": _redacted(plan.find_links),
        "channels": _redacted(plan.channels),
        "command": _redacted(plan.command),
        "notes": [_note(note) for note in plan.notes],
        "as_typed": _as_typed(plan.as_typed),
    }


def _as_typed(found: AsTyped | None) -> dict[str, str | None] | None:
    if found is None:
        return None
    source = redact(found.source) if found.source else None
    return {
        "package": found.package,
        "version": found.version,
        "variant": found.variant,
        "source": source,
    }


def _redacted(texts: Iterable[str]) -> list[str]:
    return [redact(text) for text in texts]


def _note(note: Note) -> dict[str, str]:
    return {
        "code": note.code,
        "severity": note.severity,
        "message": redact(message(note)),
        "hint": redact(hint(note)),
    }
