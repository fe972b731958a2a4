"""The options of `pipcuda matrix`, and the requirement that its SPEC stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase, UsageError
from conda_cuda_guard.planner.asking import TORCH
from conda_cuda_guard.planner.pip_asking import read_pip
from conda_cuda_guard.rendering import redact

from .option_table import find

if TYPE_CHECKING:
    from .command_line import CommandLine

_FORMS = ("--json", "--html", "--markdown")
# Options of the guard that say nothing of what fits.
_IDLE = ("--batch", "--as-is", "--locked", "--prefer-index", "--verify", "--installer")
EXAMPLE = "pipcuda matrix 2.1, or pipcuda matrix 'torch>=2.4'"
_PLAIN = re.compile(r"v?\d+(\.\d+)*(\.?(post|rc|a|b|dev)\d+)*(\+\w+)?")
_MINOR = 2  # numbers in `2.1`, which stands for all of its patches


@dataclass
class Asked:
    """What the options of this command say."""

    form: str = ""
    why: str = ""
    every_patch: bool = False


def take(words: list[str]) -> tuple[Asked, list[str]]:
    """Take our options out; what is left is a line of `pip install`."""
    asked, rest, todo = Asked(), list[str](), list(reversed(words))
    while todo:
        word = todo.pop()
        if word in _FORMS:
            if asked.form not in ("", word):
                raise UsageError(
                    Phrase("{form} and {word} are two forms", form=asked.form, word=word),
                    hint="name one of them",
                )
            asked.form = word
        elif word == "--all":
            asked.every_patch = True
        elif word == "--why" or word.startswith("--why="):
            asked.why = word.partition("=")[2] or (todo.pop() if todo else "")
            if not _PLAIN.fullmatch(asked.why):
                raise UsageError("--why takes a release", hint="pipcuda matrix --why 2.1.0+cu118")
        else:
            rest.append(word)
    if asked.why and asked.form in ("--html", "--markdown"):
        raise UsageError(
            Phrase("--why does nothing with {form}", form=asked.form), hint="--why goes with --json"
        )
    return asked, rest


def check(line: CommandLine) -> None:
    """Refuse what would say nothing here, and what pip does not know either."""
    idle = next((name for name, _ in line.guard if name in _IDLE), None)
    if line.count("--requirement"):
        idle = "--requirement"
    if idle:
        raise UsageError(
            Phrase("{idle} does nothing here", idle=idle),
            why="it belongs to an install, and this shows what fits",
            hint="pipcuda matrix --help",
        )
    for use in line.options:
        if find("install", use.name) is None:
            raise UsageError(
                Phrase("there is no option {name}", name=redact(use.name)),
                hint="pipcuda matrix --help",
            )


def requirement_of(text: str, platform: str, python: str | None) -> str:
    """Give the requirement that a SPEC stands for."""
    if _PLAIN.fullmatch(text):
        is_minor = text.count(".") < _MINOR and "+" not in text
        text = f"=={text}" + (".*" if is_minor else "")
    requirement = text if text.startswith(TORCH) else TORCH + text
    ask = read_pip(requirement, platform, python)
    if ask.role != TORCH or ask.unread:
        raise UsageError(
            Phrase("{text} names no releases of torch", text=redact(text)),
            why="SPEC is a version, or a requirement of torch alone",
            hint=EXAMPLE,
        )
    if ask.wish is not None:
        raise UsageError(
            Phrase(
                "{requirement} names one build, and the matrix shows releases",
                requirement=requirement,
            ),
            hint=f"pipcuda matrix --why {requirement.lstrip('torch= ')}",
        )
    return requirement
