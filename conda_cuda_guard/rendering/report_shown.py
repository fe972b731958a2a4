"""The doctor's report, for people and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.cells import set_cell_size
from rich.text import Text

from conda_cuda_guard.doctor.rules import FACT_WORDS

from .language import said, translated
from .redact import redact

if TYPE_CHECKING:
    from conda_cuda_guard.doctor import Rule
    from conda_cuda_guard.doctor.report import Link, Report

_SCHEMA = 1
# Words and not colours alone: the report is pasted into forums.
MARKS = {
    "ok": ("ok", "green"),
    "warning": ("warning", "yellow"),
    "error": ("PROBLEM", "red"),
    "absent": ("-", "dim"),
    "unknown": ("?", "yellow"),
}
SEVERITIES = {"error": "PROBLEM", "warning": "warning"}


def report_to_json(report: Report) -> dict[str, Any]:
    """Make the JSON object of `pipcuda doctor` and `conda cuda-doctor`."""
    links = [
        {
            "name": link.name,
            "value": _clean(link.value),
            "verdict": link.verdict,
            "how": redact(link.how),
            "details": [redact(one) for one in link.details],
        }
        for link in report.links
    ]
    facts = {name: _clean(value) for name, value in asdict(report.evidence).items()}
    return {
        "schema": _SCHEMA,
        "healthy": report.healthy,
        "links": links,
        "problems": [_rule_to_json(rule, facts) for rule in report.shown],
        "facts": facts,
        "warnings": [redact(one) for one in report.problems],
    }


def _rule_to_json(rule: Rule, facts: dict[str, str | None]) -> dict[str, Any]:
    return {
        "code": rule.code,
        "severity": rule.severity,
        "explanation": translated(rule.explanation),
        "commands": list(rule.commands),
        "evidence": {name: facts[name] for name in dict.fromkeys((*rule.when, *rule.evidence))},
        "source": rule.source,
    }


def _clean(value: str | None) -> str | None:
    return None if value is None else redact(value)


def report_text(report: Report) -> Text:
    """Write the chain, then the reasons with the commands to type."""
    lines = [_link_text(link) for link in report.links]
    told = translated("warning: rules of another package: {problem}")
    lines += [Text(told.format(problem=one)) for one in report.problems]
    reasons = [_reason_text(rule, report) for rule in report.shown]
    return Text("\n").join([*lines, Text(), *reasons, _conclusion(report)])


def _link_text(link: Link) -> Text:
    word, style = MARKS[link.verdict]
    text = Text.assemble((set_cell_size(translated(word), 8), style), f" {translated(link.name)}: ")
    text.append(redact(said(link.value)) if link.value else translated("none found"), style="bold")
    if link.how:
        text.append(f"  [{redact(said(link.how))}]", style="dim")
    for one in link.details:
        text.append(f"\n           {redact(said(one))}")
    return text


def _reason_text(rule: Rule, report: Report) -> Text:
    _, style = MARKS[rule.severity]
    text = Text.assemble((translated(SEVERITIES[rule.severity]), style), " ", (rule.code, "bold"))
    text.append(f"\n  {translated(rule.explanation)}")
    for name in rule.when:
        value = getattr(report.evidence, name)
        if value is not None:
            what = translated(FACT_WORDS[name])
            text.append(f"\n  {translated('found')}: {what} = {redact(said(value))}")
    text.append(f"\n  {translated('next')}:")
    for command in rule.commands:
        text.append("\n    ").append(command, style="green")
    return text.append("\n")


def _conclusion(report: Report) -> Text:
    errors = sum(rule.severity == "error" for rule in report.shown)
    if report.healthy:
        return Text(translated("No problem found."), style="green")
    told = translated("{count} problem(s) found.").format(count=errors or 1)
    return Text(told, style="red")
