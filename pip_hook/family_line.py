"""Lines of pip's that name a family: decided, told, and what is left to run."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from conda_cuda_guard.model.errors import REFUSED
from conda_cuda_guard.rendering import headline, note_lines
from conda_cuda_guard.rendering.output import err, err_found
from pip_hook.dependencies.constraints import for_this_run, notes_of, words_of

from .deciding import decide_line, has_variants, spelt_line
from .from_source import require_wheels
from .pip_settings import times

if TYPE_CHECKING:
    from conda_cuda_guard.model import Note
    from pip_hook.files.file_roots import NamedFamilies

    from .command_line import CommandLine
    from .deciding import LineDecision
    from .run_pip import Next, Run


# Why a line that names the family is left as typed, where that is said before pip runs.
_SAID_LEFT = ("accelerator", "accelerator-build", "board")


def decided(line: CommandLine, named: NamedFamilies, run: Run) -> Next:
    """Return what is left to do for a line that names these families.

    `run` runs pip with an argument list and returns its exit status.
    """
    decision = decide_line(line)
    require_wheels(line, decision)
    quiet = times(line, decision.settings, "quiet")
    _tell(decision, notes_of(line, decision), quiet=quiet)
    if decision.plan.status == "refused":
        return REFUSED
    if has_variants(decision.plan):
        decision = _with_variants(line, decision)
    if decision.plan.from_source:
        from .from_source import build_last

        return build_last(line, decision, run)
    line = for_this_run(line, decision)
    if decision.is_open:
        from .dependencies.constrained_run import open_run

        return open_run(line, decision, run)
    if not named.lead and decision.catalogue.family.lead.pip not in decision.plan.packages:
        from conda_cuda_guard.planner.agreement import cuda_beside

        from .dependencies.constrained_run import held

        line = spelt_line(line, decision)
        beside = cuda_beside(decision.plan, decision.catalogue)
        return held(line, run, beside) or partial(run, line.words)
    return partial(_pinned, line, decision, run)


def _pinned(line: CommandLine, decision: LineDecision, run: Run) -> int:
    """Run pip for a line whose versions are decided, and return its exit status."""
    status = run(words_of(line, decision))
    if status:
        from .dependencies.explain_failure import explain_pinned

        err_found(partial(explain_pinned, line, decision))
    return status


def _with_variants(line: CommandLine, decision: LineDecision) -> LineDecision:
    """Return a decision for variant wheels as the installer takes it."""
    if decision.request.variants_by == "uv":
        from .uv import take_variant_wheels

        take_variant_wheels(decision.request.hosts)
        return decision
    from .variant_files import fetched

    return fetched(line, decision)


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
