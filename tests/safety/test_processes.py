"""A run that is killed or interrupted: what it started ends, and what it left is removed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Callable

import pytest

from conda_cuda_guard.model import internal_error
from tests.support.clocks import FOREVER, Lifeline, lifeline, wait_until
from tests.support.tools import isolated_environment, run

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
SIGNALS = ("SIGKILL", "SIGTERM", "SIGHUP")


@pytest.fixture(autouse=True)
def _told_by_signals() -> Iterator[None]:
    """Let what is started here heed signals that the shell may have switched off for all.

    It does so for what runs in the background (SIGINT) or by `nohup` (SIGHUP).
    """
    heard = {one: signal.signal(one, signal.SIG_DFL) for one in (signal.SIGINT, signal.SIGHUP)}
    yield
    for one, before in heard.items():
        signal.signal(one, before)


def hanging(line: Lifeline) -> str:
    """Return a shell script that starts a process, and never ends by itself."""
    # By a second later the run knows what it has started.
    return f"#!/bin/sh\nsleep 1\nexec 9>{line.path}\nsleep {FOREVER} &\nwait\n"


@contextmanager
def started(command: list[str], env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in a session of its own, as a terminal that is closed would end it."""
    process = subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def holds(line: Lifeline) -> Callable[[], bool]:
    """Return whether the program has come so far that it holds the lifeline."""

    def is_held() -> bool:
        try:
            return not os.read(line._end, 1024) and False  # noqa: SLF001
        except BlockingIOError:
            return True

    return is_held


@pytest.mark.parametrize("name", SIGNALS)
def test_a_child_and_its_children_end_with_us(name: str, tmp_path: Path) -> None:
    with lifeline(tmp_path) as line:
        (tmp_path / "tool").write_text(hanging(line))
        code = (
            "import os; from conda_cuda_guard.host.child import run_bounded; "
            f"run_bounded(['sh', {str(tmp_path / 'tool')!r}], environ=os.environ, limit=1e6)"
        )
        with started([sys.executable, "-c", code], dict(os.environ)) as process:
            wait_until(holds(line))
            process.send_signal(getattr(signal, name))
            process.wait()
            wait_until(line.is_cut)


in_proc = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

# What is killed once it has started a program, before the watch has the program's number.
KILLED_AT_A_START = """
import os, signal, time
from conda_cuda_guard.host import child

def watch(process):
    while not os.path.exists({ready!r}):
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGKILL)

child.watch = watch
child.start(["sh", "-c", {script!r}], os.environ)
"""
# What starts a program that leaves another behind, and ends.
ENDS_BY_ITSELF = """
import os
from conda_cuda_guard.host import child, watching
child.run_bounded(["sh", "-c", {script!r}], environ=os.environ, limit=1e6)
print(watching.to_be_watched({{}})["CUDA_GUARD_STARTED_BY"])
"""


