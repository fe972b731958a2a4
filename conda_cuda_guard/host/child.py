"""Run a command that may hang or crash, without letting the caller do either."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model import Phrase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Callable

    from .finding import Scene

_REAPING = 0.5
_READING = 0.1
_WSL_LIBRARIES = "usr/lib/wsl/lib"


@dataclass(frozen=True)
class Outcome:
    """What a command printed, also before it was stopped, and why it did not end well."""

    output: str
    problem: str | None = None


def run_bounded(command: Sequence[str], *, environ: Mapping[str, str], limit: float) -> Outcome:
    """Run a command for at most `limit` seconds, and its children with it."""
    return begin(command, environ=environ, limit=limit)()


def begin(
    command: Sequence[str], *, environ: Mapping[str, str], limit: float
) -> Callable[[], Outcome]:
    """Start a command and return the function that waits for it, `limit` seconds from the start."""
    if limit <= 0:
        return partial(Outcome, "", Phrase("no time left"))
    try:
        process = start(command, environ)
    except (OSError, ValueError) as error:
        told = Phrase("cannot start {name}: {error}", name=Path(command[0]).name, error=error)
        return partial(Outcome, "", told)
    return partial(_wait, process, limit, time.monotonic() + limit)


def _wait(process: subprocess.Popen[bytes], limit: float, end: float) -> Outcome:
    try:
        # What it has printed by now is read also where the time is over.
        raw, _ = process.communicate(timeout=max(_READING, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        return Outcome(
            decode(_stop(process)), Phrase("no answer within {limit:.1f} s", limit=limit)
        )
    except BaseException:
        # An interrupt must not leave it behind.
        _stop(process)
        raise
    failed = Phrase("ended with status {status}", status=process.returncode)
    return Outcome(decode(raw), failed if process.returncode else None)


def start(command: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a command in a group of its own, with its errors among its output and no input."""
    options: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        options = {"creationflags": subprocess.CREATE_NO_WINDOW}
    return subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environ),
        **options,
    )


def _stop(process: subprocess.Popen[bytes]) -> bytes:
    """Kill the command and what it started, and return what it had printed."""
    kill(process)
    try:
        raw, _ = process.communicate(timeout=_REAPING)
    except subprocess.TimeoutExpired as late:
        # Blocked inside the driver, out of reach of signals. Python reaps it when it comes back.
        if process.stdout:
            process.stdout.close()
        return late.output or b""
    return raw


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a started command and what it started."""
    if sys.platform == "win32":
        process.kill()
    else:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            process.kill()


def decode(raw: bytes) -> str:
    """Return the text of some output, which on Windows may be UTF-16."""
    encoding = "utf-16-le" if b"\0" in raw[:200] else "utf-8"
    return raw.decode(encoding, errors="replace").replace("\ufeff", "")


def ask_probe(script: str, scene: Scene, *arguments: str) -> dict[str, Any]:
    """Run a probe in an interpreter of its own, and return the last thing it reported."""
    if not sys.executable or getattr(sys, "frozen", False):
        # A frozen program is no interpreter: it would run itself once more.
        return {"problem": "no Python interpreter to run the probe"}
    # -S: nothing of site-packages but pynvml is needed, and a big environment starts slowly.
    probe = Path(__file__).with_name(script)
    command = [sys.executable, "-I", "-S", str(probe), *arguments]
    outcome = run_bounded(command, environ=probe_environment(scene), limit=scene.limit)
    report = last_report(outcome.output)
    if outcome.problem:
        report = {**report, "problem": outcome.problem}
    return report or {"problem": "the probe did not answer"}


def last_report(output: str) -> dict[str, Any]:
    """Return the last line that is a JSON object, passing over what a library printed."""
    for line in reversed(output.splitlines()):
        if line.startswith("{"):
            try:
                report = json.loads(line)
            except ValueError:
                continue
            if isinstance(report, dict):
                return report
    return {}


def probe_environment(scene: Scene) -> dict[str, str]:
    """Return the environment of the probe, in which every GPU is visible."""
    environ = {key: text for key, text in scene.environ.items() if key != "CUDA_VISIBLE_DEVICES"}
    wsl = scene.roots / _WSL_LIBRARIES
    if wsl.is_dir():
        # Windows puts the libraries there; not every distribution has its loader look there.
        paths = [environ.get("LD_LIBRARY_PATH", ""), str(wsl)]
        environ["LD_LIBRARY_PATH"] = os.pathsep.join(filter(None, paths))
    return environ
