"""Does the torch of an environment work on this machine? Tried in a child process, and judged."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from conda_cuda_guard.host.detection import detect

from .run_probe import TIMEOUT, run_probe
from .verdict import Machine, Verification, judge_findings

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["TIMEOUT", "Verification", "verify"]


def verify(python: Path, *, timeout: float = TIMEOUT) -> Verification:
    """Return the verdict on an interpreter's torch, tried on this machine."""
    findings = run_probe(python, timeout=timeout)
    found = detect()
    return judge_findings(findings, Machine(found.driver, found.cuda, _hidden(found.gpus)))


def _hidden(gpus: tuple[object, ...] | None) -> str | None:
    """Return the setting of CUDA_VISIBLE_DEVICES where it leaves no GPU."""
    setting = os.environ.get("CUDA_VISIBLE_DEVICES")
    if setting is None or gpus:
        return None
    return f"CUDA_VISIBLE_DEVICES={setting}"
