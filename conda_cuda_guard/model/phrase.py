"""A text for people that can still be said in another language."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Phrase(str):
    """An English text that keeps its template and facts, for a catalogue of translations.

    `template` is for `str.format`; facts may be phrases themselves.
    """

    __slots__ = ("facts", "template")
    template: str
    facts: Mapping[str, object]

    def __new__(cls, template: str, /, **facts: object) -> Phrase:  # noqa: PYI034
        """Put the facts into the template."""
        made = super().__new__(cls, template.format(**facts))
        made.template = template
        made.facts = facts
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        """Copy it by its template: what it says may have braces of its own."""
        return (self.template,), dict(self.facts)


def joined(separator: str, texts: Iterable[str]) -> Phrase:
    """Join texts into one that says each of them in the reader's language."""
    facts = {f"text{number}": text for number, text in enumerate(texts)}
    return Phrase(separator.join(f"{{{name}}}" for name in facts), **facts)
