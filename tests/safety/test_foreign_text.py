"""Names, paths and tools' words are text: no terminal acts on them, no line of ours is forged."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Callable

import pytest

from conda_cuda_guard.model import GuardError, Phrase
from conda_cuda_guard.model.errors import inline, printable
from conda_cuda_guard.rendering.plan_text import error_text
from tests.support.pips import run_pipcuda
from tests.support.tools import REAL_TIME, isolated_environment

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


@pytest.mark.skipif(os.name == "nt", reason="programs of POSIX")
@pytest.mark.parametrize("program", ["/bin/echo", "/bin/true", "flood", "failing"])
def test_a_program_that_is_no_interpreter(
    program: str, pip_env: Callable[[str], Path], tmp_path: Path
) -> None:
    for name, code in (("flood", "yes flood"), ("failing", "echo it fails >&2; exit 1")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{code}\n")
        (tmp_path / name).chmod(0o755)
    named = str(tmp_path / program)
    env = isolated_environment(tmp_path)
    for words in (
        ("plan", "--python", named, "torch", *MACHINE),
        ("--python", named, "install", "--dry-run", "torch", *MACHINE),
        ("doctor", "--offline", "--python", named),
    ):
        done = run_pipcuda(pip_env("newest"), *words, env=env, cwd=tmp_path)
        assert done.returncode == 2, done
        assert f"--python {named} is not an interpreter that answers" in done.stderr
        assert ("why:  it fails" in done.stderr) is (program == "failing")
        assert "internal error" not in done.stderr


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
    "digits in a field": (
        f'{{"cuda": "12.{MANY}"}}',
        ("plan", "torch", "--offline", "--host", "FILE"),
    ),
    "digits in YAML": (f"dependencies:\n- pytorch={MANY}\n", ("rewrite", "FILE.yml", *MACHINE)),
    "deep YAML": (f"dependencies: {DEEP}", ("rewrite", "FILE.yml", *MACHINE)),
    "a batch without an end": ("x" * 5_000_000, ("plan", "--offline", "--batch", "FILE")),
}
# The place that is named: a file, and its line or field where there is one.
PLACES = {
    "deep host": "input: line 1:",
    "digits in a host": "input: line 1:",
    "digits in a field": 'input: line 1: "cuda"',
    "digits in requirements": "input, line 1:",
    "digits in YAML": "input.yml is no environment file that conda can use (line 2)",
    "deep YAML": "input.yml is no environment file that conda can use",
    "a batch without an end": "input: line 1 ",
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_input_beyond_all_bounds_is_unusable(
    case: str, pip_env: Callable[[str], Path], tmp_path: Path
) -> None:
    text, words = UNUSABLE[case]
    named = [word.replace("FILE", "input") for word in words]
    for name in ("input", "input.yml"):
        (tmp_path / name).write_text(text)
    env = isolated_environment(tmp_path)
    done = run_pipcuda(pip_env("newest"), *named, env=env, cwd=tmp_path)
    assert done.returncode == 2, done
    assert "internal error" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert PLACES.get(case, "") in done.stderr


COMMANDS: dict[str, tuple[str, ...]] = {
    "--host": ("plan", "torch", "--offline", "--host", "FILE"),
    "--host of the doctor": ("doctor", "--offline", "--host", "FILE"),
    "--batch": ("plan", "--offline", "--batch", "FILE"),
    "-r": ("plan", *MACHINE, "-r", "FILE"),
    "-c": ("plan", *MACHINE, "torch", "-c", "FILE"),
    "-r, installing": ("install", "--dry-run", *MACHINE, "-r", "FILE"),
    "-c, installing": ("install", "--dry-run", *MACHINE, "torch", "-c", "FILE"),
    "-r in a file": ("install", "--dry-run", *MACHINE, "-r", "nested.txt"),
    "env": ("env", *MACHINE, "-r", "FILE"),
    "rewrite": ("rewrite", "FILE", *MACHINE),
    "environment.yml": ("rewrite", "FILE.yml", *MACHINE),
}


@pytest.mark.skipif(os.name == "nt", reason="pipes and devices have no names there")
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_is_no_file_is_not_waited_for(
    kind: str, pip_env: Callable[[str], Path], tmp_path: Path
) -> None:
    for name in ("input", "input.yml"):
        if kind == "pipe":
            os.mkfifo(tmp_path / name)
        else:
            (tmp_path / name).symlink_to("/dev/zero")
    (tmp_path / "nested.txt").write_text("numpy\n-r input\n")
    env = {**isolated_environment(tmp_path), **REAL_TIME}
    for case, words in COMMANDS.items():
        named = [word.replace("FILE", "input") for word in words]
        done = run_pipcuda(pip_env("newest"), *named, env=env, cwd=tmp_path)
        assert done.returncode == 2, (case, done)
        assert "input" in done.stderr, case
        assert "it is " in done.stderr, case
        assert "Traceback" not in done.stderr, case
