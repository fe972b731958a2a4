"""Let no process that was started here live on after this one, however it ends.

A small shell reads from a pipe what was started and what has ended. When the pipe is closed, which
no signal can prevent, it kills what is left. (PR_SET_PDEATHSIG would do so when the thread that
started a process ends, and for the process alone.) What was started at that very moment, and is not
in the pipe yet, has a mark in its environment, by which the shell finds it on Linux. On Windows
each process is in a job object.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .windows_job import Job

_SHELL = "/bin/sh"
# What this process adds to the environment of those that it starts.
_MARK = "CUDA_GUARD_STARTED_BY"
# A list of targets of `kill`, each between spaces: a number, or the negative one of a group. The
# second look is for a program that had closed the pipe and was not yet in its own environment.
_SCRIPT = """\
exec 3<&0
{
trap '' INT TERM HUP QUIT
all=' ' ended=
while read -r sign target <&3; do
  case $sign in
    +) all="$all$target ";;
    -) case $all in *" $target "*) all="${all%% $target *} ${all#* $target }";; esac;;
    .) ended=yes;;
  esac
done
for target in $all; do kill -s KILL -- "$target"; done
[ -z "$ended" ] || exit
for pause in 0.1 0; do
  for place in $(grep -lsF "$1" /proc/[0-9]*/environ); do
    place=${place#/proc/}
    kill -s KILL "${place%/environ}"
  done
  sleep $pause
done
} &
"""
_lock = threading.Lock()
_jobs: dict[int, Job] = {}  # by the process's number, which stays its own until it is waited for


@contextmanager
def watched(process: subprocess.Popen[bytes], *, group: bool = True) -> Iterator[None]:
    """Have a process, or its group, killed where this process ends within the block."""
    watch(process, group=group)
    try:
        yield
    finally:
        unwatch(process, group=group)


def to_be_watched(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a process that will be watched, and have the watch ready."""
    env = dict(environ)
    if sys.platform != "win32":
        with _lock, suppress(OSError):
            env[_MARK] = _opened()[1]
    return env


def watch(process: subprocess.Popen[bytes], *, group: bool = True) -> None:
    """Have a process, or its group, killed where this process ends before `unwatch`.

    On Windows there are no groups: what the process starts is killed with it in any case.
    """
    if sys.platform == "win32":
        from .windows_job import job_of

        job = job_of(process.pid)
        if job is not None:
            _jobs[process.pid] = job
    else:
        _tell("+", process, group=group)


def unwatch(process: subprocess.Popen[bytes], *, group: bool = True) -> None:
    """Take a process that has ended from the watch: its number may be another's soon."""
    if sys.platform == "win32":
        job = _jobs.pop(process.pid, None)
        if job is not None:
            job.release()
    else:
        _tell("-", process, group=group)


def kill_watched(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that is watched with its group, and what it started."""
    if sys.platform == "win32":
        job = _jobs.pop(process.pid, None)
        if job is not None:
            job.end()
        process.kill()
    else:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            process.kill()
        unwatch(process)


def _tell(sign: str, process: subprocess.Popen[bytes], *, group: bool) -> None:
    target = -process.pid if group else process.pid
    with _lock, suppress(OSError):
        os.write(_opened()[0], f"{sign} {target}\n".encode())


def _tell_of_end() -> None:
    """Let the shell know that this process ends by itself: what still runs is meant to stay."""
    with suppress(OSError):
        os.write(_opened()[0], b". -\n")


@cache
def _opened() -> tuple[int, str]:
    """Return the pipe to the watching shell, and the mark that it looks for.

    It is started at the first call, as nobody's child.
    """
    mark = f"{os.getpid()}-{os.urandom(8).hex()}"
    end, pipe = os.pipe()
    try:
        subprocess.run(
            [_SHELL, "-c", _SCRIPT, _SHELL, f"{_MARK}={mark}"],
            stdin=end,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},
            start_new_session=True,
            check=False,
        )
    finally:
        os.close(end)
    atexit.register(_tell_of_end)
    return pipe, mark
