"""What every rewriting needs: the request as conda's configuration has it, the words after it.

Among these are our errors as conda's: printed cleanly, and as JSON under `--json`.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conda.base.context import context
from conda.exceptions import CondaError

from conda_cuda_guard.catalogue import family, unusable_families
from conda_cuda_guard.host.assemble import machines, require_same
from conda_cuda_guard.model import REFUSED, SUBDIRS, UNUSABLE, Note, Phrase, Request, redact
from conda_cuda_guard.planner.candidates import DEFAULTS, FAMILY_CHANNEL, FORGE, channel_name
from conda_cuda_guard.planner.conda_asks import channels_to_ask, needs_lead, packages_asked
from conda_cuda_guard.planner.pipeline import plan_problem
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.planner.unknown import off_conda_asked
from conda_cuda_guard.rendering import headline, note_lines, plan_to_json, what_why_next
from conda_cuda_guard.rendering.output import err
from conda_cuda_guard.rendering.plan_text import unusable_lines
from conda_cuda_guard.sources.builtin import from_catalogue
from conda_cuda_guard.sources.merge_channel import with_heard
from conda_cuda_guard.sources.mirrors import about_addresses

from . import environment
from .channels_in_force import sources_in_force
from .repodata import LIMIT, ask_channels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.host.overrides import Overrides
    from conda_cuda_guard.model import Catalogue, ChannelAnswer, GuardError, Plan
    from conda_cuda_guard.planner.problem import Problem


class CudaGuardError(CondaError):  # type: ignore[misc]
    """Nothing was installed; `return_code` becomes conda's exit status.

    Further keywords become fields of the JSON that conda prints under `--json`.
    """

    return_code = REFUSED

    def __init__(self, message: str, **fields: Any) -> None:  # noqa: ANN401
        # conda formats the message with `%` and the fields.
        super().__init__(redact(message).replace("%", "%%"), **fields)


class CudaGuardUsageError(CudaGuardError):
    """An argument of ours cannot be used."""

    return_code = UNUSABLE


def refused(plan: Plan) -> CudaGuardError:
    """Return the error of a refused plan; under `--json` the plan itself is its field `plan`."""
    text = "\n".join([headline(plan), *note_lines(plan.notes)])
    return CudaGuardError(text, plan=plan_to_json(plan))


def as_conda_error(error: GuardError) -> CudaGuardError:
    """Turn an error of ours into conda's, with the exit status of the contract."""
    kind = CudaGuardUsageError if error.exit_status == UNUSABLE else None
    return (kind or CudaGuardError)(what_why_next(error))


def conda_request(specs: Iterable[str], overrides: Overrides, *, for_here: bool = True) -> Request:
    """Return the request of these specs; `for_here`, when it is to be installed on this machine."""
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
    """Print on stderr what was chosen and why; stdout is conda's."""
    if context.quiet and not context.json:
        return
    changed = plan.status == "ok"
    lines = [f"{who}: {headline(plan)}"] if changed else []
    lines += note_lines(plan.notes, least="info" if changed else "warning")
    for line in lines:
        err(line)


def tell_left_out() -> None:
    """Print on stderr a warning of each family file that is left out."""
    for line in () if context.quiet and not context.json else unusable_lines(unusable_families()):
        err(line)


_NAMES = {FAMILY_CHANNEL: family().conda.channel, FORGE: FORGE}
_OWN = (DEFAULTS, "main")


def plan_asked(request: Request) -> Plan:
    """Return the plan of a request with what its channels have, asked for two seconds in all.

    The channel of the first plan is asked; where it has no such build, the next plan's. A user of
    Anaconda's own channel is sent to another for what that one lacks alone.
    """
    known = from_catalogue("conda", request.hosts[0].platform)
    known = replace(known, notes=about_addresses(request))
    deadline = time.monotonic() + LIMIT
    problem = read_problem(request, known)
    packages = (*packages_asked(problem, known), *off_conda_asked(problem, known))
    if packages:
        added = channels_to_ask(problem, known)
        known = listed(known, packages, request, added, deadline - time.monotonic())
    plan = plan_with(problem, known)
    if packages and not needs_lead(problem, known.on_conda):
        return plan
    if plan.source == FORGE and not _names_channel(request):
        known = _with_own(known, request, deadline - time.monotonic())
        plan = plan_with(problem, known)
    for source in _NAMES:
        if plan.source not in (None, source) or not _may_gain(plan):
            continue
        known = _asked(known, source, request, deadline - time.monotonic())
        plan = plan_with(problem, known)
    return plan


