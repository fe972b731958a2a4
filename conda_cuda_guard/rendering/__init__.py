"""Rendering: plans, reports and errors as text, JSON and HTML, without credentials."""

from conda_cuda_guard.model import redact

from .plan_text import headline, note_lines, plan_text, plan_to_json, tell_error, what_why_next

__all__ = [
    "headline",
    "note_lines",
    "plan_text",
    "plan_to_json",
    "redact",
    "tell_error",
    "what_why_next",
]
