"""Plans, notes and errors as text, and plans as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model import SCHEMA, Phrase, quoted, redact
from conda_cuda_guard.model.errors import inline

from .language import said, translated
from .messages import hint, message
from .output import err

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.catalogue.third_party import Unusable
    from conda_cuda_guard.model import AsTyped, FamilyPlan, GuardError, Note, Plan

# Why a request was left as typed; nothing is claimed of an unknown package.
_LEFT = {
    "unknown": Phrase("Unchanged: no package of a known CUDA family is in the request."),
    "off-conda": Phrase("Unchanged: of the families in the request no build for conda is known."),
    "as-is": Phrase("Unchanged: the request is left as typed."),
    "nightly": Phrase("Unchanged: nightly and test builds are left as typed."),
    "accelerator": Phrase(
        "Unchanged: an index for another accelerator is in force, so the line is left as typed."
    ),
    "accelerator-build": Phrase(
        "Unchanged: a build for another accelerator is named, so the line is left as typed."
    ),
    "board": Phrase(
        "Unchanged: an index for NVIDIA's boards is in force, so the line is left as typed."
    ),
    "address": Phrase("Unchanged: a file that is named by its address is left as typed."),
}
MARKS = {"error": "error", "warning": "warning", "info": "note"}


def headline(plan: Plan) -> str:
    """Return in one line what was decided."""
    if plan.status == "refused":
        return translated("Refused: nothing was installed.")
    if not plan.packages:
        return said(_LEFT.get(plan.left, _LEFT["as-is"]))
    what = ", ".join(f"{name} {number}" for name, number in plan.packages.items())
    of_cuda, of_cpu = translated(" for CUDA {cuda}"), translated(", the CPU build")
    # A build for another accelerator has no variant of ours.
    how = of_cuda.format(cuda=plan.cuda) if plan.cuda else of_cpu if plan.variant else ""
    of_level = translated(", {level}")
    level = of_level.format(level=translated(plan.level)) if plan.level else ""
    return f"{what}{how}{level}{_state(plan)}"


def _state(plan: Plan) -> str:
    if plan.status != "unchanged":
        return ""
    kept = any(note.code == "installed-cuda-build-kept" for note in plan.notes)
    return translated(" (already satisfied)") if kept else translated(" (as typed)")


def plan_text(plan: Plan) -> str:
    """Return a plan in full: the decision, its sources, its notes and the command."""
    lines = [headline(plan)]
    places = [*plan.index_urls, *plan.find_links, *plan.channels]
    if places:
        lines.append(_row(translated("from"), " ".join(places)))
    if plan.status != "refused":
        lines.append(_row(translated("command"), quoted(plan.command)))
    if plan.as_typed and plan.as_typed.version != plan.packages.get(plan.as_typed.package):
        lines.append(_row(translated("as typed"), _as_typed(plan.as_typed)))
    if plan.unknown:
        told = translated("{names}: as typed; whether it depends on CUDA is not known")
        lines.append(_row(translated("unknown"), told.format(names=", ".join(plan.unknown))))
    lines += note_lines(plan.notes)
    return redact("\n".join(lines))


_WIDTH = 8  # of the column of names, in cells of a terminal


def _row(name: str, text: str) -> str:
    """Return a line that begins with a name, in a column of its own in every language."""
    if name.isascii():
        return f"  {name:<{_WIDTH}} {text}"
    from rich.cells import set_cell_size  # late: it loads much

    return f"  {set_cell_size(name, _WIDTH)} {text}"


def _as_typed(found: AsTyped) -> str:
    """Return what the manager would have installed for the request as typed."""
    variant = f" ({found.variant})" if found.variant and "+" not in found.version else ""
    taken = translated("{package} {version} from {source}")
    source = found.source or translated("the default index")
    return taken.format(package=found.package, version=f"{found.version}{variant}", source=source)


def note_lines(notes: Iterable[Note], *, least: str = "info") -> list[str]:
    """Return the lines of notes, each with code and hint; `least` is the lowest severity shown."""
    order = list(reversed(MARKS))
    lines = []
    for note in notes:
        if order.index(note.severity) < order.index(least):
            continue
        lines.append(f"  {translated(MARKS[note.severity])}: {redact(message(note))} [{note.code}]")
        if hint(note):
            lines.append(f"    {redact(hint(note))}")
    return lines


def tell_error(error: GuardError) -> int:
    """Print an error and return its exit status."""
    err(error_text(error))
    return error.exit_status


def error_text(error: GuardError) -> str:
    """Return an error as text: what, why, and what to type next."""
    return redact(f"{translated('error')}: {what_why_next(error)}")


def what_why_next(error: GuardError) -> str:
    """Return the three lines of an error, in the user's language."""
    named = ((translated("why: "), error.why), (translated("next:"), error.hint))
    lines = (f"  {name} {_inside(text)}" for name, text in named if text)
    return "\n".join((_inside(error.message), *lines))


def _inside(text: str) -> str:
    """Return a text of an error on its line; a phrase of ours may have several."""
    return said(text) if isinstance(text, Phrase) else inline(translated(text))


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """Return a plan as a JSON-ready dict (contract, section 3), without credentials."""
    return {
        "schema": SCHEMA,
        "id": plan.id,
        "manager": plan.manager,
        "status": plan.status,
        "variant": plan.variant,
        "cuda": plan.cuda,
        "level": plan.level,
        "source": plan.source,
        "packages": dict(plan.packages),
        "requirements": _redacted(plan.requirements),
        "index_urls": _redacted(plan.index_urls),
        "find_links": _redacted(plan.find_links),
        "channels": _redacted(plan.channels),
        "command": _redacted(plan.command),
        "notes": [note_to_json(note, message(note), hint(note)) for note in plan.notes],
        "as_typed": _as_typed_to_json(plan.as_typed),
        "families": [_family(one) for one in plan.families],
        "unknown": list(plan.unknown),
    }


def _family(found: FamilyPlan) -> dict[str, Any]:
    return {
        "family": found.family,
        "variant": found.variant,
        "cuda": found.cuda,
        "level": found.level,
        "packages": dict(found.packages),
        "source": found.source,
    }


def _as_typed_to_json(found: AsTyped | None) -> dict[str, str | None] | None:
    if found is None:
        return None
    source = redact(found.source) if found.source else None
    return {
        "package": found.package,
        "version": found.version,
        "variant": found.variant,
        "source": source,
    }


def _redacted(texts: Iterable[str]) -> list[str]:
    return [redact(text) for text in texts]


def note_to_json(note: Note, told: str, following: str) -> dict[str, str]:
    """Return a note as a JSON object, with its message and its hint."""
    return {
        "code": note.code,
        "severity": note.severity,
        "message": redact(told),
        "hint": redact(following),
    }


def unusable_lines(found: Iterable[Unusable]) -> list[str]:
    """Return a line for each family file, or hook, that is left out: where, and why."""
    return [f"{translated('warning')}: {said(_unusable(one))}" for one in found]


def _unusable(found: Unusable) -> Phrase:
    facts = {"place": found.place, "reason": found.reason}
    if found.field:
        more = {"line": found.line, "field": found.field}
        return Phrase("{place} is left out (line {line}, {field}): {reason}", **facts, **more)
    if found.line:
        return Phrase("{place} is left out (line {line}): {reason}", **facts, line=found.line)
    return Phrase("{place} is left out: {reason}", **facts)
