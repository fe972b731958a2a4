"""`conda cuda-install`: rewrite specs and channels, then run conda's own install right here."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from conda.exceptions import CondaError

from conda_cuda_guard import catalogue
from conda_cuda_guard.host.overrides import read_overrides
from conda_cuda_guard.host.programs import interpreter_of
from conda_cuda_guard.model import PLATFORMS, GuardError, Phrase, UsageError, internal_error
from conda_cuda_guard.model.errors import DONE, FAILED, REFUSED
from conda_cuda_guard.model.versions import version
from conda_cuda_guard.planner.compatibility import MINOR_COMPATIBLE
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.rendering import plan_text, plan_to_json, tell_error
from conda_cuda_guard.rendering.output import err, out, out_json, trace
from conda_cuda_guard.rendering.verify_text import verdict_text
from conda_cuda_guard.sources.builtin import from_catalogue
from conda_cuda_guard.verify import verify

from . import environment, planning
from .hook_state import note_planned, process
from .options import read_conda_options
from .rewriting import keep_out, with_conflicts
from .solutions import cuda_for_solver

if TYPE_CHECKING:
    from argparse import Namespace

    from conda_cuda_guard.host.overrides import Overrides
    from conda_cuda_guard.model import Plan, Request


def run_cuda_install(args: Namespace) -> int:
    """Run the subcommand and return conda's exit status, or the contract's before it."""
    try:
        overrides = read_overrides(read_conda_options(args), os.environ)
        if args.verify:
            require_verifiable(args)
        _take_files(args)
        if not _concerns(args.packages) and environment.platform() not in PLATFORMS:
            return _install(args)
        request, plan = _plan(args, overrides)
        planning.tell_left_out()
        if args.plan:
            return _print(plan)
    except GuardError as error:
        raise planning.as_conda_error(error) from error
    except CondaError:
        raise
    except Exception as error:
        trace(error)
        raise planning.as_conda_error(internal_error("conda cuda-install", error)) from error
    if plan.status == "refused":
        raise planning.refused(plan)
    planning.tell(plan)
    note_planned(plan, request)
    _rewrite(args, plan, pinned=keep_out(plan, request))
    with cuda_for_solver(_cuda_for_solver(plan, request, overrides)):
        return _install(args)


def _plan(args: Namespace, overrides: Overrides) -> tuple[Request, Plan]:
    request = planning.conda_request(args.packages, overrides, for_here=not args.plan)
    if overrides.offline:
        known = from_catalogue("conda", request.hosts[0].platform)
        plan = planning.plan_with(read_problem(request, known), known)
    else:
        plan = planning.plan_asked(request)
    if plan.status == "refused" and not overrides.offline:
        from .advice import checked

        process.hosts = request.hosts
        plan = checked(plan)
    if overrides.hosts_file or not environment.is_for_here():
        plan = planning.of_another_machine(plan)
    return request, with_conflicts(plan, request, run=not args.plan)


def _take_files(args: Namespace) -> None:
    """Add the specs of `--file`s to those of the command line."""
    found = environment.specs_of_files(args.file or ())
    if found is not None:
        args.packages, args.file = [*args.packages, *found], []


def _concerns(specs: list[str]) -> bool:
    family = catalogue.family()
    names = (family.lead.pip, "cuda", family.conda.cpu_selector)
    return any(name in spec.lower() for spec in specs for name in names)


def _print(plan: Plan) -> int:
    from conda.base.context import context

    # What this terminal cannot show is escaped; a reader that went away is no fault.
    encoding = sys.stdout.encoding or "utf-8"
    with suppress(BrokenPipeError):
        if context.json:
            out_json(plan_to_json(plan))
        else:
            text = plan_text(plan)
            out(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
    return REFUSED if plan.status == "refused" else DONE


def _rewrite(args: Namespace, plan: Plan, *, pinned: bool) -> None:
    """Put the plan's specs and channels in the command line; `pinned`: there are new pins."""
    from conda.base.context import context

    if plan.status == "ok":
        args.packages = list(plan.requirements)
    if plan.channels:
        # First, so that strict priority does not let another channel hide the CUDA builds.
        args.channel = [*plan.channels, *(args.channel or ())]
    if plan.channels or pinned:
        # As conda's own main does: the context reads the command line and variables once more.
        context.__init__(argparse_args=args)


def _cuda_for_solver(plan: Plan, request: Request, overrides: Overrides) -> str | None:
    """Return the `__cuda` that conda's solver is to see; None for this machine's own.

    It is that of a declared machine; and where the plan rests on minor-version compatibility, which
    packages that constrain `__cuda` know nothing of, that of the plan.
    """
    if plan.cuda is None:
        return None
    versions = [host.cuda for host in request.hosts if host.cuda]
    oldest = min(versions, default=plan.cuda, key=version)
    if plan.level == MINOR_COMPATIBLE:
        return max(oldest, plan.cuda, key=version)
    declared = {"cuda", "driver", "hosts_file"} & set(overrides.origin)
    return oldest if declared else None


def _install(args: Namespace) -> int:
    """Run conda's install with these arguments: its prompts, its output, other plugins' hooks."""
    from conda.cli.conda_argparse import do_call

    args.cmd = "install"
    args._plugin_subcommand = None  # noqa: SLF001 - so that conda calls install, not us again
    status = int(do_call(args, None) or 0)
    return verify_environment() if args.verify and not status else status


def require_verifiable(args: Namespace) -> None:
    """Refuse options with which nothing is installed that could be tried."""
    for name in ("plan", "dry_run", "download_only"):
        if getattr(args, name, None) is True:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(
                Phrase("--verify and {option} cannot be used together", option=option),
                why=Phrase("with {option} nothing is installed", option=option),
                hint="leave out one of them",
            )


def verify_environment() -> int:
    """Try the torch of the target environment; says the verdict on stderr, as stdout is conda's."""
    from conda.base.context import context

    try:
        python = _interpreter(Path(context.target_prefix))
        verdict = verify(python, catalogue.spelt_families())
    except GuardError as error:
        tell_error(error)
        return FAILED
    encoding = sys.stderr.encoding or "utf-8"
    text = f"cuda-install: {verdict_text(verdict)}"
    err(text.encode(encoding, "backslashreplace").decode(encoding))
    return DONE if verdict.ok else FAILED


def _interpreter(prefix: Path) -> Path:
    python = interpreter_of(prefix)
    if not python.exists():
        raise GuardError(
            "--verify cannot try this environment; it was installed into",
            why=Phrase("{prefix} has no Python", prefix=prefix),
            hint="conda cuda-install python pytorch, with the same -n or -p",
        )
    return python
