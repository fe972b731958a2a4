"""The rules that an error text shows, as text and as JSON; nothing of the text itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from conda_cuda_guard.doctor import facts_words

from .language import translated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.doctor import Match

NOTHING = """\
No known failure is recognized in this text.
  Paste all of it, from the first line to the last: python script.py 2>&1 | pipcuda explain -
  pipcuda verify   tries the torch that is installed
  pipcuda plan torch   says what fits this machine"""


def matches_to_json(matches: Iterable[Match], problems: Iterable[str]) -> dict[str, Any]:
    """Make the JSON object of `pipcuda explain`."""
    found = [
        {
            "code": one.rule.code,
            "explanation": translated(one.rule.explanation),
            "commands": list(one.rule.commands),
            "evidence": list(one.rule.evidence),
            "source": one.rule.source,
        }
        for one in matches
    ]
    return {"schema": 1, "matches": found, "problems": list(problems)}


def matches_text(matches: Iterable[Match]) -> Text:
    """Write the rules for people, best first."""
    parts = [_rule_text(one) for one in matches]
    return Text("\n\n").join(parts) if parts else Text(translated(NOTHING))


def _rule_text(found: Match) -> Text:
    rule = found.rule
    text = Text.assemble((rule.code, "bold"), "\n  ", translated(rule.explanation))
    if rule.evidence:
        text.append(
            f"\n  {translated('depends on')}: {', '.join(map(translated, facts_words(rule)))}"
        )
    text.append(f"\n  {translated('next')}:")
    for command in rule.commands:
        text.append("\n    ").append(command, style="green")
    return text.append(f"\n  {translated('source')}: {rule.source}")
