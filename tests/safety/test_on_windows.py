"""Windows itself, or wine: what only a Windows Python shows.

CUDA_GUARD_TEST_WINDOWS is a command that is one, as `wine64 /path/to/python.exe`, with pip and what
this project needs among its packages.
"""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from tests.support.clocks import FOREVER
from tests.support.tools import REPO_ROOT, UNHURRIED, Result, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VARIABLE = "CUDA_GUARD_TEST_WINDOWS"
PYTHON = shlex.split(os.environ.get(VARIABLE, ""), posix=sys.platform != "win32")
pytestmark = pytest.mark.skipif(not PYTHON, reason=f"{VARIABLE} names no Windows Python")

_PATIENCE = 60
MACHINE = ("--driver", "560.70", "--gpu", "RTX 4090", "--offline")


def named(path: Path) -> str:
    """Return a path as Windows has it; wine's drive Z is the whole file system."""
    return str(path) if sys.platform == "win32" else "Z:" + str(path).replace("/", "\\")


def environment() -> dict[str, str]:
    """Return the variables for it, in which this tree is what is imported."""
    ours = ("PIP_", "CUDA_GUARD_", "PYTHON", "LC_", "LANG", "SHELL", "LD_")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    # wine takes names of files by the locale.
    kept["LC_ALL"] = "C.UTF-8"
    return {**kept, "PYTHONPATH": named(REPO_ROOT), "PYTHONDONTWRITEBYTECODE": "1", **UNHURRIED}


def python(*words: str, cwd: Path) -> Result:
    """Run that Python."""
    return run([*PYTHON, *words], env=environment(), cwd=cwd)


def pipcuda(*words: str, cwd: Path) -> Result:
    """Run pipcuda with it."""
    code = "import sys; from pip_hook.script import main; sys.exit(main())"
    return python("-c", code, *words, cwd=cwd)


# Holds a connection for as long as it lives, and ends when it is told to.
_HOLDING = "import socket; socket.create_connection(('127.0.0.1', {port})).recv(1)"
_STARTING = f"""
import os, subprocess, sys, time
from conda_cuda_guard.host import child, watching
code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {{sys.argv[1]!r}}])"
process = child.start([sys.executable, "-c", code], {{**os.environ}})
sys.stdin.readline()
if sys.argv[2] == "killed":
    os.kill(os.getpid(), 9)  # TerminateProcess
if sys.argv[2] == "stopped":
    watching.kill_watched(process)
    time.sleep({FOREVER})
process.kill()
watching.unwatch(process)
"""


@contextmanager
def with_grandchild(how: str, folder: Path) -> Iterator[socket.socket]:
    """Yield the connection of a grandchild of a run that goes on, or ends, in this way."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(_PATIENCE)
        holding = _HOLDING.format(port=server.getsockname()[1])
        with subprocess.Popen(
            [*PYTHON, "-c", _STARTING, holding, how],
            env=environment(), cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            try:
                held, _ = server.accept()
                with held:
                    held.settimeout(_PATIENCE)
                    assert process.stdin is not None
                    process.stdin.write(b"go on\n")
                    process.stdin.flush()
                    if how != "stopped":
                        process.wait(_PATIENCE)
                    yield held
            finally:
                process.kill()


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_no_grandchild_lives_on(how: str, tmp_path: Path) -> None:
    # The end of the connection: the system closed it, and nobody told it to end.
    with with_grandchild(how, tmp_path) as held, suppress(ConnectionResetError):
        assert held.recv(1) == b""


def test_what_a_program_left_running_is_left_alone(tmp_path: Path) -> None:
    with with_grandchild("ended", tmp_path) as held:
        held.settimeout(3)
        with pytest.raises(TimeoutError):
            held.recv(1)
        held.send(b".")


KEEP = """
import os, sys
from pip_hook.files.file_roots import keep_private
print(keep_private("requirements.txt", b"--index-url https://me:secret@host/simple"), flush=True)
if sys.argv[1] == "killed":
    os.kill(os.getpid(), 9)
