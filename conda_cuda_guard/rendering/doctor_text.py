"""The doctor's report and `explain`'s matches, as text and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.cells import set_cell_size
from rich.text import Text

from conda_cuda_guard.doctor.rules import FACT_WORDS, facts_words
from conda_cuda_guard.model import Note, redact

from .language import said, translated
from .plan_text import note_lines
from .wrapping import COMMAND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.doctor import Match
    from conda_cuda_guard.doctor.report import Detail, Link, Report
    from conda_cuda_guard.doctor.rules import Rule

_SCHEMA = 1
# Words and not colours alone: the report is pasted into forums.
LINK_MARKS = {
    "ok": ("ok", "green"),
    "warning": ("warning", "yellow"),
    "error": ("PROBLEM", "red"),
    "absent": ("-", "dim"),
    "unknown": ("?", "yellow"),
}
SEVERITIES = {"error": "PROBLEM", "warning": "warning"}


def report_to_json(report: Report) -> dict[str, Any]:
    """Return the JSON object of `pipcuda doctor` and `conda cuda-doctor`."""
    links = [
        {
            "name": link.name,
            "value": _clean(link.value),
            "verdict": link.verdict,
            "how": redact(link.how),
            "details": [redact(one) for detail in link.details for one in _detail_lines(detail)],
        }
        for link in report.links
    ]
    facts = {name: _clean(value) for name, value in asdict(report.evidence).items()}
    return {
        "schema": _SCHEMA,
        "healthy": report.healthy,
        "links": links,
        "problems": [_rule_to_json(rule, report, facts) for rule in report.shown],
        "facts": facts,
        "warnings": [redact(one) for one in report.problems],
    }


def _rule_to_json(rule: Rule, report: Report, facts: dict[str, str | None]) -> dict[str, Any]:
    return {
        "code": rule.code,
        "severity": rule.severity,
        "explanation": translated(rule.explanation),
        "commands": _commands(rule, report),
        "evidence": {name: facts[name] for name in dict.fromkeys((*rule.when, *rule.evidence))},
        "source": rule.source,
    }


def _commands(rule: Rule, report: Report) -> list[str]:
    return [redact(command) for command in report.commands(rule)]


def _clean(value: str | None) -> str | None:
    return None if value is None else redact(value)


def report_text(report: Report) -> Text:
    """Return a report as text: the chain, then the reasons with the commands to type."""
    lines = [_link_text(link) for link in report.links]
    told = translated("warning: rules of another package: {problem}")
    lines += [Text(told.format(problem=one)) for one in report.problems]
    reasons = [_reason_text(rule, report) for rule in report.shown]
    return Text("\n").join([*lines, Text(), *reasons, _conclusion(report)])


def _link_text(link: Link) -> Text:
    word, style = LINK_MARKS[link.verdict]
    text = Text.assemble((set_cell_size(translated(word), 8), style), f" {translated(link.name)}: ")
    text.append(redact(said(link.value)) if link.value else translated("none found"), style="bold")
    if link.how:
        text.append(f"  [{redact(said(link.how))}]", style="dim")
    for detail in link.details:
        for one in _detail_lines(detail):
            text.append(f"\n           {redact(said(one))}")
    return text


def _detail_lines(detail: Detail) -> list[str]:
    """Return a detail's text as it is, a note as its lines."""
    return note_lines((detail,)) if isinstance(detail, Note) else [detail]


def _reason_text(rule: Rule, report: Report) -> Text:
    _, style = LINK_MARKS[rule.severity]
    text = Text.assemble((translated(SEVERITIES[rule.severity]), style), " ", (rule.code, "bold"))
    text.append(f"\n  {translated(rule.explanation)}")
    for name in rule.when:
        value = getattr(report.evidence, name)
        if value is not None:
            what = translated(FACT_WORDS[name])
            text.append(f"\n  {translated('found')}: {what} = {redact(said(value))}")
    text.append(f"\n  {translated('next')}:")
    for command in _commands(rule, report):
        text.append("\n    ").append(command, style=COMMAND)
    return text.append("\n")


def _conclusion(report: Report) -> Text:
    errors = sum(rule.severity == "error" for rule in report.shown)
    if report.healthy and report.unexamined:
        names = ", ".join(map(translated, report.unexamined))
        told = translated("No problem found in what could be examined; this could not: {names}.")
        return Text(told.format(names=names), style="yellow")
    if report.healthy:
        return Text(translated("No problem found."), style="green")
    told = translated("{count} problem(s) found.").format(count=errors or 1)
    return Text(told, style="red")


NOTHING = """\
No known failure is recognized in this text.
  Paste all of it, from the first line to the last: python script.py 2>&1 | pipcuda explain -
  pipcuda verify   tries the torch that is installed
  pipcuda plan torch   says what fits this machine"""


def matches_to_json(matches: Iterable[Match], problems: Iterable[str]) -> dict[str, Any]:
    """Return the JSON object of `pipcuda explain`."""
    found = [
        {
            "code": one.rule.code,
            "explanation": translated(one.rule.explanation),
            "commands": list(one.commands),
            "evidence": list(one.rule.evidence),
            "source": one.rule.source,
        }
        for one in matches
    ]
    return {"schema": 1, "matches": found, "problems": list(problems)}


def matches_text(matches: Iterable[Match]) -> Text:
    """Return the rules that match, as text, best first."""
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
    for command in found.commands:
        text.append("\n    ").append(command, style=COMMAND)
    return text.append(f"\n  {translated('source')}: {rule.source}")
