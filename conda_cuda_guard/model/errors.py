"""Errors that reach a person: what is wrong, why, and what to type next."""

from __future__ import annotations


class GuardError(Exception):
    """A fault with one clear message; `exit_status` is the contract's (section 1)."""

    exit_status = 3

    def __init__(self, message: str, *, why: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.why = why
        self.hint = hint

    def __str__(self) -> str:
        parts = [self.message]
        if self.why:
            parts.append(f"  why:  {self.why}")
        if self.hint:
            parts.append(f"  next: {self.hint}")
        return "\n".join(parts)


class UsageError(GuardError):
    """Arguments or input that cannot be used."""

    exit_status = 2