"""


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path) -> None:
    left = python("-c", KEEP, "killed", cwd=tmp_path).stdout.strip()
    exists = "import os, sys; print(os.path.exists(sys.argv[1]))"
    assert python("-c", exists, left, cwd=tmp_path).stdout.strip() == "True"
    assert pipcuda("plan", "--help", cwd=tmp_path).returncode == 0
    assert python("-c", exists, left, cwd=tmp_path).stdout.strip() == "False"
    gone = python("-c", KEEP, "", cwd=tmp_path).stdout.strip()
    there = "import os, sys; print(os.path.exists(os.path.dirname(os.path.dirname(sys.argv[1]))))"
    assert python("-c", there, gone, cwd=tmp_path).stdout.strip() == "False"


# A program as pip's own scripts are: a launcher, its interpreter's name, and a module in a zip.
_PLANTING = """
import io, pathlib, sys, zipfile
from pip._vendor import distlib
launcher = (pathlib.Path(distlib.__file__).parent / "t64.exe").read_bytes()
packed = io.BytesIO()
with zipfile.ZipFile(packed, "w") as file:
    file.writestr("__main__.py", f"import sys; open({sys.argv[1]!r}, 'a').write(sys.argv[0])")
program = launcher + f"#!{sys.executable}\\n".encode() + packed.getvalue()
for name in sys.argv[2:]:
    pathlib.Path(name + ".exe").write_bytes(program)
"""
PROGRAMS = ("uv", "conda", "nvidia-smi", "nvcc", "g++", "git", "python", "pip", "where")


def test_no_program_of_the_current_folder_is_run(tmp_path: Path) -> None:
    place = tmp_path / "cloned"
    place.mkdir()
    trace = tmp_path / "called"
    planted = python("-c", _PLANTING, named(trace), *PROGRAMS, cwd=place)
    assert planted.returncode == 0, planted.stderr
    # Windows itself would run it.
    python("-c", "import subprocess; subprocess.run(['uv'])", cwd=place)
    assert "uv" in trace.read_text()
    trace.unlink()
    for words in (
        ("doctor", "--offline"),
        ("mirrors",),
        ("verify",),
        ("plan", "torch", "--offline"),
        ("install", "--dry-run", "torch", *MACHINE, "--installer", "uv", "--no-index"),
    ):
        pipcuda(*words, cwd=place)
        assert not trace.exists(), words


def test_files_with_a_mark_and_windows_line_ends_and_paths(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "more.txt").write_bytes(b"torch\r\n-c lim.txt\r\n")
    (tmp_path / "sub" / "lim.txt").write_bytes(b"torch<2.7\r\n")
    (tmp_path / "all.txt").write_bytes(b"\xef\xbb\xbf-r 'sub\\more.txt'\r\nnumpy\r\n")
    planned = pipcuda("plan", "-r", "all.txt", *MACHINE, cwd=tmp_path)
    assert "torch==2.6.0+cu124" in planned.stdout, planned.stderr
    assert pipcuda(
        "rewrite", "sub\\more.txt", "-o", "sub\\more.txt", *MACHINE, cwd=tmp_path
    ).returncode == 0  # fmt: skip
    lines = (tmp_path / "sub" / "more.txt").read_bytes().splitlines(keepends=True)
    assert b"torch==2.6.0+cu124\r\n" in lines
    assert all(line.endswith(b"\r\n") and b"\r\r" not in line for line in lines)


@pytest.mark.parametrize("part", ["sys.executable", "os.path.dirname(sys.executable)"])
def test_another_interpreter_answers(part: str, tmp_path: Path) -> None:
    named = python("-c", f"import os, sys; print({part})", cwd=tmp_path).stdout.strip()
    planned = pipcuda("plan", "torch", "--python", named, *MACHINE, cwd=tmp_path)
    assert planned.returncode == 0, planned.stderr


def test_an_interrupt_ends_it_quietly(tmp_path: Path) -> None:
    """The interrupt comes when the planner is loaded, as Ctrl-C would bring it."""
    code = """
import _thread, sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == "conda_cuda_guard.planner":
            _thread.interrupt_main()
sys.meta_path.insert(0, Interrupting())
from pip_hook.script import main
sys.exit(main())
"""
    ended = python("-c", code, "plan", "torch", *MACHINE, cwd=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_what_is_printed_is_for_windows(tmp_path: Path) -> None:
    env = pipcuda("env", "torch", *MACHINE, cwd=tmp_path)
    assert env.returncode == 0, env.stderr
    assert all(line.startswith("$env:") for line in env.stdout.splitlines())
    examined = pipcuda("doctor", "--offline", cwd=tmp_path)
    assert "export " not in examined.stdout
    assert "/usr/" not in examined.stdout
    explained = pipcuda("explain", "CUDA_HOME environment variable is not set", cwd=tmp_path)
    assert '$env:CUDA_HOME = "$env:CUDA_PATH"' in explained.stdout
