"""`pipcuda plan`: the decision, printed and not carried out."""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from conda_cuda_guard.batch import Defaults, answer
from conda_cuda_guard.host import this_platform
from conda_cuda_guard.host.assemble import machines
from conda_cuda_guard.host.overrides import read_overrides
from conda_cuda_guard.model import Phrase, UsageError
from conda_cuda_guard.rendering import plan_text, plan_to_json
from conda_cuda_guard.rendering.language import said
from pip_hook.files.file_roots import with_groups

from .command_line import PLAN_OPTIONS, CommandLine, read_command_line, read_guard_options
from .deciding import decide_line
from .own_commands import escape_what_cannot_be_shown
from .target import target_libc, target_python

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conda_cuda_guard.model import Host

_HELP = Phrase("""\
Usage:
  pipcuda plan [options] REQUIREMENT …     print what `pipcuda install` would do
  pipcuda plan --batch FILE                answer JSON Lines of requests (- is standard input)

Takes pip install's options, and:
  --json               print one JSON object
  --cuda X.Y           the newest CUDA that the driver supports (empty: no CUDA)
  --driver V           the driver's version
  --gpu NAME|X.Y       a GPU, by name or compute capability; repeatable
  --host FILE          a machine as JSON, or several as JSON Lines
  --cpu                take the CPU build
  --policy auto|strict strict: no minor-version compatibility
  --as-is              check and warn, rewrite nothing
  --offline            the built-in catalogue only, no index is asked
  --prefer-index       take the plain wheel of your own index where it is the planned build
  --locked             name the planned files by their addresses and hashes

All but --json and --batch are options of `pipcuda install`, `download` and `wheel` too. `install`
also takes --verify, which tries torch afterwards, and --installer uv, which lets uv install.""")

_REFUSED = 3
_UNUSABLE = 2


def run_plan(words: list[str]) -> int:
    """Run `pipcuda plan` with the words after it."""
    escape_what_cannot_be_shown()
    line = read_command_line(words, as_command="install")
    mine = dict(pair for pair in line.guard if pair[0] in PLAN_OPTIONS)
    line.guard = [pair for pair in line.guard if pair[0] not in PLAN_OPTIONS]
    if line.count("--help"):
        print(said(_HELP))
        return 0
    if "--batch" in mine:
        return _batch(mine["--batch"], line)
    line = with_groups(line)
    if not (line.requirements or line.count("--requirement") or line.count("--group")):
        raise UsageError(
            "nothing to plan",
            why="no requirement was named",
            hint="pipcuda plan torch torchvision",
        )
    plan = decide_line(line, installing=False).plan
    if "--json" in mine:
        print(json.dumps(plan_to_json(plan)))
    else:
        print(plan_text(plan))
    return _REFUSED if plan.status == "refused" else 0


def _batch(name: str, line: CommandLine) -> int:
    """Answer JSON Lines of Requests by JSON Lines of Plans, one at a time."""
    overrides = read_overrides(read_guard_options(line.guard), os.environ)

    @lru_cache(maxsize=1)
    def here() -> tuple[Host, ...]:
        return machines(overrides, this_platform(), target_python(line, {}), target_libc(line, {}))

    defaults = Defaults(here, overrides.policy or "auto", cpu=bool(overrides.cpu))
    status = 0
    with _lines(name) as lines:
        for number, text in enumerate(lines, start=1):
            if text.strip():
                plan, usable = answer(text, number, defaults)
                print(json.dumps(plan_to_json(plan)))
                status = status if usable else _UNUSABLE
    return status


@contextmanager
def _lines(name: str) -> Iterator[TextIO]:
    if name == "-":
        yield sys.stdin
        return
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(
                Path(name).open(encoding="utf-8-sig", errors="backslashreplace")
            )
        except OSError as error:
            raise UsageError(
                Phrase("--batch cannot read {name}", name=name),
                why=error.strerror or str(error),
                hint="name a file of JSON Lines, or - for standard input",
            ) from None
        yield opened
