"""`pipcuda rewrite`: a requirements or environment file put right, for keeps."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.host.write_file import write_file
from conda_cuda_guard.model import Phrase, UsageError
from conda_cuda_guard.model.redaction import redact
from conda_cuda_guard.rendering import headline, note_lines
from conda_cuda_guard.rendering.language import said
from pip_hook.files.file_edits import changes, edited, elsewhere

from .command_line import read_command_line
from .deciding import decide_line

if TYPE_CHECKING:
    from pip_hook.files.file_edits import Changes
    from pip_hook.files.requirement_file import RequirementFile

    from .deciding import LineDecision

_HELP = Phrase("""\
Usage:
  pipcuda rewrite FILE [-o OUT] [options]

Prints the requirements file, or conda's environment.yml, with torch and its companions pinned to
the builds that run on this machine; everything else in it stays. Takes the options of
`pipcuda install` (--cuda, --gpu, --driver, --host, --cpu, --policy, --offline, --locked, pip's
--index-url, …), and:
  -o, --output OUT     write it there instead of printing it""")
_REFUSED = 3


def run_rewrite(words: list[str]) -> int:
    """Run `pipcuda rewrite` with the words after it."""
    words, output = _output(words)
    line = read_command_line(words, as_command="install")
    if line.count("--help"):
        print(said(_HELP))
        return 0
    names = [line.words[at] for at in line.requirements]
    _check(names)
    kept = [word for at, word in enumerate(line.words) if at not in line.requirements]
    make = _environment if names[0].lower().endswith((".yml", ".yaml")) else _requirements
    data = make(names[0], kept, line.guard)
    if data is None:
        return _REFUSED
    _write(data, output)
    return 0


def _environment(name: str, words: list[str], guard: list[tuple[str, str]]) -> bytes | None:
    from pip_hook.environment_yml.rewriting import rewrite_environment

    return rewrite_environment(name, words, guard)


def _requirements(name: str, words: list[str], guard: list[tuple[str, str]]) -> bytes | None:
    """Give a requirements file's new content, None where it is refused; says what was decided."""
    line = read_command_line(["install", "--requirement", name, *words])
    line.guard = guard
    decision = decide_line(line, installing=False)
    file = _file(name, decision)
    for text in (f"pipcuda: {headline(decision.plan)}", *note_lines(decision.plan.notes)):
        print(text, file=sys.stderr)
    return None if decision.plan.status == "refused" else _rewritten(file, decision)


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
        several = Phrase("{count} were named", count=len(names))
        raise UsageError(
            "rewrite takes one requirements or environment file",
            why=several if names else "none was named",
            hint=example,
        )


def _file(name: str, decision: LineDecision) -> RequirementFile:
    """Give the file as it was read; raises a UsageError where it could not be."""
    file = next((root.file for root in decision.files.roots if root.use is not None), None)
    if file is None:
        raise UsageError(
            Phrase("{name} cannot be read, or a file that it names cannot", name=redact(name)),
            why="pip could not read it either, or it is an address",
            hint=Phrase("pip install --dry-run -r {name} shows the place", name=redact(name)),
        )
    return file


def _rewritten(file: RequirementFile, decision: LineDecision) -> bytes:
    """Give the file's new content."""
    for text in elsewhere(file, decision):
        print(text, file=sys.stderr)
    change = changes(file, decision)
    return file.content.encoded(_with_additions(edited(file.content.text, change.edits), change))


def _with_additions(text: str, change: Changes) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    physical = text.splitlines(keepends=True)
    if change.options or change.requirements:
        physical[-1:] = [one if one.endswith(("\r", "\n")) else one + end for one in physical[-1:]]
    physical[change.at : change.at] = [one + end for one in change.options]
    return "".join([*physical, *(one + end for one in change.requirements)])


def _write(data: bytes, output: str | None) -> None:
    if output is None:
        sys.stdout.buffer.write(data)
        return
    try:
        write_file(Path(output), data)
    except OSError as error:
        raise UsageError(
            Phrase("{output} cannot be written", output=output),
            why=error.strerror or str(error),
            hint="name another file: -o gpu-requirements.txt",
        ) from None
