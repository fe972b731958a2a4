"""Rewriting pip's command line by a plan: the family's requirements and sources change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.planner.address_kind import url_wish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conda_cuda_guard.model import Plan
    from pip_hook.files.file_lines import LineOption

    from .command_line import CommandLine, OptionUse


def rewrite_line(
    line: CommandLine, plan: Plan, options: Sequence[str], in_files: int = 0
) -> list[str]:
    """Return pip's argument list with the plan's pins and these options.

    `in_files` of the pins, after those of the line, belong to requirement files.
    """
    if plan.status != "ok" and not options:
        return list(line.words)
    words: list[str | None] = list(line.words)
    for at, pin in zip(line.requirements, plan.pins):
        words[at] = pin
    for use in line.options:
        if is_replaced(use, plan):
            words[use.start : use.end] = [None] * (use.end - use.start)
    # Further requirements go after the last one, options right after the command.
    after = 1 + (line.requirements[-1] if line.requirements else len(words) - 1)
    words[after:after] = _added(line, plan, in_files)
    start = 0 if line.command_at is None else line.command_at + 1
    words[start:start] = options
    return [word for word in words if word is not None]


def _added(line: CommandLine, plan: Plan, in_files: int) -> list[str]:
    """Return the planned requirements that are in neither the line nor a file, no constraints."""
    typed = plan.pins[: len(line.requirements)]
    more = plan.pins[len(typed) + in_files :]
    return list(dict.fromkeys(one for one in more if one in plan.requirements and one not in typed))


def is_replaced(use: OptionUse | LineOption, plan: Plan) -> bool:
    """Return whether an option names the index of a variant that the plan does not take."""
    if use.name not in ("--index-url", "--extra-index-url", "--find-links"):
        return False
    wish = url_wish((use.value or "",), catalogue.family(), plan.foreign)
    return (
        wish is not None
        and plan.variant is not None
        and not wish.grants(plan.cuda)
        and use.value not in (*plan.index_urls, *plan.find_links)
    )
