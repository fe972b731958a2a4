"""Exit statuses, errors that have one, and message texts that can still be translated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

# What a terminal acts on or shows where it is not: control characters, marks that turn the
# direction of writing, separators that end a line, and halves of characters.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_BREAKS = re.compile(r"[\n\t]")


def printable(text: str) -> str:
    r"""Return a text with what is not to reach a terminal escaped, as `\x1b`; its lines stay."""
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub(_escaped, text)


def inline(text: str) -> str:
    r"""Return a foreign text for the inside of a line of ours: a line break is `\n` in it."""
    return _BREAKS.sub(_escaped, printable(text))


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape", "surrogatepass").decode("ascii")


_Fact = TypeVar("_Fact")

# The exit statuses of the contract, section 1; pip's and conda's own count once they have run.
DONE = 0
FAILED = 1  # nothing of ours failed: torch does not work, something is wrong, an error is unknown
UNUSABLE = 2
REFUSED = 3
INTERRUPTED = 130


class Phrase(str):
    """An English text that keeps its template and facts, for a catalogue of translations.

    `template` is for `str.format`; facts may be phrases themselves.
    """

    __slots__ = ("facts", "template")
    template: str
    facts: Mapping[str, object]

    def __new__(cls, template: str, /, **facts: object) -> Phrase:  # noqa: PYI034
        """Return the template with the facts in it."""
        made = super().__new__(cls, template.format(**shown_facts(facts)))
        made.template = template
        made.facts = facts
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        """Return the arguments of a copy: the template, as the text may have braces of its own."""
        return (self.template,), dict(self.facts)


def shown_facts(facts: Mapping[str, _Fact]) -> dict[str, _Fact | str]:
    """Return facts for the inside of a line: names and others' words break no line of ours."""
    return {
        name: inline(one) if isinstance(one, str) and not isinstance(one, Phrase) else one
        for name, one in facts.items()
    }


def joined(separator: str, texts: Iterable[str]) -> Phrase:
    """Return the texts joined, each of which is still translated by itself."""
    facts = {f"text{number}": text for number, text in enumerate(texts)}
    return Phrase(separator.join(f"{{{name}}}" for name in facts), **facts)


class GuardError(Exception):
    """An error with one message for the user; `exit_status` is the contract's (section 1)."""

    exit_status = REFUSED

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


def internal_error(command: str, error: Exception) -> GuardError:
    """Return the error that reports a bug of this project in place of a traceback.

    Where Python's own limits were met, the input is at fault. Raises KeyboardInterrupt where an
    interrupt was behind it: before Python 3.12 one that comes while a class is made is a
    RuntimeError.
    """
    behind: BaseException | None = error
    while behind is not None:
        if isinstance(behind, KeyboardInterrupt):
            raise KeyboardInterrupt
        behind = behind.__cause__
    too_long = isinstance(error, ValueError) and "integer string conversion" in str(error)
    if too_long or isinstance(error, RecursionError):
        return UsageError(
            "the input cannot be used; nothing was installed",
            why="a number in it has thousands of digits, or it is nested too deeply",
            hint="shorten what was typed, or the file that was named",
        )
    return GuardError(
        Phrase("internal error in {command}: nothing was installed", command=command),
        why=f"{type(error).__name__}: {error}",
        hint="CUDA_GUARD_DEBUG=1 shows where it is; plain conda and pip are not affected",
    )


class UsageError(GuardError):
    """Arguments or input that cannot be used."""

    exit_status = UNUSABLE
