"""Run the probe in the environment's interpreter, and tell how it ended."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

from conda_cuda_guard.host.child import Output, decode, last_report, start, stop
from conda_cuda_guard.host.private_folder import scratch_folder
from conda_cuda_guard.model import Note, Phrase, UsageError

_LONGEST = 300


def one_line(text: str) -> str:
    """Return a text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


# Exit statuses of Windows.
_WINDOWS = {
    0xC0000005: Phrase("an access violation"),
    0xC000001D: Phrase("an illegal instruction"),
}


def early_end(findings: Findings) -> Note:
    """Return the note of where the probe ended, and how."""
    if not findings.report:
        return _no_answer(findings)
    facts = {"doing": _doing(findings.last_step), "python": findings.python}
    if findings.status is None:
        return _too_late(findings, facts["doing"])
    how = how_it_ended(findings.status)
    facts = {**facts, "how": how, "output": one_line(findings.output[-300:])}
    importing = findings.last_step == "torch"
    if "illegal instruction" in how.lower() or "SIGILL" in how:
        return Note("torch-crashed", "error", "illegal-instruction", facts)
    return Note("torch-import-failed" if importing else "torch-crashed", "error", "crash", facts)


def _no_answer(findings: Findings) -> Note:
    facts = {"python": findings.python, "output": one_line(findings.output[-300:])}
    if findings.status is None:
        return _too_late(findings, Phrase("starting the interpreter"))
    return Note(
        "interpreter-failed", "error", facts={**facts, "how": how_it_ended(findings.status)}
    )


def _too_late(findings: Findings, doing: str) -> Note:
    facts = {"doing": doing, "limit": f"{findings.limit:g}"}
    return Note("verification-timeout", "error", facts=facts)


def _doing(step: str) -> str:
    name, _, place = step.partition(" ")
    place = Phrase("the CPU") if place == "cpu" else place
    doing = {
        "torch": Phrase("importing torch"),
        "cuda": Phrase("asking for CUDA"),
        "product": Phrase("multiplying matrices on {place}", place=place),
        "convolution": Phrase("convolving on {place}", place=place),
        "torchvision": Phrase("importing torchvision"),
        "nms": Phrase("running torchvision's nms on {place}", place=place),
    }
    return doing.get(name, Phrase("starting"))


def how_it_ended(status: int) -> str:
    """Return how a process ended: by which signal, or with which status."""
    if status < 0:
        try:
            return Phrase("was killed by {signal}", signal=signal.Signals(-status).name)
        except ValueError:
            return Phrase("was killed by signal {number}", number=-status)
    known = _WINDOWS.get(status)
    if known:
        return Phrase("was ended by {known}", known=known)
    return Phrase("ended with status {status}", status=status)


@dataclass(frozen=True)
class Findings:
    """The last report of the probe; `status` is None when it was stopped for the time it took.

    `output` is the end of what the process printed.
    """

    python: str
    report: Mapping[str, Any] = field(default_factory=dict)
    status: int | None = 0
    output: str = ""
    limit: float = 0.0

    @property
    def is_complete(self) -> bool:
        """Whether the probe came to its end."""
        return bool(self.report.get("done"))

    @property
    def last_step(self) -> str:
        """The step that was under way at the end."""
        return str(self.report.get("step", ""))

    def step(self, name: str) -> Mapping[str, Any]:
        """Return what a step answered, nothing where it was not reached."""
        found = self.report.get(name)
        return found if isinstance(found, dict) else {}


TIMEOUT = 120.0
_TAIL = 4096
_LONGEST_REPORT = 1024 * 1024
_REAPING = 1.0


def run_probe(python: Path, *, timeout: float = TIMEOUT) -> Findings:
    """Return what an interpreter's torch did in at most `timeout` seconds."""
    with probing(python) as ended:
        return ended(timeout)


@contextmanager
def probing(python: Path, lines: str = "") -> Iterator[Callable[[float], Findings]]:
    """Run the probe in an interpreter, and give the function that waits so many seconds for it.

    With `lines` it tries the package that these are about, else torch.
    """
    with scratch_folder() as folder:
        report = folder / "report"
        report.touch()
        process = _start(python, report, lines)
        output = Output(process.stdout, _TAIL, end=True)

        def ended(timeout: float) -> Findings:
            try:
                status: int | None = process.wait(max(timeout, 0))
            except subprocess.TimeoutExpired:
                status = None
            stop(process)
            output.ended(_REAPING)  # a process that kept the pipe is not waited for
            with report.open("rb") as file:
                known = last_report(decode(file.read(_LONGEST_REPORT)))
            return Findings(str(python), known, status, output.text(), timeout)

        try:
            yield ended
        finally:
            # Also what it started, and also after an interrupt.
            stop(process)


def _start(python: Path, report: Path, lines: str) -> subprocess.Popen[bytes]:
    probe = Path(__file__).with_name("probe.py")
    command = [str(python), str(probe), str(report), *([lines] if lines else [])]
    try:
        return start(command, os.environ)
    except (OSError, ValueError) as error:
        raise UsageError(
            Phrase("{python} cannot be run", python=python),
            why=getattr(error, "strerror", None) or str(error),
            hint="name an interpreter or an environment's folder: --python .venv",
        ) from None
