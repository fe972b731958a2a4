"""Errors that reach a person: what is wrong, why, and what to type next."""

from __future__ import annotations

from .phrase import Phrase


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


def fault(command: str, error: Exception) -> GuardError:
    """Give the message of a fault of ours, in the place of a traceback."""
    return GuardError(
        Phrase("{command} has a fault, and nothing was installed", command=command),
        why=f"{type(error).__name__}: {error}",
        hint="CUDA_GUARD_DEBUG=1 shows where it is; plain conda and pip are not affected",
    )


class UsageError(GuardError):
    """Arguments or input that cannot be used."""

    exit_status = 2