def plan_with(problem: Problem, known: Catalogue) -> Plan:
    """Return the plan for a problem, with the command to type for conda's target environment."""
    return plan_problem(problem, known, environment.command_to_type)


def of_another_machine(plan: Plan) -> Plan:
    """Return a plan whose notes do not speak of this machine."""
    there = {"here": Phrase("that machine")}
    notes = (replace(note, facts={**note.facts, **there}) for note in plan.notes)
    return replace(plan, notes=tuple(notes))


def _may_gain(plan: Plan) -> bool:
    """Return whether it matters what a channel has: for a plan, or for an unknown release."""
    return plan.source is not None or any(one.code == "release-unknown" for one in plan.notes)


def _names_channel(request: Request) -> bool:
    """Return whether a channel with CUDA builds of its own is in force."""
    return any(channel_name(one) in _NAMES.values() for one in request.sources.channels)


def _with_own(known: Catalogue, request: Request, seconds: float) -> Catalogue:
    """Return the catalogue with what Anaconda's channel has, where it is in force and answers."""
    own = [one for one in request.sources.channels if channel_name(one) in _OWN]
    answers = _answers(own, request, seconds) if own else ()
    packages = tuple(package for answer in answers for package in answer.packages)
    return with_heard(known, DEFAULTS, packages) if packages else known


def listed(
    known: Catalogue,
    packages: tuple[str, ...],
    request: Request,
    added: tuple[str, ...] = (),
    seconds: float = LIMIT,
) -> Catalogue:
    """Return the catalogue with what the channels in force, and those to add, have of packages."""
    channels = [*request.sources.channels, *(_address(name, request) for name in added)]
    answers = _answers(list(dict.fromkeys(channels)), request, seconds, packages)
    silent = [one for one in answers if one.problem not in ("", "absent")]
    notes = () if any(one.packages for one in answers) else map(_unanswered, silent[:1])
    return replace(known, listed=answers, notes=(*known.notes, *notes))


def _asked(known: Catalogue, source: str, request: Request, seconds: float) -> Catalogue:
    """Ask the channel of a source; where it does not answer, the catalogue stands."""
    (answer, *_) = _answers([_address(_NAMES[source], request)], request, seconds)
    if answer.problem:
        return replace(known, notes=(*known.notes, _unanswered(answer)))
    return with_heard(known, source, answer.packages)


def _answers(
    channels: list[str], request: Request, seconds: float, packages: tuple[str, ...] = ()
) -> tuple[ChannelAnswer, ...]:
    """Return what channels have of the family, or of packages.

    Each is asked once in a process, however many plans are made.
    """
    platform = request.hosts[0].platform
    subdir = None if platform == environment.platform() else SUBDIRS.get(platform)
    key = (tuple(channels), packages, subdir)
    if key not in _heard:
        limit = max(0.0, seconds)
        _heard[key] = ask_channels(channels, packages=packages, limit=limit, subdir=subdir)
    return _heard[key]


_heard: dict[tuple[tuple[str, ...], tuple[str, ...], str | None], tuple[ChannelAnswer, ...]] = {}


def _address(name: str, request: Request) -> str:
    """Return the channel as it is in force, or as the plan would add it."""
    sources = request.sources
    spelling = sources.spelling.get(name)
    known = (channel for channel in sources.channels if channel_name(channel) == name)
    return next(known, spelling.text if spelling else name)


def _unanswered(answer: ChannelAnswer) -> Note:
    # A large channel that is read for the first time takes longer; conda's own solve will see it.
    severity = "info" if answer.problem == "timeout" else "warning"
    facts = {"index": answer.channel, "detail": answer.detail}
    return Note("index-unreachable", severity, answer.problem, facts)
