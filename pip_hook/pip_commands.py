"""pip's install, download and wheel: their CUDA requests decided, and what is left to run."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from conda_cuda_guard.model import GuardError, internal_error
from conda_cuda_guard.model.errors import REFUSED
from conda_cuda_guard.rendering import error_text, headline, note_lines
from conda_cuda_guard.rendering.language import translated
from conda_cuda_guard.rendering.output import err, trace
from pip_hook.files.file_roots import named_families, save_streams, with_groups

from .pip_settings import InvalidSettingError, times
from .run_pip import run_pip

if TYPE_CHECKING:
    from conda_cuda_guard.model import Note

    from .command_line import CommandLine
    from .deciding import LineDecision
    from .run_pip import Next, Run


# Why a line that names the family is left as typed, where that is said before pip runs.
_SAID_LEFT = ("accelerator", "board")


def prepared(line: CommandLine) -> Next:
    """Return what is left to do for a line of pip's."""
    if not line.count("--help"):
        line = _for_environment(line)
    try:
        if ("--verify", "") in line.guard and not line.count("--help"):
            return _verified(line)
        return _rewritten(line)
    except InvalidSettingError:
        return line.words  # pip reports the invalid value itself


def _for_environment(line: CommandLine) -> CommandLine:
    """Return the line for the active environment where pipcuda runs from a tool environment."""
    from .active_environment import into_active

    line, active = into_active(line)
    if active is not None and not line.count("--quiet"):
        told = translated("pipcuda: for the active environment, {folder} ({variable})")
        err(told.format(folder=active.folder, variable=active.variable))
    return line


def _verified(line: CommandLine) -> Next:
    """Return what is left to do for an install with --verify."""
    from .verify_command import install_and_verify, python_to_verify

    python = python_to_verify(line)
    left = _rewritten(line)
    if isinstance(left, int):
        return left
    install = partial(run_pip, left) if isinstance(left, list) else left
    return partial(install_and_verify, install, python)


def _rewritten(line: CommandLine) -> Next:
    if line.count("--help"):
        from .about import run_with_help

        return partial(run_with_help, line.words)
    line = with_groups(line)
    run = _installer(line)
    save_streams(line)
    named = named_families(line)
    if not (named.lead or named.spelt or named.built):
        return _held(line, run)
    from pip_hook.dependencies.constraints import notes_of, words_of

    from .deciding import decide_line, has_variants, spelt_line
    from .no_wheels import require_wheels

    decision = decide_line(line)
    require_wheels(line, decision)
    quiet = times(line, decision.settings, "quiet")
    _tell(decision, notes_of(line, decision), quiet=quiet)
    if decision.plan.status == "refused":
        return REFUSED
    if has_variants(decision.plan):
        from .uv import take_variant_wheels

        take_variant_wheels(decision.request.hosts)
    if decision.files.roots:
        from pip_hook.files.file_edits import use_copies

        use_copies(line, decision)
    if decision.is_open:
        from pip_hook.dependencies.open_run import open_run

        return open_run(line, decision, run)
    if not named.lead and decision.catalogue.family.lead.pip not in decision.plan.packages:
        return _held(spelt_line(line, decision), run)
    return partial(run, words_of(line, decision))


def _installer(line: CommandLine) -> Run:
    from .uv import is_asked, run_uv

    return run_uv if is_asked(line) else run_pip


def _held(line: CommandLine, run: Run) -> Next:
    """Return the run with transitive dependencies constrained; on an internal error, as typed."""
    from pip_hook.dependencies.constrained_run import bounded_run

    try:
        return bounded_run(line, run)
    except GuardError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours, whatever it is
        trace(error)
        err(error_text(internal_error("pipcuda", error)))
        return partial(run, line.words)


def _tell(decision: LineDecision, bounds: tuple[Note, ...], *, quiet: int) -> None:
    """Print to stderr what was changed and why; a plan without a change or a warning is silent.

    `bounds` are the notes on the constraints that the run is given.
    """
    plan = decision.plan
    lines = []
    if plan.status == "refused" or (plan.status == "ok" and not quiet):
        lines.append(f"pipcuda: {headline(plan)}")
        places = " ".join((*plan.index_urls, *plan.find_links))
        if places:
            lines.append(f"  from {places}")
        if decision.pins:
            named = dict.fromkeys(
                f"{o.file.path} (line {o.line.first + 1})" for o, _ in decision.pins
            )
            lines.append(f"  in   {', '.join(named)}: for this run, in a copy")
    elif plan.left in _SAID_LEFT and not quiet:
        lines.append(f"pipcuda: {headline(plan)}")
    changed = plan.status == "ok" and not quiet
    lines += note_lines((*plan.notes, *bounds), least="info" if changed else "warning")
    for text in lines:
        err(text)
