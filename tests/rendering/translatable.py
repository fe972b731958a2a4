"""Every text that has to have a translation, and the catalogue's file."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.catalogue import mirrors
from conda_cuda_guard.doctor import gather_rules
from conda_cuda_guard.doctor.rules import FACT_WORDS
from conda_cuda_guard.guard_options import GUARD_OPTIONS
from conda_cuda_guard.planner.compatibility import DIRECT, MINOR_COMPATIBLE
from conda_cuda_guard.rendering import (
    doctor_text,
    help_text,
    language,
    matrix_text,
    messages,
    verify_words,
)
from conda_cuda_guard.rendering.plan_text import MARKS
from pip_hook.own_options import OWN_COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
CATALOGUE = language.FOLDER / "zh_CN" / "LC_MESSAGES" / f"{language.DOMAIN}.po"
_MADE_BY = {"translated", "Link", "Phrase"}
_COMMAND = re.compile(r"\s*(pip|conda|python|-)")
_DESCRIPTIONS = {"description", "epilog"}
_ERRORS = {"GuardError", "UsageError", "CatalogueError"}


def texts() -> set[str]:
    """Collect them from the tables of words, the rules, and the calls in the source."""
    found: set[str] = set()
    for table in (messages.WORDS, verify_words.WORDS):
        for message, hints in table.values():
            found.update((message, *hints))
    found.update(rule.explanation for rule in gather_rules().rules.values())
    found.update(FACT_WORDS.values(), matrix_text.LEGEND.values(), MARKS.values())
    found.update((DIRECT, MINOR_COMPATIBLE))
    found.update(word for word, _ in doctor_text.LINK_MARKS.values())
    found.update(doctor_text.SEVERITIES.values())
    found.update((doctor_text.NOTHING, *help_text.OF_ARGPARSE, *help_text.ERRORS_OF_ARGPARSE))
    for options in (GUARD_OPTIONS, *(one.options for one in OWN_COMMANDS.values())):
        found.update(option.help for option in options.values())
    found.update(command.summary for command in OWN_COMMANDS.values())
    found.update(text for one in mirrors() for text in (one.status, one.note) if text)
    found.update(_in_source())
    return {text for text in found if any(map(str.isalpha, text)) and text != "ok"}


def _in_source() -> Iterator[str]:
    for room in ("conda_cuda_guard", "pip_hook"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
                if isinstance(node, ast.Call) and name in _ERRORS:
                    for one in (*node.args, *(word.value for word in node.keywords)):
                        yield from _said(one)
                yield from _of_help(node, path)
                if isinstance(node, ast.Call) and name in _MADE_BY:
                    # A link's name, and how it was learnt.
                    said = (*node.args[:1], *(node.args[2:3] if name == "Link" else ()))
                    yield from (text for one in said for text in _constants(one))


def _constants(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def _of_help(node: ast.AST, path: Path) -> Iterator[str]:
    """Give the texts that our parsers hand to argparse; other parsers are for developers."""
    if path.parent.name not in ("pip_hook", "mirrors", "conda_plugin"):
        return
    texts: list[ast.expr] = []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "add_argument_group":
            texts = node.args[:1]
        elif node.func.attr == "add_argument":
            texts = [word.value for word in node.keywords if word.arg == "help"]
    elif isinstance(node, ast.Assign) and getattr(node.targets[0], "attr", "") in _DESCRIPTIONS:
        texts = [node.value]
    for text in texts:
        if ast.unparse(text) == "option.help":
            continue  # of the tables of options
        assert isinstance(text, ast.Constant), ast.dump(text)
        yield str(text.value)


def _said(node: ast.expr) -> Iterator[str]:
    """Give the texts of an error's argument: what it may be, by its branches."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_said(node.body), *_said(node.orelse))
    elif isinstance(node, ast.JoinedStr):
        messages = [str(one.value) for one in node.values if isinstance(one, ast.Constant)]
        # A command with its facts is the same in every language; words are to be a Phrase.
        if messages and not _COMMAND.match(messages[0]):
            assert not re.search(r"[a-z]{2,} [a-z]{2,}", " ".join(messages)), messages
