"""What every rewriting needs: the request as conda's configuration has it, and the words after."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from conda.base.context import context

from conda_cuda_guard.host.assemble import machines, require_same
from conda_cuda_guard.model import Request
from conda_cuda_guard.rendering import headline, note_lines

from . import environment
from .sources_in_force import sources_in_force

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.host.overrides import Overrides
    from conda_cuda_guard.model import Plan


def request_for(specs: Iterable[str], overrides: Overrides, *, for_here: bool = True) -> Request:
    """Make the request of these specs; `for_here`, when it is to be installed on this machine."""
    platform = environment.platform()
    hosts = machines(overrides, platform, environment.python_version())
    if for_here:
        require_same(hosts, platform)
    return Request(
        manager="conda",
        requirements=tuple(specs),
        hosts=hosts,
        policy=overrides.policy or "auto",
        sources=sources_in_force(),
        cpu=bool(overrides.cpu),
        as_is=bool(overrides.as_is),
    )


def tell(plan: Plan, who: str = "cuda-install") -> None:
    """Say on stderr what was chosen and why; stdout is conda's."""
    if context.quiet and not context.json:
        return
    changed = plan.status == "ok"
    lines = [f"{who}: {headline(plan)}"] if changed else []
    lines += note_lines(plan.notes, least="info" if changed else "warning")
    for line in lines:
        print(line, file=sys.stderr)
