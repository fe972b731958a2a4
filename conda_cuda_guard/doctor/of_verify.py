"""The last link, when it is asked for: what torch itself sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.rendering.verdict_shown import verdict_text
from conda_cuda_guard.verifying import interpreter_of, verify

from .report import OK, Link
from .scene import Part

if TYPE_CHECKING:
    from pathlib import Path


def tried(python: Path) -> Part:
    """Let the environment's torch compute, in a child process."""
    verdict = verify(interpreter_of(python))
    first, *details = verdict_text(verdict).splitlines()
    state = OK if verdict.ok else "error"
    told = tuple(one.strip() for one in details)
    return Part((Link("what torch sees", first, "child process", details=told, verdict=state),))
