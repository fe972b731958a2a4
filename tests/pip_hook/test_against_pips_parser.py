"""pip's own parser, of several versions, reads the same as we do, before and after a rewriting."""

from __future__ import annotations

import json
import random
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pips import PIP_VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LINES = 3000
# What a rewriting may change: the places that pip takes wheels from.
_SOURCES = ("index_url", "extra_index_urls", "find_links")
WORDS = ("torch", "torch==2.1.2", "torchvision", "numpy<2", "./here", "a b", "-", "==", "torch[x]")

# Runs inside the environment of the pip in question: tells its options, or parses lines by it and
# by our reader (which may ask that pip for its help).
_PARSER = """
import copy, json, sys
from pip._internal.commands import create_command
from pip_hook.command_line import read_command_line as read
commands = {name: create_command(name).parser for name in ("install", "download", "wheel")}
class Stop(Exception): pass
def stop(*_): raise Stop
for parser in commands.values():
    parser.error = parser.exit = parser.print_help = stop
if sys.argv[1] == "options":
    print(json.dumps({
        name: [[o._short_opts, o._long_opts, o.takes_value(), o.choices] for o in p.option_list_all]
        for name, p in commands.items()
    }))
elif sys.argv[1] == "rewrite":
    from conda_cuda_guard.model import GuardError
    from pip_hook.deciding import decide_line as decide
    def parsed(command, words):
        fresh = copy.deepcopy(commands[command].get_default_values())
        options, arguments = commands[command].parse_args(words, fresh)
        return [arguments, {name: repr(value) for name, value in vars(options).items()}]
    for text in sys.stdin:
        command, *words = json.loads(text)
        try:
            before = parsed(command, words)
            line = read([command, *words])
            decision = decide(line)
        except (Exception, Stop) as error:
            module = error.__class__.__module__
            assert isinstance(error, (Stop, GuardError)) or module.startswith("pip"), (text, error)
            print("null")
            continue
        after = parsed(command, [*decision.plan.command[2:]] or words)
        print(json.dumps([before, after, decision.plan.status]))
else:
    for line in sys.stdin:
        command, *words = json.loads(line)
        try:
            # The defaults are lists that parsing appends to.
            fresh = copy.deepcopy(commands[command].get_default_values())
            options, arguments = commands[command].parse_args(words, fresh)
        except Exception:
            print("null")
            continue
        found = read([command, *words])
        print(json.dumps([
            [arguments, options.index_url, options.extra_index_urls, options.find_links],
            [
                [found.words[at] for at in found.requirements],
                (found.values("--index-url") or [options.index_url])[-1],
                found.values("--extra-index-url"),
                found.values("--find-links"),
            ],
        ]))
"""


def _ask(python: Path, what: str, text: str = "") -> str:
    return subprocess.run(
        [str(python), "-W", "ignore", "-c", _PARSER, what],
        input=text, capture_output=True, text=True, check=True,
        env={
            "PIP_CONFIG_FILE": "/dev/null", "PATH": "", "HOME": "/nonexistent",
            "CUDA_GUARD_CUDA": "12.1", "CUDA_GUARD_GPU": "8.0", "CUDA_GUARD_OFFLINE": "1",
        },
    ).stdout  # fmt: skip


def _one_option(chance: random.Random, option: tuple[list[str], list[str], bool, Any]) -> list[str]:
    """Spell one use of an option in one of the ways that optparse takes."""
    short, long, takes_value, choices = option
    value = chance.choice(choices or WORDS)
    name = chance.choice([*short, *long])
    if name.startswith("--") and chance.random() < 0.3:
        name = name[: chance.randint(4, len(name))]  # an abbreviation, perhaps an ambiguous one
    if not takes_value:
        return [name]
    if name.startswith("--"):
        return chance.choice([[name, value], [f"{name}={value}"]])
    return chance.choice([[name, value], [name + value]])


def _line(chance: random.Random, options: dict[str, Any]) -> list[str]:
    command = chance.choice(["install", "install", "download", "wheel"])
    words: list[str] = []
    for _ in range(chance.randint(0, 6)):
        kind = chance.random()
        if kind < 0.35:
            words.append(chance.choice(WORDS))
        elif kind < 0.4:
            words.append("--")
        elif kind < 0.5:
            words.append("-" + "".join(chance.choices("qvU", k=chance.randint(1, 4))))
        else:
            words += _one_option(chance, chance.choice(options[command]))
    return [command, *words]


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_the_same_line_reads_the_same(version: str, pip_env: Callable[[str], Path]) -> None:
    python = pip_env(version)
    options = json.loads(_ask(python, "options"))
    chance = random.Random(version)
    lines = [_line(chance, options) for _ in range(LINES)]
    answers = _ask(python, "parse", "\n".join(map(json.dumps, lines))).splitlines()
    compared = 0
    for line, answer in zip(lines, map(json.loads, answers)):
        if answer is not None:  # where pip refuses the line, it will say so
            pips, ours = answer
            assert ours == pips, line
            compared += 1
    assert compared > LINES / 3


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_a_rewriting_changes_cuda_requests_and_indexes_alone(
    version: str, pip_env: Callable[[str], Path]
) -> None:
    python = pip_env(version)
    options = json.loads(_ask(python, "options"))
    chance = random.Random(f"rewriting {version}")
    lines = [_line(chance, options) for _ in range(LINES)]
    answers = _ask(python, "rewrite", "\n".join(map(json.dumps, lines))).splitlines()
    rewritten = 0
    for line, answer in zip(lines, map(json.loads, answers)):
        if answer is None:  # refused, by pip or by us
            continue
        (words, before), (new_words, after), status = answer
        # A companion alone brings the torch that it needs, after the last requirement.
        added = new_words[len(words) :]
        assert all(word.startswith("torch==") for word in added), line
        for old, new in zip(words, new_words):
            assert new == old or old.startswith("torch"), line
        for name, value in before.items():
            assert after[name] == value or name in _SOURCES, (line, name)
        if status == "ok":
            assert any("+cu" in word for word in new_words), line
            rewritten += 1
        else:
            assert (words, before) == (new_words, after), line
    assert rewritten > LINES / 30
