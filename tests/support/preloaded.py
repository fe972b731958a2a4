"""Runs of `python -m MODULE` by interpreters that have loaded their libraries already.

Half of what a run of pip or conda costs is that Python loads some four hundred modules of others.
Here an interpreter does so once and forks for each run (`preloaded_server.py`). Each run is still a
process with variables, a folder and streams of its own, and loads pip and conda, with our plugin,
afresh. A run of all tests (`-m ""`) starts each interpreter anew, as users do.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.model.time_limit import VARIABLE

from .preloaded_server import REQUEST
from .tools import RUN_LIMIT, Result, run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HERE = Path(__file__).parent
_SERVER = _HERE / "preloaded_server.py"
# What an interpreter, its loader or ours reads at its start: runs share one where they agree.
AT_START = (VARIABLE, "LANG", "LC_", "LD_", "PYTHON", "SUPPORT_", "TZ")
# What lies there may take the place of a library, unless it belongs to the tests' own tools.
_MORE_LIBRARIES = "PYTHONPATH"
# Who asks what a run loads wants an interpreter that has loaded nothing.
_TELLS_LOADED = "PYTHONPROFILEIMPORTTIME"
# Loading costs as much as what it saves a few runs.
_WORTH_IT = 3
# What a pipe holds before somebody reads it.
_MUCH = 1 << 16

Key = tuple[str, tuple[tuple[str, str], ...]]


class _Interpreter:
    """An interpreter that forks for each run, one run at a time."""

    def __init__(self, python: str, variables: Mapping[str, str]) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket = ours
        self._lock = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [python, str(_SERVER), str(theirs.fileno())],
                env=dict(variables),
                pass_fds=(theirs.fileno(),),
                # Never used: Python makes its streams for what they are at its start, and those
                # of a run are pipes.
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )

    def run(self, request: bytes, stdin: bytes) -> Result | None:
        """Run a module to its end; None where that is too much, or it is busy."""
        if len(request) > REQUEST or len(stdin) > _MUCH or not self._lock.acquire(blocking=False):
            return None
        try:
            return self._run(request, stdin)
        finally:
            self._lock.release()

    def _run(self, request: bytes, stdin: bytes) -> Result:
        given, give = os.pipe()
        out, its_out = os.pipe()
        err, its_err = os.pipe()
        try:
            os.write(give, stdin)  # a pipe takes so much at once
            os.close(give)
            socket.send_fds(self._socket, [request], [given, its_out, its_err])
            for end in (given, its_out, its_err):
                os.close(end)
            process = self._told("pid")
            try:
                texts = _read_all((out, err), process)
            finally:
                status = self._told("status")
        finally:
            os.close(out)
            os.close(err)
        return Result(os.waitstatus_to_exitcode(status), *texts)

    def _told(self, what: str) -> int:
        told = self._socket.recv(REQUEST)
        if not told:
            raise RuntimeError(f"an interpreter that forks has ended: {self._process.args!r}")
        value: int = json.loads(told)[what]
        return value

    def end(self) -> None:
        """Let it end, which it does once nobody can ask it any more."""
        self._socket.close()
        self._process.communicate()


def _read_all(pipes: Sequence[int], process: int) -> list[str]:
    """Read pipes to their ends; a process that takes for ever is killed."""
    end = time.monotonic() + RUN_LIMIT
    texts = dict.fromkeys(pipes, b"")
    with selectors.DefaultSelector() as waiting:
        for pipe in pipes:
            waiting.register(pipe, selectors.EVENT_READ)
        while waiting.get_map():
            ready = waiting.select(end - time.monotonic())
            if not ready:
                os.kill(process, signal.SIGKILL)
                raise subprocess.TimeoutExpired(str(process), RUN_LIMIT)
            for key, _ in ready:
                part = os.read(key.fd, _MUCH)
                texts[key.fd] += part
                if not part:
                    waiting.unregister(key.fd)
    # As `subprocess` reads text.
    return [text.decode("utf-8", "replace").replace("\r\n", "\n") for text in texts.values()]


class Interpreters:
    """Those of one process, by what they were started with."""

    def __init__(self) -> None:
        self._wanted = sys.platform == "linux" and hasattr(socket, "send_fds")
        self._asked: Counter[Key] = Counter()
        self._running: dict[Key, _Interpreter] = {}

    def run(
        self,
        python: Path,
        module: str,
        *words: str | Path,
        env: Mapping[str, str],
        cwd: Path | None = None,
        stdin: str = "",
    ) -> Result:
        """Run `python -m MODULE WORDS` to its end, with nothing but the given environment."""
        line = [str(word) for word in words]
        found = self._find(str(python), env)
        folder = str(cwd or Path.cwd())
        request = {"module": module, "words": line, "env": dict(env), "cwd": folder}
        done = found and found.run(json.dumps(request).encode(), stdin.encode())
        return done or run([str(python), "-m", module, *line], env=env, cwd=cwd, stdin=stdin)

    def _find(self, python: str, env: Mapping[str, str]) -> _Interpreter | None:
        """Return the interpreter for such a run, once there were enough of them."""
        more = filter(None, env.get(_MORE_LIBRARIES, "").split(os.pathsep))
        if not self._wanted or _TELLS_LOADED in env:
            return None
        if any(_HERE not in Path(one).parents for one in more):
            return None
        variables = {name: env[name] for name in sorted(env) if name.startswith(AT_START)}
        key = (python, tuple(variables.items()))
        self._asked[key] += 1
        if self._asked[key] == _WORTH_IT:
            self._running[key] = _Interpreter(python, variables)
        return self._running.get(key)

    def stop(self) -> None:
        """End all of them, and start no more."""
        self._wanted = False
        while self._running:
            self._running.popitem()[1].end()


_OURS = Interpreters()
run_module = _OURS.run
start_afresh = _OURS.stop
