"""`pipcuda plan`: print the decision without carrying it out."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, contextmanager
from functools import lru_cache, partial
from io import TextIOWrapper
from typing import TYPE_CHECKING, TextIO

from conda_cuda_guard.batch import Defaults, answer
from conda_cuda_guard.host.assemble import machines
from conda_cuda_guard.host.files import opened
from conda_cuda_guard.host.overrides import read_options, read_overrides
from conda_cuda_guard.model import Phrase, UsageError
from conda_cuda_guard.model.errors import DONE, REFUSED, UNUSABLE
from conda_cuda_guard.model.host import this_platform
from conda_cuda_guard.rendering import plan_text, plan_to_json
from conda_cuda_guard.rendering.output import out, out_json
from pip_hook.files.file_roots import with_groups

from .active_environment import into_active
from .checking import check_line
from .deciding import decide_line
from .from_source import require_wheels
from .own_commands import escape_what_cannot_be_shown, print_help, read_own
from .target import target_libc, target_python

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conda_cuda_guard.model import Host

    from .command_line import CommandLine

LONGEST = 4 * 2**20  # characters of a request

_HELP = Phrase("""\
Usage:
  pipcuda plan [options] REQUIREMENT …     print what `pipcuda install` would do
  pipcuda plan --batch FILE                answer JSON Lines of requests (- is standard input)""")


def run_plan(words: list[str]) -> int:
    """Run `pipcuda plan` and return the exit status."""
    escape_what_cannot_be_shown()
    line = read_own("plan", words)
    mine = dict(line.own)
    if line.count("--help"):
        print_help("plan", _HELP)
        return DONE
    check_line("plan", line)
    if "--batch" in mine:
        return _batch(mine["--batch"], line)
    line = with_groups(into_active(line, installing=False)[0])
    named = ("--requirement", "--group", "--editable")
    if not line.requirements and not any(map(line.count, named)) and not _named_elsewhere(line):
        raise UsageError(
            "nothing to plan",
            why="no requirement was named",
            hint="pipcuda plan torch torchvision",
        )
    decision = decide_line(line, installing=False)
    require_wheels(line, decision)
    plan = decision.plan
    if "--json" in mine:
        out_json(plan_to_json(plan))
    else:
        out(plan_text(plan))
    return REFUSED if plan.status == "refused" else DONE


def _named_elsewhere(line: CommandLine) -> bool:
    """Return whether pip's variable names requirement files, as for pip itself."""
    return bool(os.environ.get("PIP_REQUIREMENT")) and not line.count("--isolated")


def _batch(name: str, line: CommandLine) -> int:
    """Print a Plan for each Request of a JSON Lines file, one at a time."""
    overrides = read_overrides(read_options(line.guard), os.environ)

    @lru_cache(maxsize=1)
    def here() -> tuple[Host, ...]:
        return machines(overrides, this_platform(), target_python(line, {}), target_libc(line, {}))

    policy = overrides.policy or "auto"
    defaults = Defaults(here, policy, cpu=bool(overrides.cpu), variant=overrides.variant)
    status = DONE
    with _lines(name) as lines:
        # What has no end of a line within this has none.
        for number, text in enumerate(iter(partial(lines.readline, LONGEST + 1), ""), start=1):
            if len(text) > LONGEST:
                raise UsageError(
                    Phrase("--batch {name}: line {number} is too long", name=name, number=number),
                    why=Phrase("it has more than {most} MB", most=LONGEST >> 20),
                    hint="write one request on each line",
                )
            if text.strip():
                plan, usable = answer(text, number, defaults)
                out_json(plan_to_json(plan), id=plan.id)
                status = status if usable else UNUSABLE
    return status


@contextmanager
def _lines(name: str) -> Iterator[TextIO]:
    if name == "-":
        yield sys.stdin
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(opened(name))
        except (OSError, ValueError) as error:
            raise UsageError(
                Phrase("--batch cannot read {name}", name=name),
                why=getattr(error, "strerror", None) or str(error),
                hint="name a file of JSON Lines, or - for standard input",
            ) from None
        yield TextIOWrapper(file, encoding="utf-8-sig", errors="backslashreplace")
