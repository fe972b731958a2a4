"""What the probe found of torchvision: whether its compiled operators belong to this torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note

from .wording import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .findings import Findings

_MISSING = ("operator torchvision::nms does not exist", "Couldn't load custom C++ ops")
_NOT_ON_CUDA = "'torchvision::nms' with arguments from the 'CUDA' backend"


def judge_torchvision(findings: Findings) -> Iterator[Note]:
    """Judge the import of torchvision and its operator nms."""
    facts = {
        "torch": str(findings.step("torch").get("version")),
        "torchvision": str(findings.step("torchvision").get("version") or ""),
    }
    step = findings.step("torchvision")
    if "error" in step:
        yield _failed("torchvision-import-failed", f"{step.get('kind')}: {step['error']}", facts)
        return
    for place in ("cpu", "cuda:0"):
        nms = findings.step(f"nms {place}")
        here = {**facts, "device": "the CPU" if place == "cpu" else "the GPU"}
        if "error" in nms:
            yield _failed("nms-failed", f"{nms.get('kind')}: {nms['error']}", here)
            return
        if nms.get("right") is False:
            yield Note("nms-wrong", "error", facts=here)


def _failed(code: str, error: str, facts: dict[str, str]) -> Note:
    facts = {**facts, "error": one_line(error)}
    if _NOT_ON_CUDA in error:
        return Note("nms-missing", "error", "cuda", facts)
    if any(words in error for words in _MISSING):
        return Note("nms-missing", "error", "", facts)
    return Note(code, "error", "", facts)
