"""`pipcuda`: pip, with the CUDA requests of install, download and wheel put right."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .handover import run_pip

if TYPE_CHECKING:
    from .deciding import Decision

_REWRITTEN = ("install", "download", "wheel")


def main(arguments: list[str] | None = None) -> int:
    """Run pipcuda; returns the exit status of the contract (section 1)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not any(word in (*_REWRITTEN, "plan") for word in words):
        return run_pip(words)
    # Only now is anything of the planner loaded: every other command costs what pip costs.
    from conda_cuda_guard.model import GuardError
    from conda_cuda_guard.rendering import error_text

    try:
        return _dispatch(words)
    except GuardError as error:
        print(error_text(error), file=sys.stderr)
        return error.exit_status


def _dispatch(words: list[str]) -> int:
    from . import command_line

    if words[0] == "plan":
        from .plan_command import run_plan

        return run_plan(words[1:])
    line = command_line.read(words)
    if line.command not in _REWRITTEN:
        return run_pip(words)
    return _install(line)


def _install(line: object) -> int:
    from .command_line import CommandLine
    from .deciding import decide, names_family
    from .rewriting import rewrite

    assert isinstance(line, CommandLine)  # noqa: S101
    requirements = [line.words[at] for at in line.requirements]
    if not names_family(requirements) or line.count("--help"):
        return run_pip(line.words)
    decision = decide(line)
    _tell(decision, quiet=line.count("--quiet"))
    if decision.plan.status == "refused":
        return 3
    return run_pip(rewrite(line, decision))


def _tell(decision: Decision, *, quiet: int) -> None:
    """Say on stderr what was changed and why; a plan without a change or a warning is silent."""
    from conda_cuda_guard.rendering import headline, note_lines, redact

    plan = decision.plan
    least = "warning" if plan.status == "unchanged" or quiet else "info"
    notes = note_lines(plan.notes, least=least)
    lines = []
    if plan.status == "refused" or (plan.status == "ok" and not quiet):
        lines.append(f"pipcuda: {headline(plan)}")
        places = " ".join((*plan.index_urls, *plan.find_links))
        if places:
            lines.append(f"  from {redact(places)}")
    for text in (*lines, *notes):
        print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
