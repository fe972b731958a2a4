"""`pipcuda`: pip, with the CUDA requests of install, download and wheel put right."""

from __future__ import annotations

import os
import sys
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Callable, Union

from .run_pip import run_pip, uncollected

if TYPE_CHECKING:
    from .command_line import CommandLine
    from .deciding import LineDecision

_REWRITTEN = ("install", "download", "wheel")
# The commands that pip has not, and what runs them.
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
_INTERRUPTED = 130

# What is left to do: run pip with these words, exit with this status, or do this.
Next = Union[list[str], int, Callable[[], int]]
# Runs the words of a line, and gives the exit status.
Run = Callable[[list[str]], int]


def main(arguments: list[str] | None = None) -> int:
    """Run pipcuda; returns the exit status of the contract (section 1)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    left: Next = words
    if _may_be_ours(words):
        with uncollected():
            left = _guarded(words)
    if isinstance(left, list):
        return run_pip(left)
    # What is left cannot fail on our account; where pip does, its words are for the person.
    return left if isinstance(left, int) else left()


def _may_be_ours(words: list[str]) -> bool:
    """Tell quickly, loading nothing, the lines that are pip's alone: they cost what pip costs."""
    return any(word in _OURS or word in _REWRITTEN for word in words)


def _guarded(words: list[str]) -> Next:
    """Do our part so that whatever goes wrong in it ends in one clear message."""
    try:
        from conda_cuda_guard.model import GuardError, internal_error
        from conda_cuda_guard.rendering import error_text
    except KeyboardInterrupt:
        return _INTERRUPTED
    try:
        return _prepare(words)
    except GuardError as error:
        print(error_text(error), file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away: nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if os.environ.get("CUDA_GUARD_DEBUG"):
            raise
        print(error_text(internal_error("pipcuda", error)), file=sys.stderr)
        return GuardError.exit_status


def _prepare(words: list[str]) -> Next:
    from . import command_line

    line = command_line.read_command_line(words)
    if line.command in _OURS:
        # By its place: the name may be a requirement's or a folder's too.
        del words[len(words) - len(line.words) + (line.command_at or 0)]
        module, name = _OURS[line.command]
        status: int = getattr(import_module(module, __package__), name)(words)
        sys.stdout.flush()  # here, where a reader that went away is no fault
        return status
    if line.command not in _REWRITTEN:
        return words
    if ("--verify", "") in line.guard and not line.count("--help"):
        return _verified(line)
    return _rewritten(line)


def _verified(line: CommandLine) -> Next:
    """Have what is installed tried afterwards."""
    from .verify_command import install_and_verify, python_to_verify

    python = python_to_verify(line)
    left = _rewritten(line)
    if isinstance(left, int):
        return left
    install = partial(run_pip, left) if isinstance(left, list) else left
    return partial(install_and_verify, install, python)


def _rewritten(line: CommandLine) -> Next:
    from pip_hook.files.file_roots import names_family, save_streams, with_groups

    if line.count("--help"):
        return line.words
    line = with_groups(line)
    run = _installer(line)
    save_streams(line)
    if not names_family(line):
        return _held(line, run)
    from pip_hook.dependencies.constraints import words_of

    from .deciding import decide_line

    decision = decide_line(line)
    _tell(decision, quiet=line.count("--quiet"))
    if decision.plan.status == "refused":
        return 3
    if decision.files.roots:
        from pip_hook.files.file_edits import use_copies

        use_copies(line, decision)
    if decision.is_open:
        from pip_hook.dependencies.constrained_run import open_run

        return open_run(line, decision, run)
    return partial(run, words_of(line, decision))


def _installer(line: CommandLine) -> Run:
    from .uv import is_asked, run_uv

    return run_uv if is_asked(line) else run_pip


def _held(line: CommandLine, run: Run) -> Next:
    """Hold what other people's packages bring in; a fault of ours leaves the line as typed."""
    from conda_cuda_guard.model import GuardError, internal_error
    from conda_cuda_guard.rendering import error_text
    from pip_hook.dependencies.constrained_run import bounded_run

    try:
        return bounded_run(line, run)
    except GuardError:
        raise
    except Exception as error:
        if os.environ.get("CUDA_GUARD_DEBUG"):
            raise
        print(error_text(internal_error("pipcuda", error)), file=sys.stderr)
        return partial(run, line.words)


def _tell(decision: LineDecision, *, quiet: int) -> None:
    """Say on stderr what was changed and why; a plan without a change or a warning is silent."""
    from conda_cuda_guard.model.redaction import redact
    from conda_cuda_guard.rendering import headline, note_lines

    plan = decision.plan
    lines = []
    if plan.status == "refused" or (plan.status == "ok" and not quiet):
        lines.append(f"pipcuda: {headline(plan)}")
        places = " ".join((*plan.index_urls, *plan.find_links))
        if places:
            lines.append(f"  from {redact(places)}")
        if decision.pins:
            named = dict.fromkeys(
                f"{o.file.path} (line {o.line.first + 1})" for o, _ in decision.pins
            )
            lines.append(f"  in   {redact(', '.join(named))}: for this run, in a copy")
    changed = plan.status == "ok" and not quiet
    lines += note_lines(plan.notes, least="info" if changed else "warning")
    for text in lines:
        print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
