"""Run the steps of a check, each bounded in time, and keep what they printed."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard.host.child import Outcome, run_bounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from .anonymous import Anonymizer

OK, FAILED, CANNOT = "ok", "FAILED", "cannot run"
# Returns what is wrong with how a step ended, None where nothing is.
Judge = Callable[[Outcome], "str | None"]


class CannotRunError(Exception):
    """What a judge raises where the machine does not allow the step, with the reason."""


@dataclass(frozen=True)
class Step:
    """A command, what it must do, and the seconds that it has.

    `variables` go into its environment; `obstacle` says why it cannot run here.
    """

    name: str
    command: Sequence[str]
    judge: Judge
    limit: float = 30.0
    variables: Mapping[str, str] = field(default_factory=dict)
    obstacle: str | None = None


@dataclass(frozen=True)
class Result:
    """How a step ended, with all that it printed."""

    name: str
    result: str
    why: str
    seconds: float
    command: str
    output: str


def run_steps(
    steps: Iterable[Step], environ: Mapping[str, str], hide: Anonymizer, *, limit: float
) -> Iterator[Result]:
    """Yield the result of each step; all of them together have `limit` seconds."""
    end = time.monotonic() + limit
    for step in steps:
        start = time.monotonic()
        result, why, output = _run(step, environ, end - start)
        seconds = time.monotonic() - start
        texts = (why, " ".join(step.command), output)
        why, command, output = map(hide.text, texts)
        yield Result(step.name, result, why, round(seconds, 2), command, output)


def _run(step: Step, environ: Mapping[str, str], left: float) -> tuple[str, str, str]:
    if step.obstacle:
        return CANNOT, step.obstacle, ""
    limit = min(step.limit, left)
    if limit <= 0:
        return FAILED, "no time was left for it", ""
    ended = run_bounded(step.command, environ={**environ, **step.variables}, limit=limit)
    if ended.status is None:
        return FAILED, ended.problem or "it did not end", ended.output
    try:
        wrong = step.judge(ended)
    except CannotRunError as reason:
        return CANNOT, str(reason), ended.output
    return FAILED if wrong else OK, wrong or "", ended.output


def table(results: Sequence[Result]) -> str:
    """Return a line for each result, and one that counts them."""
    width = max((len(one.name) for one in results), default=0)
    lines = [
        f"{one.name:{width}}  {one.result:10} {one.seconds:6.1f} s  {one.why}".rstrip()
        for one in results
    ]
    counts = {kind: sum(one.result == kind for one in results) for kind in (OK, FAILED, CANNOT)}
    return "\n".join([*lines, ", ".join(f"{count} {kind}" for kind, count in counts.items())])


def keep(results: Sequence[Result], folder: Path) -> None:
    """Write the table, and the outputs for people and for programs, into a folder."""
    heads = (f"==== {one.name}: {one.result}, {one.seconds:.1f} s {one.why}" for one in results)
    sections = (
        f"{head.rstrip()}\n$ {one.command}\n{one.output}" for head, one in zip(heads, results)
    )
    files = {
        "summary.txt": table(results) + "\n",
        "outputs.txt": "\n".join(sections),
        "outputs.json": json.dumps([asdict(one) for one in results], indent=1, ensure_ascii=False),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
