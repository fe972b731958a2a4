"""Do an environment's torch and other CUDA packages work here? Tried in child processes, judged."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from conda_cuda_guard.host.detection import detect

from .families import with_families
from .run_probe import TIMEOUT, run_probe
from .verdict import Machine, Verification, judge_findings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from conda_cuda_guard.model.spelling import SpeltFamily

__all__ = ["TIMEOUT", "Verification", "verify"]


def verify(
    python: Path, families: Iterable[SpeltFamily], *, timeout: float = TIMEOUT
) -> Verification:
    """Return the verdict on an interpreter's torch and other families, tried on this machine."""
    end = time.monotonic() + timeout
    findings = run_probe(python, timeout=timeout)
    found = detect()
    verdict = judge_findings(findings, Machine(found.driver, found.cuda, _hidden(found.gpus)))
    return with_families(verdict, families, end - time.monotonic())


def _hidden(gpus: tuple[object, ...] | None) -> str | None:
    """Return the setting of CUDA_VISIBLE_DEVICES where it leaves no GPU."""
    setting = os.environ.get("CUDA_VISIBLE_DEVICES")
    if setting is None or gpus:
        return None
    return f"CUDA_VISIBLE_DEVICES={setting}"
