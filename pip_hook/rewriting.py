"""Write a plan into a pip command line: nothing but the CUDA requests and their sources changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.planner.pip_format import missing_options
from conda_cuda_guard.planner.pip_parse import url_wish

if TYPE_CHECKING:
    from conda_cuda_guard.model import Plan
    from pip_hook.files.file_lines import LineOption

    from .command_line import CommandLine, OptionUse
    from .deciding import LineDecision


def rewrite_line(line: CommandLine, decision: LineDecision) -> list[str]:
    """Give the words for pip."""
    plan = decision.plan
    if plan.status != "ok" and not decision.options:
        return list(line.words)
    words: list[str | None] = list(line.words)
    for at, requirement in zip(line.requirements, plan.requirements):
        words[at] = requirement
    for use in line.options:
        if is_replaced(use, plan):
            words[use.start : use.end] = [None] * (use.end - use.start)
    return [word for word in _with_additions(words, line, decision) if word is not None]


def _with_additions(
    words: list[str | None], line: CommandLine, decision: LineDecision
) -> list[str | None]:
    """Add sources right after the command, and further requirements after the last one."""
    typed = decision.plan.requirements[: len(line.requirements)]
    more = decision.plan.requirements[len(typed) + decision.in_files :]
    # What a constraint comes to may stand on the line already.
    added = dict.fromkeys(one for one in more if one not in typed)
    after = 1 + (line.requirements[-1] if line.requirements else len(words) - 1)
    words[after:after] = added
    start = 0 if line.command_at is None else line.command_at + 1
    plan, in_force = decision.plan, decision.request.sources
    sources = missing_options(plan.index_urls, plan.find_links, in_force)
    words[start:start] = [*decision.options, *sources]
    return words


def is_replaced(use: OptionUse | LineOption, plan: Plan) -> bool:
    """Tell whether an option names the index of a variant that the plan does not take."""
    if use.name not in ("--index-url", "--extra-index-url", "--find-links"):
        return False
    wish = url_wish((use.value or "",))
    return (
        wish is not None
        and plan.variant is not None
        and not wish.grants(plan.cuda)
        and use.value not in (*plan.index_urls, *plan.find_links)
    )
