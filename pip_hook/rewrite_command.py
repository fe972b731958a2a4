"""`pipcuda rewrite`: a requirements file with its CUDA requests put right, for keeps."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.model import UsageError
from conda_cuda_guard.planner.pip_sources import missing_options
from conda_cuda_guard.rendering import headline, note_lines, redact

from .command_line import read
from .deciding import decide
from .files.editing import edited, with_options, with_pin
from .files.reading import OptionLine, RequirementFile
from .rewriting import is_replaced

if TYPE_CHECKING:
    from conda_cuda_guard.model import Plan

    from .deciding import Decision
    from .files.lines import Line

_HELP = """\
Usage:
  pipcuda rewrite FILE [-o OUT] [options]

Prints the requirements file with torch and its companions pinned to the builds that run on this
machine; everything else in it stays. Takes the options of `pipcuda install` (--cuda, --gpu,
--driver, --host, --cpu, --policy, --offline, --locked, pip's --index-url, …), and:
  -o, --output OUT     write it there instead of printing it"""
_REFUSED = 3


def run_rewrite(words: list[str]) -> int:
    """Run `pipcuda rewrite` with the words after it."""
    words, output = _output(words)
    line = read(words, as_command="install")
    if line.count("--help"):
        print(_HELP)
        return 0
    names = [line.words[at] for at in line.requirements]
    _check(names)
    kept = [word for at, word in enumerate(line.words) if at not in line.requirements]
    again = read(["install", "--requirement", names[0], *kept])
    again.guard = line.guard
    decision = decide(again, installing=False)
    for text in (f"pipcuda: {headline(decision.plan)}", *note_lines(decision.plan.notes)):
        print(text, file=sys.stderr)
    if decision.plan.status == "refused":
        return _REFUSED
    _write(_rewritten(names[0], decision), output)
    return 0


def _output(words: list[str]) -> tuple[list[str], str | None]:
    """Take our -o out of the words."""
    kept, output = [], None
    left = iter(words)
    for word in left:
        if word in ("-o", "--output"):
            output = next(left, "")
        elif word.startswith(("--output=", "-o")):
            output = word.partition("=")[2] if word.startswith("--") else word[2:]
        else:
            kept.append(word)
    if output == "":
        raise UsageError("-o needs a file", hint="pipcuda rewrite requirements.txt -o gpu.txt")
    return kept, output


def _check(names: list[str]) -> None:
    example = "pipcuda rewrite requirements.txt -o gpu.txt"
    if len(names) != 1:
        why = f"{len(names)} were named" if names else "none was named"
        raise UsageError("rewrite takes one requirements file", why=why, hint=example)
    if names[0].lower().endswith((".yml", ".yaml")):
        raise UsageError(
            f"{names[0]} cannot be rewritten yet",
            why="rewrite knows requirements files of pip only, no environment files of conda",
            hint="conda cuda-install --plan SPEC… shows the specs and channels to write into it",
        )


def _rewritten(name: str, decision: Decision) -> bytes:
    """Give the file's new content; raises a UsageError where it could not be read."""
    file = next((root.file for root in decision.files.roots if root.use is not None), None)
    if file is None:
        raise UsageError(
            f"{redact(name)} cannot be read, or a file that it names cannot",
            why="pip could not read it either, or it is an address",
            hint=f"pip install --dry-run -r {redact(name)} shows the place",
        )
    edits = {
        one.line: with_pin(file.content.text, one.line, pin)
        for one, pin in decision.pins
        if one.file is file
    }
    elsewhere = dict.fromkeys(one.file.path for one, _ in decision.pins if one.file is not file)
    for path in elsewhere:
        hint = f"pipcuda rewrite {path}"
        print(f"pipcuda: {path} needs it too, by itself: {hint}", file=sys.stderr)
    if decision.plan.status == "ok":
        edits.update(_dropped(file, decision.plan))
    text = edited(file.content.text, edits)
    return file.content.encoded(_with_additions(text, file, edits, decision))


def _dropped(file: RequirementFile, plan: Plan) -> dict[Line, str]:
    """Give the lines of options that name the index of a variant which the plan does not take."""
    return {
        one.line: with_options(
            one.line, [None if is_replaced(use, plan) else use for use in one.options]
        )
        for one in file.lines
        if isinstance(one, OptionLine) and any(is_replaced(use, plan) for use in one.options)
    }


def _with_additions(
    text: str, file: RequirementFile, edits: dict[Line, str], decision: Decision
) -> str:
    """Add sources that are missing in front of the first line that changed, and torch at the end.

    Behind every --index-url, because that takes the place of all before it.
    """
    plan = decision.plan
    if plan.status != "ok":
        return text
    options = missing_options(plan.index_urls, plan.find_links, decision.request.sources)
    added = [" ".join(pair) for pair in zip(options[::2], options[1::2])]
    asked = len(decision.request.requirements)
    indexes = [
        one.line.end
        for one in file.lines
        if isinstance(one, OptionLine) and any(use.name == "--index-url" for use in one.options)
    ]
    at = max([min((line.first for line in edits), default=0), *indexes])
    end = "\r\n" if "\r\n" in text else "\n"
    physical = text.splitlines(keepends=True)
    if physical and not physical[-1].endswith(("\r", "\n")):
        physical[-1] += end
    physical[at:at] = [one + end for one in added]
    return "".join([*physical, *(one + end for one in plan.requirements[asked:])])


def _write(data: bytes, output: str | None) -> None:
    if output is None:
        sys.stdout.buffer.write(data)
        return
    try:
        Path(output).write_bytes(data)
    except OSError as error:
        raise UsageError(
            f"{output} cannot be written",
            why=error.strerror or str(error),
            hint="name another file: -o gpu-requirements.txt",
        ) from None
