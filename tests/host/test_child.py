"""Commands that hang, crash, or print what they like."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.host.child import (
    LARGEST,
    Outcome,
    ask_probe,
    begin,
    last_report,
    probe_environment,
    run_bounded,
)
from conda_cuda_guard.host.finding import ProbeSettings

if TYPE_CHECKING:
    from pathlib import Path


def _run(code: str, limit: float = 5.0) -> Outcome:
    return run_bounded([sys.executable, "-c", code], environ=os.environ, limit=limit)


def test_output_and_status() -> None:
    assert _run("print('hello')") == Outcome("hello\n")
    assert _run("print('hello'); raise SystemExit(3)") == Outcome("hello\n", "ended with status 3")


def test_output_before_a_hang_is_kept() -> None:
    outcome = _run("import time; print('hello', flush=True); time.sleep(60)", limit=0.3)
    assert outcome == Outcome("hello\n", "no answer within 0.3 s")


def test_a_grandchild_that_keeps_the_pipe_open_is_stopped_too() -> None:
    code = (
        "import subprocess as s, sys; s.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    )
    start = time.perf_counter()
    assert _run(code, limit=0.3).problem == "no answer within 0.3 s"
    assert time.perf_counter() - start < 0.8


def test_what_was_begun_goes_on_by_itself_and_its_time_counts_from_there() -> None:
    code = "import time; time.sleep(0.4); print('hello', flush=True); time.sleep({more})"
    start = time.perf_counter()
    ends = [
        begin([sys.executable, "-c", code.format(more=more)], environ=os.environ, limit=3.0)
        for more in (0, 0, 60)
    ]
    time.sleep(2.0)
    assert [end() for end in ends] == [
        Outcome("hello\n"),
        Outcome("hello\n"),
        Outcome("hello\n", "no answer within 3.0 s"),
    ]
    assert time.perf_counter() - start < 4.0


def test_it_has_no_stdin() -> None:
    assert _run("import sys; print(repr(sys.stdin.read()))").output == "''\n"


def test_no_time_left() -> None:
    assert _run("print(1)", limit=0) == Outcome("", "no time left")


def test_output_without_end_is_stopped() -> None:
    code = "import os\nwhile True: os.write(1, b'x' * 65536)"
    outcome = _run(code, limit=60.0)
    assert outcome.problem == f"it printed more than {LARGEST // 2**20} MiB"
    assert outcome.output == "x" * LARGEST


def test_a_command_that_does_not_exist() -> None:
    outcome = run_bounded(["/nowhere/tool"], environ={}, limit=1)
    assert outcome.problem is not None
    assert outcome.problem.startswith("cannot start tool")


@pytest.mark.parametrize(
    ("output", "report"),
    [
        ('{"cuda": 1}\n{"cuda": 2}\n', {"cuda": 2}),
        ('{"cuda": 1}\nlibrary says hello\n', {"cuda": 1}),
        ('{"cuda": 1}\n{"cuda": 2, "gp', {"cuda": 1}),
        ("[1]\n3\n", {}),
        ("", {}),
    ],
)
def test_last_report(output: str, report: dict[str, int]) -> None:
    assert last_report(output) == report


def test_a_probe_that_fails_says_so(tmp_path: Path) -> None:
    answer = ask_probe("probe_nvml.py", ProbeSettings({}, tmp_path, 5.0), str(tmp_path))
    assert answer == {"problem": "ended with status 1"}


def test_a_frozen_program_is_not_run_as_an_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    answer = ask_probe("probe_nvml.py", ProbeSettings({}, tmp_path, 5.0))
    assert answer == {"problem": "no Python interpreter to run the probe"}


def test_the_probe_sees_every_gpu_and_the_folder_of_wsl(tmp_path: Path) -> None:
    wsl = tmp_path / "usr/lib/wsl/lib"
    wsl.mkdir(parents=True)
    environ = {"CUDA_VISIBLE_DEVICES": "", "LD_LIBRARY_PATH": "/own", "HOME": "/home"}
    assert probe_environment(ProbeSettings(environ, tmp_path, 1.0)) == {
        "LD_LIBRARY_PATH": f"/own{os.pathsep}{wsl}",
        "HOME": "/home",
    }
