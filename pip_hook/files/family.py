"""A glance before anything is read: could a text name torch or a companion."""

from __future__ import annotations

# A part of every name in the family: what does not hold it need not be looked at.
_PART = "torch"


def could_name_family(text: str) -> bool:
    """Tell quickly whether a requirement or a line could name torch or a companion."""
    return _PART in text.lower()
