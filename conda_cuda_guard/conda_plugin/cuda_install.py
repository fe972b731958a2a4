"""`conda cuda-install`: rewrite specs and channels, then run conda's own install right here."""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from conda.exceptions import CondaError

from conda_cuda_guard.host import Detection, detect, this_platform
from conda_cuda_guard.host.assemble import resolve_hosts
from conda_cuda_guard.host.overrides import read_overrides
from conda_cuda_guard.model import PLATFORMS, GuardError, Request, Sources, UsageError, fault
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.rendering import headline, note_lines, plan_text, plan_to_json
from conda_cuda_guard.sources import from_catalogue

from . import environment, guard
from .errors import as_conda_error, refused
from .options import read_options

if TYPE_CHECKING:
    from argparse import Namespace

    from conda_cuda_guard.host.overrides import Overrides
    from conda_cuda_guard.model import Plan

_REFUSED = 3


def run(args: Namespace) -> int:
    """Carry out the subcommand; returns conda's exit status, or the contract's before it."""
    try:
        overrides = read_overrides(read_options(args), os.environ)
        from_files = environment.specs_of_files(args)
        request = _request([*args.packages, *from_files], overrides)
        plan = make_plan(request, from_catalogue("conda", request.hosts[0].platform))
    except GuardError as error:
        raise as_conda_error(error) from error
    except CondaError:
        raise
    except Exception as error:
        if os.environ.get("CUDA_GUARD_DEBUG"):
            raise
        raise as_conda_error(fault("conda cuda-install", error)) from error
    if args.plan:
        return _print(plan)
    if plan.status == "refused":
        raise refused(plan)
    _tell(plan)
    guard.is_planned()
    if plan.status == "ok":
        _rewrite(args, plan, drop_files=bool(from_files))
        _declare_cuda(plan, request, overrides)
    return _install(args)


def _request(specs: list[str], overrides: Overrides) -> Request:
    platform = environment.platform()
    if platform not in PLATFORMS:
        raise UsageError(f"PyTorch has no builds for {platform}", hint="conda install …")
    looking = detect if platform == this_platform() else partial(Detection)
    hosts, _ = resolve_hosts(
        overrides, platform=platform, python=environment.python_version(), detect=looking
    )
    return Request(
        manager="conda",
        requirements=tuple(specs),
        hosts=hosts,
        policy=overrides.policy or "auto",
        sources=Sources(channels=environment.channels()),
        cpu=bool(overrides.cpu),
        as_is=bool(overrides.as_is),
    )


def _print(plan: Plan) -> int:
    from conda.base.context import context

    if context.json:
        print(json.dumps(plan_to_json(plan), ensure_ascii=False))
    else:
        print(plan_text(plan))
    return _REFUSED if plan.status == "refused" else 0


def _tell(plan: Plan) -> None:
    """Say on stderr what was chosen and why; stdout is conda's."""
    from conda.base.context import context

    if context.quiet and not context.json:
        return
    changed = plan.status == "ok"
    lines = [f"cuda-install: {headline(plan)}"] if changed else []
    lines += note_lines(plan.notes, least="info" if changed else "warning")
    for line in lines:
        print(line, file=sys.stderr)


def _rewrite(args: Namespace, plan: Plan, *, drop_files: bool) -> None:
    """Put the plan's specs and channels where conda's install looks for them."""
    from conda.base.context import context

    args.packages = list(plan.requirements)
    if drop_files:
        args.file = []
    if plan.channels:
        # First, so that strict priority does not let another channel hide the CUDA builds.
        args.channel = [*plan.channels, *(args.channel or ())]
        # As conda's own main does: the context reads the command line once more.
        context.__init__(argparse_args=args)


def _declare_cuda(plan: Plan, request: Request, overrides: Overrides) -> None:
    """Let conda's solver see the machine that was declared (its `__cuda` is of this one)."""
    declared = {"cuda", "driver", "hosts_file"} & set(overrides.origin)
    versions = [host.cuda for host in request.hosts if host.cuda]
    if declared and plan.cuda is not None:
        os.environ["CONDA_OVERRIDE_CUDA"] = min(versions, default=plan.cuda, key=_number)


def _number(cuda: str) -> tuple[int, ...]:
    return tuple(int(part) for part in cuda.split("."))


def _install(args: Namespace) -> int:
    """Run conda's install with these arguments: its prompts, its output, other plugins' hooks."""
    from conda.cli.conda_argparse import do_call

    args.cmd = "install"
    args._plugin_subcommand = None  # noqa: SLF001 - so that conda calls install, not us again
    return int(do_call(args, None) or 0)
