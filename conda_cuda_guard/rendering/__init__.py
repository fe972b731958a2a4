"""Rendering: plans, reports and errors as text, JSON and HTML, without credentials."""

from conda_cuda_guard.model import redact

from .plan_text import error_text, headline, note_lines, plan_text, plan_to_json, what_why_next

__all__ = [
    "error_text",
    "headline",
    "note_lines",
    "plan_text",
    "plan_to_json",
    "redact",
    "what_why_next",
]
