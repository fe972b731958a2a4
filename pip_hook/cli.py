"""`pipcuda`: pip, with the CUDA requests of install, download and wheel put right."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Union

from .handover import run_pip

if TYPE_CHECKING:
    from .command_line import CommandLine
    from .deciding import Decision

_REWRITTEN = ("install", "download", "wheel")
_INTERRUPTED = 130
# How our options begin (`command_line.GUARD_OPTIONS`), to tell a line that has none of them.
_GUARD_PREFIXES = (
    "--cuda",
    "--driver",
    "--gpu",
    "--host",
    "--cpu",
    "--policy",
    "--as-is",
    "--offl",
    "--prefer-i",
    "--locked",
)

# What is left to do: run pip with these words, or exit with this status.
Next = Union[list[str], int]


def main(arguments: list[str] | None = None) -> int:
    """Run pipcuda; returns the exit status of the contract (section 1)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    left = _guarded(words) if _may_be_ours(words) else words
    return left if isinstance(left, int) else run_pip(left)


def _may_be_ours(words: list[str]) -> bool:
    """Tell quickly, loading nothing, the lines that are pip's alone: they cost what pip costs."""
    if "plan" in words or "mirrors" in words:
        return True
    if not any(word in _REWRITTEN for word in words):
        return False
    return any("torch" in word.lower() or word.startswith(_GUARD_PREFIXES) for word in words)


def _guarded(words: list[str]) -> Next:
    """Do our part so that whatever goes wrong in it ends in one clear message."""
    try:
        from conda_cuda_guard.model import GuardError, fault
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
        print(error_text(fault("pipcuda", error)), file=sys.stderr)
        return GuardError.exit_status


def _prepare(words: list[str]) -> Next:
    from . import command_line

    line = command_line.read(words)
    if line.command == "plan":
        from .plan_command import run_plan

        words.remove("plan")
        status = run_plan(words)
        sys.stdout.flush()  # here, where a reader that went away is no fault
        return status
    if line.command == "mirrors":
        from .mirrors.command import run_mirrors

        words.remove("mirrors")
        status = run_mirrors(words)
        sys.stdout.flush()
        return status
    if line.command not in _REWRITTEN:
        return words
    return _rewritten(line)


def _rewritten(line: CommandLine) -> Next:
    from .deciding import decide, names_family
    from .rewriting import rewrite

    requirements = [line.words[at] for at in line.requirements]
    if not names_family(requirements) or line.count("--help"):
        return line.words
    decision = decide(line)
    _tell(decision, quiet=line.count("--quiet"))
    if decision.plan.status == "refused":
        return 3
    return rewrite(line, decision)


def _tell(decision: Decision, *, quiet: int) -> None:
    """Say on stderr what was changed and why; a plan without a change or a warning is silent."""
    from conda_cuda_guard.rendering import headline, note_lines, redact

    plan = decision.plan
    lines = []
    if plan.status == "refused" or (plan.status == "ok" and not quiet):
        lines.append(f"pipcuda: {headline(plan)}")
        places = " ".join((*plan.index_urls, *plan.find_links))
        if places:
            lines.append(f"  from {redact(places)}")
    changed = plan.status == "ok" and not quiet
    lines += note_lines(plan.notes, least="info" if changed else "warning")
    for text in lines:
        print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
