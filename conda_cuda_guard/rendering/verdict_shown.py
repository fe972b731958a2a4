"""A verdict as a few lines for a person, and as JSON for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import set_cell_size

from .language import translated
from .redact import redact
from .verify_words import hint, message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.model import Note
    from conda_cuda_guard.verifying.verdict import Verdict

_SCHEMA = 1
_MARKS = {"error": "error", "warning": "warning", "info": "note"}


def verdict_text(verdict: Verdict) -> str:
    """Write a verdict: the answer, what it is about, and the reasons."""
    shown = verdict_to_json(verdict)
    lines = [f"{verdict.status}: {_headline(verdict)}", _fact("python", _python(shown))]
    lines += [_fact(translated("driver"), _driver(shown))]
    for device in shown["devices"]:
        told = f"{device['name']} ({device['compute_capability']})"
        lines.append(_fact(translated("device"), told))
    if shown["torchvision"]:
        lines.append(_fact("torchvision", shown["torchvision"]))
    for note in shown["notes"]:
        lines.append(
            f"  {translated(_MARKS[note['severity']])}: {note['message']} [{note['code']}]"
        )
        if note["hint"]:
            lines.append(f"    {note['hint']}")
    return redact("\n".join(lines))


def _fact(name: str, value: str) -> str:
    return f"  {set_cell_size(name, 11)}  {value}"


def _headline(verdict: Verdict) -> str:
    version = verdict.findings.step("torch").get("version")
    words = {
        "works": translated("{torch} computes on the GPU."),
        "cpu-only": translated("{torch} computes on the CPU alone."),
        "timeout": translated("{torch} did not answer in time."),
        "no-torch": translated("torch is not installed."),
    }
    template = words.get(verdict.status, translated("{torch} does not work."))
    if verdict.status == "cpu-only" and verdict.ok:
        template = translated("{torch} computes on the CPU alone, as it should here.")
    return template.format(torch=f"torch {version}" if version else "torch")


def _python(shown: Mapping[str, Any]) -> str:
    version = shown["python_version"]
    return f"{shown['python']} ({version})" if version else str(shown["python"])


def _driver(shown: Mapping[str, Any]) -> str:
    cuda = f"CUDA {shown['cuda']}" if shown["cuda"] else ""
    return ", ".join(filter(None, [shown["driver"], cuda])) or translated("none found")


def verdict_to_json(verdict: Verdict) -> dict[str, Any]:
    """Give a verdict as the JSON object of `pipcuda verify --json`."""
    findings = verdict.findings
    torch = findings.step("torch")
    return {
        "schema": _SCHEMA,
        "status": verdict.status,
        "ok": verdict.ok,
        "python": findings.python,
        "python_version": findings.report.get("version"),
        "driver": verdict.machine.driver,
        "cuda": verdict.machine.cuda,
        "torch": _torch(torch),
        "cuda_available": findings.step("cuda").get("available"),
        "devices": list(findings.step("cuda").get("devices") or ()),
        "torchvision": findings.step("torchvision").get("version"),
        "notes": [_note(note) for note in verdict.notes],
    }


def _torch(torch: Mapping[str, Any]) -> dict[str, Any] | None:
    if "version" not in torch:
        return None
    return {name: torch.get(name) for name in ("version", "cuda", "file")}


def _note(note: Note) -> dict[str, str]:
    return {
        "code": note.code,
        "severity": note.severity,
        "message": redact(message(note)),
        "hint": redact(hint(note)),
    }
