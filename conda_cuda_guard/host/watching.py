"""Let no process that was started here live on after this one, however it ends.

A small shell reads from a pipe what was started and what has ended. When the pipe is closed, which
no signal can prevent, it kills what is left. (PR_SET_PDEATHSIG would do so when the thread that
started a process ends, and for the process alone.) On Windows each of them is in a job object.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .windows_job import Job

_SHELL = "/bin/sh"
# A list of targets of `kill`, each between spaces: a number, or the negative one of a group.
_SCRIPT = """\
exec 3<&0
{
trap '' INT TERM HUP QUIT
all=' '
while read -r sign target <&3; do
  case $sign in
    +) all="$all$target ";;
    -) case $all in *" $target "*) all="${all%% $target *} ${all#* $target }";; esac;;
  esac
done
for target in $all; do kill -s KILL -- "$target"; done
} &
"""
_lock = threading.Lock()
_pipe: int | None = None
_jobs: dict[int, Job] = {}  # by the process's number, which stays its own until it is waited for


@contextmanager
def watched(process: subprocess.Popen[bytes], *, group: bool = True) -> Iterator[None]:
    """Have a process, or its group, killed where this process ends within the block."""
    watch(process, group=group)
    try:
        yield
    finally:
        unwatch(process, group=group)


def be_ready() -> None:
    """Start the watching shell, so that next to no time is left between a start and its watch."""
    if sys.platform != "win32":
        with _lock, suppress(OSError):
            _opened()


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
        os.write(_opened(), f"{sign} {target}\n".encode())


def _opened() -> int:
    """Return the pipe to the watching shell, started at the first call, as nobody's child."""
    global _pipe
    if _pipe is None:
        end, _pipe = os.pipe()
        try:
            subprocess.run(
                [_SHELL, "-c", _SCRIPT],
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
    return _pipe
