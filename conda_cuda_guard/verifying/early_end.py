"""A probe that did not come to its end: stopped for its time, killed by a signal, or gone."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note

from .wording import one_line

if TYPE_CHECKING:
    from .findings import Findings

_DOING = {
    "torch": "importing torch",
    "cuda": "asking for CUDA",
    "product": "multiplying matrices on {place}",
    "torchvision": "importing torchvision",
    "nms": "running torchvision's nms on {place}",
}
# How Windows says it, in a status: an access violation and an illegal instruction.
_WINDOWS = {0xC0000005: "an access violation", 0xC000001D: "an illegal instruction"}


def early_end(findings: Findings) -> Note:
    """Say where the probe ended, and how."""
    if not findings.report:
        return _no_answer(findings)
    facts = {"doing": _doing(findings.last_step), "python": findings.python}
    if findings.status is None:
        return _too_late(findings, facts["doing"])
    how = _how(findings.status)
    facts = {**facts, "how": how, "output": one_line(findings.output[-300:])}
    importing = findings.last_step == "torch"
    if "illegal instruction" in how.lower() or "SIGILL" in how:
        return Note("torch-crashed", "error", "illegal-instruction", facts)
    return Note("torch-import-failed" if importing else "torch-crashed", "error", "crash", facts)


def _no_answer(findings: Findings) -> Note:
    facts = {"python": findings.python, "output": one_line(findings.output[-300:])}
    if findings.status is None:
        return _too_late(findings, "starting the interpreter")
    return Note("interpreter-failed", "error", facts={**facts, "how": _how(findings.status)})


def _too_late(findings: Findings, doing: str) -> Note:
    facts = {"doing": doing, "limit": f"{findings.limit:g}"}
    return Note("verification-timeout", "error", facts=facts)


def _doing(step: str) -> str:
    name, _, place = step.partition(" ")
    return _DOING.get(name, "starting").format(place="the CPU" if place == "cpu" else place)


def _how(status: int) -> str:
    """Say how a process ended: by which signal, or with which status."""
    if status < 0:
        try:
            return f"killed by {signal.Signals(-status).name}"
        except ValueError:
            return f"killed by signal {-status}"
    known = _WINDOWS.get(status)
    return f"ended by {known}" if known else f"ended with status {status}"
