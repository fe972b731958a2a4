"""Names, paths and tools' words are text: no terminal acts on them, no line of ours is forged."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Callable

import pytest

from conda_cuda_guard.model import GuardError, Phrase
from conda_cuda_guard.model.printable import inline, printable
from conda_cuda_guard.rendering import error_text
from tests.support.pips import run_pipcuda
from tests.support.tools import isolated_environment

if TYPE_CHECKING:
    from pathlib import Path

FORGED = "x\x1b[2J\x1b]0;title\x07\nerror: forged\r\u202e\u2028\x9b31m"
MACHINE = ("--driver", "535.104.05", "--offline")


@pytest.mark.parametrize(
    "text", ["plain", "驱动 535", "a\tb\nc", "é ü ß", "emoji 🙂", "C:\\Users\\me"]
)
def test_what_people_write_stays(text: str) -> None:
    assert printable(text) == text


def test_what_a_terminal_acts_on_is_escaped() -> None:
    shown = inline(FORGED + os.fsdecode(b"\xff"))
    assert shown.isprintable()
    assert shown.startswith("x\\x1b[2J\\x1b]0;title\\x07\\nerror: forged\\r\\u202e\\u2028\\x9b31m")


def test_facts_of_a_message_stay_on_its_line() -> None:
    error = GuardError(Phrase("no {name}", name=FORGED), why=FORGED, hint=Phrase("a\nb"))
    lines = error_text(error).splitlines()
    assert len(lines) == 4  # what, why, and the two lines of our own hint
    assert "\x1b" not in "".join(lines)


def commands(folder: Path) -> list[list[str]]:
    """Return commands with the text in every place that takes one from elsewhere."""
    (folder / "host.json").write_text(json.dumps({"platform": FORGED, "driver": "535.104.05"}))
    (folder / "gpu.json").write_text(json.dumps({"driver": FORGED, "gpus": [{"name": FORGED}]}))
    (folder / "b.jsonl").write_text(json.dumps({"manager": FORGED, "requirements": [FORGED]}))
    (folder / "r.txt").write_text(f"torch==2.1.2\n--{FORGED}\n", newline="")
    (folder / "e.yml").write_text(json.dumps({"dependencies": [FORGED, "pytorch"]}))
    (folder / FORGED).write_text("torch\n===\n")
    return [
        ["plan", "torch", "--host", "host.json", "--offline"],
        ["plan", "torch", "--host", "gpu.json", "--offline"],
        ["plan", "--batch", "b.jsonl", "--offline"],
        ["plan", "-r", "r.txt", *MACHINE],
        ["plan", "-r", FORGED, *MACHINE],
        ["plan", f"torch=={FORGED}", *MACHINE],
        ["plan", "torch", f"--{FORGED}", *MACHINE],
        ["plan", "torch", "--gpu", FORGED, "--offline"],
        ["plan", "torch", "--driver", FORGED, "--offline"],
        ["rewrite", "e.yml", *MACHINE, "-o", "out.yml"],
        ["rewrite", FORGED, *MACHINE],
        ["matrix", FORGED, *MACHINE],
        ["matrix", "--why", FORGED, *MACHINE],
        ["mirrors", "--use", FORGED],
        ["doctor", "--offline", "--python", FORGED],
        ["verify", "--python", FORGED],
        ["explain", FORGED],
    ]


def test_no_command_lets_it_through(pip_env: Callable[[str], Path], tmp_path: Path) -> None:
    env = isolated_environment(tmp_path)
    for words in commands(tmp_path):
        done = run_pipcuda(pip_env("newest"), *words, env=env, cwd=tmp_path)
        said = done.stdout + done.stderr
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(said), words
        assert "error: forged" not in said.splitlines(), words
        assert "internal error" not in said, words
        assert done.returncode in (0, 1, 2, 3), words


MANY = "9" * 5000
DEEP = "[" * 100_000
UNUSABLE: dict[str, tuple[str, tuple[str, ...]]] = {
    "deep host": (DEEP, ("plan", "torch", "--offline", "--host", "FILE")),
    "digits in a host": (f'{{"driver": {MANY}}}', ("plan", "torch", "--offline", "--host", "FILE")),
    "deep batch": (DEEP, ("plan", "--offline", "--batch", "FILE")),
    "digits in a batch": (f'{{"x": {MANY}}}', ("plan", "--offline", "--batch", "FILE")),
    "digits in requirements": (f"torch=={MANY}\n", ("plan", *MACHINE, "-r", "FILE")),
    "a form feed": ("torch\x0c==2.1\n", ("plan", *MACHINE, "-r", "FILE")),
    "a typed version": ("", ("plan", f"torch=={MANY}", *MACHINE)),
    "a typed CUDA": ("", ("plan", "torch", "--offline", "--cuda", f"12.{MANY}")),
    "a release": ("", ("matrix", MANY, *MACHINE)),
    "a folder as host": ("", ("plan", "torch", "--offline", "--host", ".")),
    "a folder as batch": ("", ("plan", "--offline", "--batch", ".")),
    "a folder as requirements": ("", ("plan", *MACHINE, "-r", ".")),
    "a folder to rewrite": ("", ("rewrite", ".", *MACHINE)),
    "nothing as host": ("", ("plan", "torch", "--offline", "--host", "FILE")),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_input_beyond_all_bounds_is_unusable(
    case: str, pip_env: Callable[[str], Path], tmp_path: Path
) -> None:
    text, words = UNUSABLE[case]
    (tmp_path / "input").write_text(text)
    named = ["input" if word == "FILE" else word for word in words]
    env = isolated_environment(tmp_path)
    done = run_pipcuda(pip_env("newest"), *named, env=env, cwd=tmp_path)
    assert done.returncode == 2, done
    assert "internal error" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
