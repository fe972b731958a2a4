"""What a plan changes in a requirements file: its lines, and what is added to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from conda_cuda_guard.model import Phrase
from conda_cuda_guard.planner.pip_sources import missing_options
from conda_cuda_guard.rendering import redact
from conda_cuda_guard.rendering.language import said
from pip_hook.rewriting import is_replaced

from .editing import with_options, with_pin
from .reading import OptionLine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.model import Plan
    from pip_hook.deciding import Decision

    from .lines import Line
    from .reading import RequirementFile


class Changes(NamedTuple):
    """New texts of lines (empty: the line goes), options to add at a line, requirements to end by.

    The options belong behind every --index-url, because that takes the place of all before it.
    """

    edits: Mapping[Line, str]
    options: tuple[str, ...] = ()
    at: int = 0
    requirements: tuple[str, ...] = ()


def changes(file: RequirementFile, decision: Decision) -> Changes:
    """Give what the decision makes of one of its files."""
    plan = decision.plan
    edits = {
        one.line: with_pin(file.content.text, one.line, pin)
        for one, pin in decision.pins
        if one.file is file
    }
    if plan.status != "ok":
        return Changes(edits)
    edits.update(_dropped(file, plan))
    options = missing_options(plan.index_urls, plan.find_links, decision.request.sources)
    indexes = [
        one.line.end
        for one in file.lines
        if isinstance(one, OptionLine) and any(use.name == "--index-url" for use in one.options)
    ]
    return Changes(
        edits,
        tuple(" ".join(pair) for pair in zip(options[::2], options[1::2])),
        max([min((line.first for line in edits), default=0), *indexes]),
        plan.requirements[len(decision.request.requirements) :],
    )


def elsewhere(file: RequirementFile, decision: Decision) -> list[str]:
    """Say which other files the plan changes: each is rewritten by itself."""
    paths = dict.fromkeys(one.file.path for one, _ in decision.pins if one.file is not file)
    return [
        said(Phrase("pipcuda: {path} needs it too, by itself: pipcuda rewrite {path}", path=path))
        for path in map(redact, paths)
    ]


def _dropped(file: RequirementFile, plan: Plan) -> dict[Line, str]:
    """Give the lines of options that name the index of a variant which the plan does not take."""
    return {
        one.line: with_options(
            one.line, [None if is_replaced(use, plan) else use for use in one.options]
        )
        for one in file.lines
        if isinstance(one, OptionLine) and any(is_replaced(use, plan) for use in one.options)
    }
