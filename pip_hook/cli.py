"""`pipcuda`: pip, with the CUDA requests of install, download and wheel rewritten."""

from __future__ import annotations

import os
import sys
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Callable, Union

from .run_pip import run_pip, uncollected

if TYPE_CHECKING:
    from conda_cuda_guard.model import Note

    from .command_line import CommandLine
    from .deciding import LineDecision

_REWRITTEN = ("install", "download", "wheel")
# The commands that pip does not have, and the functions that run them.
_OURS = {
    "plan": (".plan_command", "run_plan"),
    "rewrite": (".rewrite_command", "run_rewrite"),
    "env": (".env.env_command", "run_env"),
    "verify": (".verify_command", "run_verify"),
    "mirrors": (".mirrors.mirrors_command", "run_mirrors"),
    "doctor": (".doctor_command", "run_doctor"),
    "explain": (".explain_command", "run_explain"),
    "matrix": (".matrix_command", "run_matrix"),
}

# First words that pip and pipcuda answer together.
_ABOUT = ("--help", "-h", "help", "--version", "-V")
# pip's other commands. Any other first word may be a mistyped command of ours.
_PIPS = frozenset(
    ("cache", "check", "completion", "config", "debug", "freeze", "hash", "index", "inspect",
     "list", "lock", "search", "show", "uninstall")
)  # fmt: skip

# What is left to do: run pip with these words, exit with this status, or call this.
Next = Union[list[str], int, Callable[[], int]]
# Runs the words of a line and returns the exit status.
Run = Callable[[list[str]], int]


def main(arguments: list[str] | None = None) -> int:
    """Run pipcuda and return the exit status of the contract (section 1)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    left: Next = words
    if "PIP_AUTO_COMPLETE" in os.environ:
        from .completion import complete

        left = words if complete() else 1  # as pip ends
    elif _may_be_ours(words):
        with uncollected():
            left = _guarded(words)
    if isinstance(left, list):
        return run_pip(left)
    if isinstance(left, int):
        return left
    try:
        # Nothing of ours can fail from here on; where pip fails, it reports that itself.
        return left()
    except BrokenPipeError:
        return _nobody_reads()


def _may_be_ours(words: list[str]) -> bool:
    """Return False, loading nothing, for lines that are pip's alone: they cost what pip costs."""
    if not words or words[0] in _ABOUT:
        return True
    if words[0] == "completion":
        return len(words) > 1
    unknown = not words[0].startswith("-") and words[0] not in _PIPS
    return unknown or any(word in _OURS or word in _REWRITTEN for word in words)


def _guarded(words: list[str]) -> Next:
    """Return what is left to do; any failure of ours ends in one clear message."""
    try:
        from conda_cuda_guard.model import GuardError, internal_error
        from conda_cuda_guard.model.errors import INTERRUPTED
        from conda_cuda_guard.rendering import error_text
        from conda_cuda_guard.rendering.output import err, trace
    except KeyboardInterrupt:
        return 130  # INTERRUPTED, which was just about to be loaded
    try:
        return _prepared(words)
    except GuardError as error:
        err(error_text(error))
        return error.exit_status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _nobody_reads()
    except Exception as error:  # noqa: BLE001 - a fault of ours, whatever it is
        if _is_full(error):
            return _nobody_reads()
        trace(error)
        told = internal_error("pipcuda", error)
        err(error_text(told))
        return told.exit_status


def _prepared(words: list[str]) -> Next:
    """Return what is left to do, and warn of the family files that were left out on the way."""
    # What `explain` tells of other packages is whether their rules can be used.
    silent = words[:1] == ["explain"]
    left = _prepare(words)
    if "conda_cuda_guard.catalogue.third_party" in sys.modules and not silent:
        _tell_left_out()
    return left


def _tell_left_out() -> None:
    """Print a warning of each family file that is left out."""
    from conda_cuda_guard import catalogue
    from conda_cuda_guard.rendering.family_text import unusable_lines
    from conda_cuda_guard.rendering.output import err

    for text in unusable_lines(catalogue.unusable_families()):
        err(text)


def _is_full(error: Exception) -> bool:
    """Return whether standard output takes no more (a full disk), and say so."""
    if not isinstance(error, OSError):
        return False
    try:
        sys.stdout.flush()
    except OSError as found:
        from conda_cuda_guard.model import GuardError
        from conda_cuda_guard.rendering import error_text
        from conda_cuda_guard.rendering.output import err

        told = GuardError(
            "the output cannot be written",
            why=found.strerror or str(found),
            hint="make room there, or send it elsewhere",
        )
        err(error_text(told))
        return True
    return False


def _nobody_reads() -> int:
    """Return the exit status where the reader of our output has closed the pipe."""
    from conda_cuda_guard.model.errors import FAILED

    # Python writes what is left at its end, and must not fail there once more.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED


def _prepare(words: list[str]) -> Next:
    from . import command_line

    if not words or words[0] in _ABOUT:
        return _about(words)
    if words[0] == "completion":
        from .completion import print_script

        return 0 if print_script(words[1]) else words
    line = command_line.read_command_line(words)
    if line.command in _OURS or line.command in _REWRITTEN:
        from conda_cuda_guard.host.private_folder import remove_left_behind

        remove_left_behind()
    if line.command in _OURS:
        # By its index: a requirement or a folder may have the same name.
        del words[len(words) - len(line.words) + (line.command_at or 0)]
        return _own(line.command, words)
    if line.command not in _REWRITTEN:
        from .about import require_command

        require_command(words[0])
        return words
    if line.faults and not line.count("--help"):
        from .checking import suggest_ours

        suggest_ours(line)
    if not line.count("--help"):
        line = _for_environment(line)
    from .pip_settings import InvalidSettingError

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
        from conda_cuda_guard.rendering.language import translated
        from conda_cuda_guard.rendering.output import err

        told = translated("pipcuda: for the active environment, {folder} ({variable})")
        err(told.format(folder=active.folder, variable=active.variable))
    return line


def _about(words: list[str]) -> Next:
    from .about import tell_about

    if words[:1] == ["help"] and words[1:2] and words[1] in _OURS:
        return _own(words[1], ["--help"])
    return tell_about(words)


def _own(command: str, words: list[str]) -> int:
    module, name = _OURS[command]
    status: int = getattr(import_module(module, __package__), name)(words)
    sys.stdout.flush()  # here, where a closed pipe is handled
    return status


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
    from conda_cuda_guard.model.errors import REFUSED
    from pip_hook.files.file_roots import named_families, save_streams, with_groups

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
    from .pip_settings import times

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
        from pip_hook.dependencies.constrained_run import open_run

        return open_run(line, decision, run)
    if not named.lead and decision.catalogue.family.lead.pip not in decision.plan.packages:
        return _held(spelt_line(line, decision), run)
    return partial(run, words_of(line, decision))


def _installer(line: CommandLine) -> Run:
    from .uv import is_asked, run_uv

    return run_uv if is_asked(line) else run_pip


def _held(line: CommandLine, run: Run) -> Next:
    """Return the run with transitive dependencies constrained; on an internal error, as typed."""
    from conda_cuda_guard.model import GuardError, internal_error
    from conda_cuda_guard.rendering import error_text
    from conda_cuda_guard.rendering.output import err, trace
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
    from conda_cuda_guard.rendering import headline, note_lines
    from conda_cuda_guard.rendering.output import err

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
    changed = plan.status == "ok" and not quiet
    lines += note_lines((*plan.notes, *bounds), least="info" if changed else "warning")
    for text in lines:
        err(text)


if __name__ == "__main__":
    sys.exit(main())