@in_proc
def test_a_child_ends_with_us_before_its_number_is_known(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    with lifeline(tmp_path) as line:
        script = f"exec 9>{line.path}; echo > {ready}; exec sleep {FOREVER}"
        code = KILLED_AT_A_START.format(ready=str(ready), script=script)
        with started([sys.executable, "-c", code], dict(os.environ)) as process:
            assert process.wait() == -signal.SIGKILL
            wait_until(line.is_cut)


@in_proc
def test_what_a_program_leaves_running_outlives_a_run_that_ends_by_itself(tmp_path: Path) -> None:
    number = tmp_path / "number"
    with lifeline(tmp_path) as line:
        left = f"(exec 9>{line.path} >/dev/null 2>&1; exec sleep {FOREVER}) & echo $! > {number}"
        code = ENDS_BY_ITSELF.format(script=left)
        with started([sys.executable, "-c", code], dict(os.environ)) as process:
            wait_until(holds(line))
            mark = process.stdout.read().strip() if process.stdout else b""
            assert process.wait() == 0
        try:
            wait_until(lambda: mark not in b"".join(map(_read, Path("/proc").glob("*/cmdline"))))
            assert holds(line)()
        finally:
            os.kill(int(number.read_text()), signal.SIGKILL)


def _read(path: Path) -> bytes:
    with suppress(OSError):
        return path.read_bytes()
    return b""


@pytest.mark.parametrize(
    "name", ["SIGKILL", *(pytest.param(one, marks=pytest.mark.nightly) for one in SIGNALS[1:])]
)
@pytest.mark.parametrize(
    ("tool", "words"),
    [
        ("nvidia-smi", ("doctor", "--offline")),
        ("python", ("verify", "--python", "{tool}")),
        ("conda", ("mirrors",)),
        ("uv", ("install", "torch", "--driver", "535.104.05", "--offline", "--installer", "uv")),
    ],
    ids=["nvidia-smi", "verify", "conda", "uv"],
)
def test_no_program_of_a_command_lives_on(
    tool: str, words: tuple[str, ...], name: str, pip_env: Callable[[str], Path], tmp_path: Path
) -> None:
    with lifeline(tmp_path) as line:
        program = tmp_path / "bin" / tool
        program.parent.mkdir()
        version = "case $1 in --version) echo uv 0.9.0; exit;; esac\n"
        head, _, rest = hanging(line).partition("\n")
        single = f"sleep 1\nexec 9>{line.path}\nexec sleep {FOREVER}\n"
        program.write_text(f"{head}\n{version}{single if tool in ('uv', 'python') else rest}")
        program.chmod(0o755)
        env = isolated_environment(tmp_path)
        env["PATH"] = f"{program.parent}{os.pathsep}{env['PATH']}"
        env["CUDA_GUARD_TIME_FACTOR"] = "1000"
        command = [str(pip_env("newest")), "-m", "pip_hook"]
        command += [word.format(tool=program) for word in words]
        with started(command, env) as process:
            wait_until(holds(line))
            process.send_signal(getattr(signal, name))
            process.wait()
            wait_until(line.is_cut)


KEEP = """
import sys, time
from pip_hook.files.file_roots import keep_private
print(keep_private("requirements.txt", b"--index-url https://me:secret@host/simple"), flush=True)
time.sleep({seconds})
"""


def test_what_a_killed_run_left_is_removed_by_the_next(
    tmp_path: Path, pip_env: Callable[[str], Path]
) -> None:
    env = {**isolated_environment(tmp_path), "TMPDIR": str(tmp_path)}
    command = [str(pip_env("newest")), "-c", KEEP.format(seconds=FOREVER)]
    with started(command, env) as killed, started(command, env) as living:
        copies = [Path(one.stdout.readline().decode().strip()) for one in (killed, living)
                  if one.stdout]  # fmt: skip
        assert all(copy.exists() for copy in copies)
        assert not copies[0].parent.parent.parent.stat().st_mode & 0o077
        killed.kill()
        killed.wait()
        assert copies[0].exists()
        run([command[0], "-m", "pip_hook", "plan", "--help"], env=env)
        assert [copy.exists() for copy in copies] == [False, True]


def test_it_is_removed_at_the_end_of_a_run(tmp_path: Path, pip_env: Callable[[str], Path]) -> None:
    env = {**isolated_environment(tmp_path), "TMPDIR": str(tmp_path)}
    done = run([str(pip_env("newest")), "-c", KEEP.format(seconds=0)], env=env)
    assert not Path(done.stdout.strip()).parent.parent.exists()


# How far the script has come when the interrupt comes: the modules that are loaded by then.
@pytest.mark.parametrize(
    "module", ["pip_hook.run_pip", "pip_hook.cli", "pip_hook.command_line", "packaging.version",
               "conda_cuda_guard.planner", "pip_hook.deciding", "pip._internal"]
)  # fmt: skip
def test_an_interrupt_ends_it_quietly_at_any_moment(
    module: str, tmp_path: Path, pip_env: Callable[[str], Path]
) -> None:
    script = tmp_path / "pipcuda"
    script.write_text("import sys\nfrom pip_hook.script import main\nsys.exit(main())\n")
    env = {**isolated_environment(tmp_path), "PIP_RETRIES": "0"}
    words = ["install", "torch", "--driver", "535.104.05", "--offline", "--dry-run"]
    words += ["--index-url", "http://127.0.0.1:9/simple"]
    command = [str(pip_env("newest")), "-X", "importtime", str(script), *words]
    with started(command, env) as process:
        assert process.stdout is not None
        said = b""
        for line in process.stdout:
            said += line
            if line.rpartition(b"|")[2].strip() == module.encode():
                process.send_signal(signal.SIGINT)
                break
        said += process.stdout.read()
        status = process.wait()
    assert b"Traceback" not in said
    assert status == 130


def test_an_interrupt_that_python_wraps_is_one_all_the_same() -> None:
    """Before 3.12 Python makes it a RuntimeError where it comes while a class is made."""

    class Name:
        def __set_name__(self, owner: type, name: str) -> None:
            raise KeyboardInterrupt

    with pytest.raises((KeyboardInterrupt, RuntimeError)) as raised:
        type("Made", (), {"name": Name()})
    if isinstance(raised.value, RuntimeError):
        with pytest.raises(KeyboardInterrupt):
            internal_error("pipcuda", raised.value)
