"""Measure detection: ours whole, each source alone, our commands; what is asked first is coldest.

Prints a table, and exits with 1 where a source that is there was too slow for its limit.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from conda_cuda_guard.host import detection
from conda_cuda_guard.host.child import run_bounded
from conda_cuda_guard.host.finding import Detection, Finding, ProbeSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

_AGAIN = 3
# More than any source is given by the tool: what a slow one really needs is to be seen.
_LIMIT = 20.0
_COMMANDS = (
    ("-m", "conda_cuda_guard.host"),
    ("-m", "pip_hook", "plan", "torch", "--offline"),
    ("-m", "pip_hook", "doctor", "--offline"),
)


@dataclass(frozen=True)
class Time:
    """The seconds of the first call and the median of those after it, and what was answered."""

    name: str
    first: float
    after: float
    answer: str

    def __str__(self) -> str:
        """Return a line of the table."""
        return f"{self.name:36} {1000 * self.first:7.0f} {1000 * self.after:7.0f}  {self.answer}"


def measure(name: str, call: Callable[[], Any], answer: Callable[[Any], str]) -> Time:
    """Call a few times, and return how long it took."""
    seconds = []
    for _ in range(1 + _AGAIN):
        start = time.perf_counter()
        found = call()
        seconds.append(time.perf_counter() - start)
    return Time(name, seconds[0], statistics.median(seconds[1:]), answer(found))


def times(root: Path) -> Iterator[Time]:
    """Yield the time of everything, coldest first."""
    yield measure("detection, as for a plan", partial(detection.detect, roots=root), _detected)
    settings = ProbeSettings(os.environ, root, _LIMIT)
    for source, look in detection.SOURCES:
        yield measure(source, partial(look, settings), _found)
    everything = partial(detection.detect, roots=root, everything=True)
    yield measure("detection, as for the doctor", everything, _detected)
    for words in _COMMANDS:
        yield measure(" ".join(words[1:]), partial(_run, *words), str)


def _run(*words: str) -> str:
    ended = run_bounded([sys.executable, *words], environ=os.environ, limit=_LIMIT)
    return ended.problem or "status 0"


def _detected(found: Detection) -> str:
    late = [f"{one.source}: {one.problem}" for one in found.trail if _is_late(one)]
    gpus = "no" if found.gpus is None else len(found.gpus)
    return "; ".join([f"driver {found.driver}, CUDA {found.cuda}, {gpus} GPU(s)", *late])


def _found(finding: Finding) -> str:
    told = f"driver {finding.driver}, CUDA {finding.cuda}, GPUs {len(finding.gpus or ())}"
    return f"{told}; {finding.problem}" if finding.problem else told


def _is_late(finding: Finding) -> bool:
    return any(words in (finding.problem or "") for words in ("no answer within", "no time left"))


def main(root: Path) -> int:
    """Print the table, and return the exit status."""
    print(f"{'ms':36} {'first':>7} {'after':>7}  (median of {_AGAIN})")
    late = False
    for one in times(root):
        print(one, flush=True)
        late |= "no answer within" in one.answer or "no time left" in one.answer
    return int(late)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
