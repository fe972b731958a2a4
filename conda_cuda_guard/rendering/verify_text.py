"""A verification as text and as JSON: the message and hint of each note, and the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import set_cell_size

from conda_cuda_guard.doctor.report import OK, CheckResult, Link
from conda_cuda_guard.model import redact

from .language import facts_said, translated
from .messages import known_sentences
from .plan_text import MARKS, note_to_json
from .verify_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.model import Note
    from conda_cuda_guard.verify.verdict import FamilyVerdict, Verification


def _message(note: Note) -> str:
    """Return a note's message."""
    template = translated(WORDS[note.code, note.case][0])
    return " ".join(template.format_map(facts_said(note.facts)).split())


def _hint(note: Note) -> str:
    """Return a note's hint: the sentences whose facts are known."""
    return known_sentences(WORDS[note.code, note.case][1], facts_said(note.facts))


_SCHEMA = 1


def verdict_text(verdict: Verification) -> str:
    """Return a verdict as text: the answer, what it is about, and the reasons."""
    shown = verdict_to_json(verdict)
    lines = [f"{verdict.status}: {_headline(verdict)}", _fact("python", _python(shown))]
    lines += [_fact(translated("driver"), _driver(shown))]
    for device in shown["devices"]:
        told = f"{device['name']} ({device['compute_capability']})"
        lines.append(_fact(translated("device"), told))
    if shown["torchvision"]:
        lines.append(_fact("torchvision", shown["torchvision"]))
    for note in shown["notes"]:
        lines += _note_lines(note)
    for one, told in zip(verdict.families, shown["families"]):
        lines.append(_fact(translated("package"), _family_line(one)))
        for note in told["notes"]:
            lines += _note_lines(note)
    return redact("\n".join(lines))


def _note_lines(note: Mapping[str, str]) -> list[str]:
    mark = translated(MARKS[note["severity"]])
    lines = [f"  {mark}: {note['message']} [{note['code']}]"]
    return [*lines, f"    {note['hint']}"] if note["hint"] else lines


def _family_line(one: FamilyVerdict) -> str:
    words = {
        "works": translated("{package} computes on the GPU"),
        "cpu-only": translated("{package} computes on the CPU alone"),
        "timeout": translated("{package} did not answer in time"),
        "not-tried": translated("{package} was not tried"),
    }
    template = words.get(one.status, translated("{package} does not work"))
    return template.format(package=one.package.title)


def verdict_link(verdict: Verification) -> CheckResult:
    """Return a verdict as the doctor's last link."""
    first, *details = verdict_text(verdict).splitlines()
    told = tuple(one.strip() for one in details)
    state = OK if verdict.ok else "error"
    link = Link("what torch sees", first, "child process", ("torch_tried",), told, state)
    works = verdict.status == "works"
    return CheckResult((link,), {"torch_tried": first}, torch_works=works)


def _fact(name: str, value: str) -> str:
    return f"  {set_cell_size(name, 11)}  {value}"


def _headline(verdict: Verification) -> str:
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


def verdict_to_json(verdict: Verification) -> dict[str, Any]:
    """Return a verdict as the JSON object of `pipcuda verify --json`."""
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
        "families": [_family(one) for one in verdict.families],
    }


def _family(one: FamilyVerdict) -> dict[str, Any]:
    step = one.findings.step("family") if one.findings else {}
    return {
        "family": one.package.family.name,
        "package": one.package.name,
        "version": one.package.version,
        "cuda": one.package.cuda,
        "status": one.status,
        "ok": one.ok,
        "device": step.get("device"),
        "reports": step.get("told"),
        "notes": [_note(one.note)] if one.note else [],
    }


def _torch(torch: Mapping[str, Any]) -> dict[str, Any] | None:
    if "version" not in torch:
        return None
    return {name: torch.get(name) for name in ("version", "cuda", "file")}


def _note(note: Note) -> dict[str, str]:
    return note_to_json(note, _message(note), _hint(note))
