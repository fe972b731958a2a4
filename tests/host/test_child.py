"""Commands that hang, crash, or print what they like."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.host import child
from conda_cuda_guard.host.child import (
    LARGEST,
    Outcome,
    ask_probe,
    begin,
    completed,
    decode,
    last_report,
    probe_environment,
    run_bounded,
)
from conda_cuda_guard.host.finding import ProbeSettings
from tests.support.clocks import FOREVER, FakeClock, lifeline, wait_until

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell")


def _run(code: str, limit: float = 60.0) -> Outcome:
    return run_bounded([sys.executable, "-c", code], environ=os.environ, limit=limit)


def test_output_and_status() -> None:
    assert _run("print('hello')") == Outcome("hello\n")
    assert _run("print('hello'); raise SystemExit(3)") == Outcome("hello\n", "ended with status 3")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_output_of_windows_is_read_as_any(encoding: str) -> None:
    assert decode("3.13\r\nwin_amd64\r\n".encode(encoding)) == "3.13\nwin_amd64\n"


def _shell(code: str, limit: float) -> Outcome:
    return run_bounded(["sh", "-c", code], environ=os.environ, limit=limit)


@posix
def test_output_before_a_hang_is_kept() -> None:
    outcome = _shell(f"echo hello; exec sleep {FOREVER}", limit=1)
    assert outcome == Outcome("hello\n", "no answer within 1.0 s")


@posix
def test_a_grandchild_that_keeps_the_pipe_open_is_stopped_too(tmp_path: Path) -> None:
    with lifeline(tmp_path) as line:
        outcome = _shell(f"sh -c 'echo hello; sleep {FOREVER}' 9>{line.path}; echo over", limit=1)
        assert outcome == Outcome("hello\n", "no answer within 1.0 s")
        wait_until(line.is_cut)


@posix
def test_what_was_begun_goes_on_by_itself_and_its_time_counts_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    monkeypatch.setattr(child, "time", clock)
    code = f"echo hello; touch $0; test $0 = 2 && exec sleep {FOREVER}; exit 0"
    commands = [["sh", "-c", f"cd {tmp_path}; {code}", str(number)] for number in range(3)]
    ends = [begin(command, environ=os.environ, limit=600) for command in commands]
    wait_until(lambda: len(list(tmp_path.iterdir())) == len(commands))
    # Of the ten minutes a fifth of a second is left.
    clock.now += 599.8
    start = time.perf_counter()
    assert [end() for end in ends] == [
        Outcome("hello\n"),
        Outcome("hello\n"),
        Outcome("hello\n", "no answer within 600.0 s"),
    ]
    assert time.perf_counter() - start < 300


def test_it_has_no_stdin() -> None:
    assert _run("import sys; print(repr(sys.stdin.read()))").output == "''\n"


def test_no_time_left() -> None:
    assert _run("print(1)", limit=0) == Outcome("", "no time left")


def test_output_without_end_is_stopped() -> None:
    code = "import os\nwhile True: os.write(1, b'x' * 65536)"
    outcome = _run(code, limit=60.0)
    assert outcome.problem == f"it printed more than {LARGEST // 2**20} MiB"
    assert outcome.output == "x" * LARGEST


@pytest.mark.parametrize("stream", [1, 2])
def test_a_short_answer_without_end_is_stopped(stream: int) -> None:
    code = f"import os\nwhile True: os.write({stream}, b'x' * 65536)"
    with pytest.raises(OSError, match="it printed more than 8 MiB"):
        completed([sys.executable, "-c", code], limit=60.0)


def test_a_short_answer_has_its_time() -> None:
    code = "print('yes'); import sys; print('no', file=sys.stderr)"
    done = completed([sys.executable, "-c", code], limit=60.0)
    assert (done.stdout, done.stderr, done.returncode) == ("yes\n", "no\n", 0)
    with pytest.raises(subprocess.TimeoutExpired):
        completed([sys.executable, "-c", "import time; time.sleep(600)"], limit=0.5)


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
    answer = ask_probe("probe_nvml.py", ProbeSettings({}, tmp_path, 60.0), str(tmp_path))
    assert answer == {"problem": "ended with status 1"}


def test_a_frozen_program_is_not_run_as_an_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    answer = ask_probe("probe_nvml.py", ProbeSettings({}, tmp_path, 60.0))
    assert answer == {"problem": "no Python interpreter to run the probe"}


def test_the_probe_sees_every_gpu_and_the_folder_of_wsl(tmp_path: Path) -> None:
    wsl = tmp_path / "usr/lib/wsl/lib"
    wsl.mkdir(parents=True)
    environ = {"CUDA_VISIBLE_DEVICES": "", "LD_LIBRARY_PATH": "/own", "HOME": "/home"}
    assert probe_environment(ProbeSettings(environ, tmp_path, 1.0)) == {
        "LD_LIBRARY_PATH": f"/own{os.pathsep}{wsl}",
        "HOME": "/home",
    }
