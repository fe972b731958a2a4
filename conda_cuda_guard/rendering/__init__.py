"""From plans to words: text for people, JSON for scripts; secrets never leave this room."""

from .plan_json import plan_to_json
from .plan_text import error_text, headline, note_lines, plan_text, what_why_next
from .redact import redact

__all__ = [
    "error_text",
    "headline",
    "note_lines",
    "plan_text",
    "plan_to_json",
    "redact",
    "what_why_next",
]
