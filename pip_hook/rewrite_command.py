"""`pipcuda rewrite`: pin a requirements file or an environment.yml permanently."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.host.files import write_file
from conda_cuda_guard.model import Phrase, UsageError
from conda_cuda_guard.model.errors import DONE, REFUSED
from conda_cuda_guard.rendering import headline, note_lines
from conda_cuda_guard.rendering.output import err
from pip_hook.files.file_edits import changes, edited, elsewhere

from .checking import check_files, check_options
from .command_line import read_command_line
from .deciding import decide_line
from .own_commands import print_help, read_own

if TYPE_CHECKING:
    from pip_hook.files.file_edits import Changes
    from pip_hook.files.requirement_file import RequirementFile

    from .deciding import LineDecision

_HELP = Phrase("""\
Usage:
  pipcuda rewrite FILE [-o OUT] [options]

Prints the requirements file, or conda's environment.yml, with torch and its companions pinned to
the builds that run on this machine; everything else in it stays.""")


def run_rewrite(words: list[str]) -> int:
    """Run `pipcuda rewrite` and return the exit status."""
    line = read_own("rewrite", words)
    if line.count("--help"):
        print_help("rewrite", _HELP)
        return DONE
    names = [line.words[at] for at in line.requirements]
    check_options("rewrite", line)
    _check(names)
    kept = [word for at, word in enumerate(line.words) if at not in line.requirements]
    make = _environment if names[0].lower().endswith((".yml", ".yaml")) else _requirements
    data = make(names[0], kept, line.guard)
    if data is None:
        return REFUSED
    _write(data, dict(line.own).get("--output"))
    return DONE


def _environment(name: str, words: list[str], guard: list[tuple[str, str]]) -> bytes | None:
    from pip_hook.environment_yml.rewriting import rewrite_environment

    return rewrite_environment(name, words, guard)


def _requirements(name: str, words: list[str], guard: list[tuple[str, str]]) -> bytes | None:
    """Return a requirements file's new content, None where it is refused; prints the decision."""
    line = read_command_line(["install", "--requirement", name, *words])
    line.guard = guard
    check_files(line)
    decision = decide_line(line, installing=False)
    file = _file(name, decision)
    for text in (f"pipcuda: {headline(decision.plan)}", *note_lines(decision.plan.notes)):
        err(text)
    return None if decision.plan.status == "refused" else _rewritten(file, decision)


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
    """Return the file as it was read; raise a UsageError where it could not be."""
    file = next((root.file for root in decision.files.roots if root.use is not None), None)
    if file is None:
        raise UsageError(
            Phrase("{name} cannot be read, or a file that it names cannot", name=name),
            why="pip could not read it either, or it is an address",
            hint=Phrase("pip install --dry-run -r {name} shows the place", name=name),
        )
    return file


def _rewritten(file: RequirementFile, decision: LineDecision) -> bytes:
    """Return the file's new content."""
    for text in elsewhere(file, decision):
        err(text)
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
