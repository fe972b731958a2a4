"""What every rewriting needs: the request as conda's configuration has it, and the words after."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from conda.base.context import context

from conda_cuda_guard.host.assemble import machines, require_same
from conda_cuda_guard.model import Note, Request
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.candidates import FAMILY_CHANNEL, FORGE, channel_name
from conda_cuda_guard.rendering import headline, note_lines
from conda_cuda_guard.rendering.output import err
from conda_cuda_guard.sources.merge_channel import with_heard
from conda_cuda_guard.sources.mirrors import about_addresses

from . import environment
from .channels_in_force import sources_in_force
from .hook_state import catalogue
from .repodata import LIMIT, ask_channels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.host.overrides import Overrides
    from conda_cuda_guard.model import Catalogue, Plan
    from conda_cuda_guard.model.channels import ChannelAnswer


def conda_request(specs: Iterable[str], overrides: Overrides, *, for_here: bool = True) -> Request:
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
        variant=overrides.variant,
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
        err(line)


_NAMES = {FAMILY_CHANNEL: "pytorch", FORGE: FORGE}


def plan_asked(request: Request) -> Plan:
    """Plan a request with what its channels have, asked for two seconds in all.

    The channel of the first plan is asked; where it has no such build, the next plan's.
    """
    known = replace(catalogue(), notes=about_addresses(request))
    plan = make_plan(request, known)
    deadline = time.monotonic() + LIMIT
    for source in _NAMES:
        if plan.source not in (None, source) or not _may_gain(plan):
            continue
        known = _asked(known, source, request, deadline - time.monotonic())
        plan = make_plan(request, known)
    return plan


def _may_gain(plan: Plan) -> bool:
    """Tell whether it matters what a channel has: for a plan, and for a release not heard of."""
    return plan.source is not None or any(one.code == "release-unknown" for one in plan.notes)


def _asked(known: Catalogue, source: str, request: Request, seconds: float) -> Catalogue:
    """Ask the channel of a source; where it does not answer, the catalogue stands."""
    channel = _address(_NAMES[source], request)
    (answer, *_) = ask_channels([channel], limit=max(0.0, seconds))
    if answer.problem:
        return replace(known, notes=(*known.notes, _unanswered(answer)))
    return with_heard(known, source, answer.packages)


def _address(name: str, request: Request) -> str:
    """Give the channel as it is in force, or as the plan would add it."""
    sources = request.sources
    spelling = sources.spelling.get(name)
    known = (channel for channel in sources.channels if channel_name(channel) == name)
    return next(known, spelling.text if spelling else name)


def _unanswered(answer: ChannelAnswer) -> Note:
    # A large channel that is read for the first time takes longer; conda's own solve will see it.
    severity = "info" if answer.problem == "timeout" else "warning"
    facts = {"index": answer.channel, "detail": answer.detail}
    return Note("index-unreachable", severity, answer.problem, facts)
