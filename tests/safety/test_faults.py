"""Faults by commands: what must happen when something of ours, or the place, is broken.

A row of FAULTS breaks a thing and says with which exit status each command ends; a row of COMMANDS
adds a command to all of them. Whatever is broken: no traceback, no user's file changed or half
written, nothing on standard output where it failed. (What the conda plugin does is in
`tests/conda_plugin/test_faults.py`: conda goes on as if it were not there.)
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Callable

import pytest

from conda_cuda_guard.rendering.output import shown
from tests.doctor.samples import SAMPLES
from tests.fuzz.running import MACHINE, place, said
from tests.support.tools import isolated_environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

REQUIREMENTS = "torch==2.1.2\ncupy\nnumpy\n"
COMMANDS: dict[str, tuple[str, ...]] = {
    "plan": ("plan", "torch==2.1.2", "cupy", *MACHINE),
    "plan --json": ("plan", "torch==2.1.2", "cupy", "--json", *MACHINE),
    "plan -r": ("plan", "-r", "r.txt", *MACHINE),
    "rewrite": ("rewrite", "r.txt", "-o", "out.txt", *MACHINE),
    "env": ("env", "torch==2.1.2", *MACHINE),
    "matrix": ("matrix", *MACHINE),
    "explain": ("explain", SAMPLES["driver-too-old"]),
}
PLANS = ("plan", "plan --json", "plan -r", "rewrite", "env", "matrix")
FAILED, UNUSABLE, REFUSED, INTERRUPTED = 1, 2, 3, 130
BROKEN = RuntimeError("broken on purpose")
FULL = OSError(errno.ENOSPC, "No space left on device")


@dataclass(frozen=True)
class Fault:
    """What is broken, and the exit status of the commands that it stops; the others end with 0.

    `function` is one of ours (`module:name`) that raises `error` when it is called. Of the place:
    `variables` that are set (None: not there), `run` what a shell makes of the command ($@).
    """

    stops: Mapping[str, int] = field(default_factory=dict)
    function: str = ""
    error: BaseException = BROKEN
    variables: Mapping[str, str | None] = field(default_factory=dict)
    run: str = '"$@"'


def _all(commands: tuple[str, ...], status: int) -> dict[str, int]:
    return dict.fromkeys(commands, status)


FAULTS = {
    "the planner": Fault(_all(PLANS, REFUSED), "conda_cuda_guard.planner.pipeline:plan_problem"),
    "the planner, without memory": Fault(
        _all(PLANS, REFUSED), "conda_cuda_guard.planner.pipeline:plan_problem", MemoryError()
    ),
    "the planner, too deep": Fault(
        _all(PLANS, UNUSABLE), "conda_cuda_guard.planner.pipeline:plan_problem", RecursionError()
    ),
    "Ctrl-C while planning": Fault(
        _all(PLANS, INTERRUPTED),
        "conda_cuda_guard.planner.pipeline:plan_problem",
        KeyboardInterrupt(),
    ),
    "the text of a plan": Fault(
        _all(("plan", "plan -r"), REFUSED), "conda_cuda_guard.rendering.plan_text:plan_text"
    ),
    "the rules": Fault({"explain": REFUSED}, "conda_cuda_guard.doctor:match"),
    "the table": Fault({"matrix": REFUSED}, "conda_cuda_guard.planner.matrix:make_matrix"),
    "a full disk": Fault({"rewrite": UNUSABLE}, "conda_cuda_guard.host.files:write_file", FULL),
    "a full disk below a file": Fault({"rewrite": UNUSABLE}, "os:fsync", FULL),
    "Ctrl-C while writing": Fault({"rewrite": INTERRUPTED}, "os:fsync", KeyboardInterrupt()),
    "a requirements file that cannot be read": Fault(
        {"plan -r": UNUSABLE, "rewrite": UNUSABLE},
        "conda_cuda_guard.host.files:read_file",
        OSError(errno.EIO, "Input/output error"),
    ),
    "no width": Fault(variables={"COLUMNS": "0"}),
    "a width of one": Fault(variables={"COLUMNS": "1"}),
    "no home": Fault(variables={"HOME": None, "XDG_CACHE_HOME": None, "XDG_CONFIG_HOME": None}),
    "a home that is a file": Fault(variables={"HOME": "r.txt", "XDG_CACHE_HOME": "r.txt"}),
    "a temporary folder that is not there": Fault(variables={"TMPDIR": "gone"}),
    "the C locale": Fault(variables={"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0"}),
    "standard input is closed": Fault(run='"$@" <&-'),
    "standard error is closed": Fault(run='"$@" 2>&-'),
    "standard output is full": Fault(
        {name: FAILED for name in COMMANDS if name != "rewrite"}, run='"$@" >/dev/full'
    ),
}
OF_FUNCTIONS = [name for name, one in FAULTS.items() if one.function]
OF_PLACES = [name for name, one in FAULTS.items() if not one.function]


def _break(patch: pytest.MonkeyPatch, fault: Fault) -> list[bool]:
    """Let a function raise wherever it is known by now, and return the list of its calls."""
    called: list[bool] = []

    def broken(*_: object, **__: object) -> None:
        called.append(True)
        raise fault.error

    module, _, name = fault.function.partition(":")
    whole = getattr(import_module(module), name)
    for one in list(sys.modules.values()):
        if getattr(one, name, None) is whole and (
            one.__name__ == module or one.__name__.startswith(("conda_cuda_guard", "pip_hook"))
        ):
            patch.setattr(one, name, broken)
    return called


@pytest.fixture(scope="module")
def loaded() -> None:
    """Run each command, so that no module takes a broken function for its own when it is loaded."""
    for words in COMMANDS.values():
        with place() as folder:
            _fill(folder)
            assert said(*words).status == 0


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("name", OF_FUNCTIONS)
def test_a_broken_function(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = FAULTS[name]
    for command, words in COMMANDS.items():
        with place() as folder, monkeypatch.context() as patch:
            _fill(folder)
            called = _break(patch, fault)
            done = said(*words, broken=True)
            assert done.status == fault.stops.get(command, 0), (command, done)
            assert bool(called) == (command in fault.stops), command
            assert not (called and done.out), command
            patch.undo()
            _is_whole(folder, written=done.status == 0 and command == "rewrite")


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
@pytest.mark.parametrize("name", OF_PLACES)
def test_a_broken_place(name: str, pip_env: Callable[[str], Path], tmp_path: Path) -> None:
    fault = FAULTS[name]
    env: dict[str, Any] = {**isolated_environment(tmp_path), **fault.variables}
    env = {key: value for key, value in env.items() if value is not None}
    for command, words in COMMANDS.items():
        _fill(tmp_path)
        line = ["sh", "-c", fault.run, "sh", str(pip_env("newest")), "-m", "pip_hook", *words]
        done = subprocess.run(line, env=env, cwd=tmp_path, capture_output=True, check=False)
        told = done.stderr.decode("utf-8", "replace")
        assert done.returncode == fault.stops.get(command, 0), (command, done)
        assert "Traceback" not in told, command
        assert "Exception ignored" not in told, command
        said_nothing = command == "rewrite" or command in fault.stops
        assert said_nothing or done.stdout, command
        assert shown(told) == told, command
        _is_whole(tmp_path, written=done.returncode == 0 and command == "rewrite")


def _fill(folder: Path) -> None:
    (folder / "r.txt").write_text(REQUIREMENTS, "utf-8")
    (folder / "out.txt").write_text("mine\n", "utf-8")


def _is_whole(folder: Path, *, written: bool) -> None:
    """Fail where a file of the user's has changed, but for the one that was to be written."""
    assert (folder / "r.txt").read_text("utf-8") == REQUIREMENTS
    out = (folder / "out.txt").read_text("utf-8")
    assert out.splitlines()[-1] == "numpy" if written else out == "mine\n"
    assert {one.name for one in folder.iterdir() if one.is_file()} == {"r.txt", "out.txt"}
