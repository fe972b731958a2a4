"""Run a command that may hang or crash, without letting the caller do either."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from conda_cuda_guard.model import Phrase

from .watching import kill_watched, to_be_watched, unwatch, watch, watched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Callable

    from .finding import ProbeSettings

_REAPING = 0.5
_READING = 0.1
_WSL_LIBRARIES = "usr/lib/wsl/lib"


# Bytes of output: none of those that are asked has a tenth of it to say.
LARGEST = 8 * 2**20
_PIECE = 64 * 1024


@dataclass(frozen=True)
class Outcome:
    """What a command printed, also before it was stopped, and why it did not end well.

    `status` is its exit status, None where it did not end by itself; `started` is False where no
    time was left for it.
    """

    output: str
    problem: str | None = None
    status: int | None = field(default=None, compare=False)
    started: bool = field(default=True, compare=False)

    @property
    def last_line(self) -> str:
        """The last line of the output, where a failing command says why; empty where none is."""
        return (self.output.strip().splitlines() or [""])[-1]


def run_bounded(command: Sequence[str], *, environ: Mapping[str, str], limit: float) -> Outcome:
    """Run a command for at most `limit` seconds, and its children with it."""
    return begin(command, environ=environ, limit=limit)()


def begin(
    command: Sequence[str], *, environ: Mapping[str, str], limit: float
) -> Callable[[], Outcome]:
    """Start a command, and return the function that waits: `limit` seconds from the start."""
    if limit <= 0:
        return partial(Outcome, "", Phrase("no time left"), started=False)
    end = time.monotonic() + limit
    try:
        process = start(command, environ)
    except (OSError, ValueError) as error:
        told = Phrase("cannot start {name}: {error}", name=Path(command[0]).name, error=error)
        return partial(Outcome, "", told)
    return partial(_wait, process, Output(process.stdout, LARGEST), limit, end)


def completed(command: Sequence[str], *, limit: float) -> subprocess.CompletedProcess[str]:
    """Return the answer of a program to a short question; raise OSError or TimeoutExpired.

    Unlike `run_bounded` it keeps errors apart, and leaves Ctrl-C to the program as well. A program
    that prints without an end is stopped, which is an OSError too.
    """
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=to_be_watched(os.environ),
    )
    with watched(process, group=False):
        try:
            output, errors = _both(process, limit)
        except BaseException:
            process.kill()
            process.wait(_REAPING)
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def _both(process: subprocess.Popen[bytes], limit: float) -> tuple[str, str]:
    """Wait for the end of a process, and return its output and its errors."""
    end = time.monotonic() + limit
    texts = []
    for stream in [Output(one, LARGEST) for one in (process.stdout, process.stderr)]:
        if not stream.ended(end - time.monotonic()):
            raise subprocess.TimeoutExpired(process.args, limit)
        if stream.is_too_long:
            raise OSError(_too_much())
        texts.append(stream.text())
    process.wait(max(_READING, end - time.monotonic()))
    return texts[0], texts[1]


def _too_much() -> Phrase:
    """Return the words for a flood."""
    return Phrase("it printed more than {size} MiB", size=LARGEST // 2**20)


class Output:
    """What a process prints, read in a thread of its own: its beginning, or its end, up to a size.

    Of the beginning nothing more is read where it is too long; for the end all is.
    """

    def __init__(self, stream: IO[bytes] | None, largest: int, *, end: bool = False) -> None:
        self._kept = bytearray()
        self._largest = largest
        self._end = end
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            while not self.is_too_long and (piece := os.read(stream.fileno(), _PIECE)):
                self._kept += piece
                if self._end:
                    del self._kept[: -self._largest]

    @property
    def is_too_long(self) -> bool:
        """Whether there was more than is kept."""
        return len(self._kept) > self._largest

    def ended(self, timeout: float) -> bool:
        """Return whether all of it was read, or too much, within so many seconds."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def text(self) -> str:
        """Return what was read so far."""
        return decode(bytes(self._kept[: self._largest]))


def _wait(process: subprocess.Popen[bytes], output: Output, limit: float, end: float) -> Outcome:
    try:
        problem = _unfinished(process, output, limit, end)
    except BaseException:
        # An interrupt must not leave it behind.
        _stop(process, output)
        raise
    if problem:
        _stop(process, output)
        return Outcome(output.text(), problem)
    unwatch(process)
    status = process.returncode
    failed = Phrase("ended with status {status}", status=status) if status else None
    return Outcome(output.text(), failed, status)


def _unfinished(
    process: subprocess.Popen[bytes], output: Output, limit: float, end: float
) -> str | None:
    """Wait for the end of output and process, and return why they have to be stopped, if so."""
    late = Phrase("no answer within {limit:.1f} s", limit=limit)
    # What it has printed by now is read also where the time is over.
    if not output.ended(max(_READING, end - time.monotonic())):
        return late
    if output.is_too_long:
        return _too_much()
    try:
        process.wait(max(_READING, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        return late
    return None


def start(command: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a command in a group of its own, with its errors among its output and no input."""
    options: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        options = {"creationflags": subprocess.CREATE_NO_WINDOW}
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=to_be_watched(environ),
        **options,
    )
    watch(process)
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    """Kill a command and what it started."""
    kill_watched(process)
    # Where it is blocked inside the driver, no signal reaches it: Python reaps it some day.
    with suppress(subprocess.TimeoutExpired):
        process.wait(_REAPING)


def _stop(process: subprocess.Popen[bytes], output: Output) -> None:
    """Kill a command and what it started, and read what it has printed."""
    stop(process)
    output.ended(_REAPING)


def decode(raw: bytes) -> str:
    """Return the text of some output, which on Windows may be UTF-16 and has its line ends."""
    encoding = "utf-16-le" if b"\0" in raw[:200] else "utf-8"
    text = raw.decode(encoding, errors="replace")
    return text.replace("\ufeff", "").replace("\r\n", "\n")


def ask_probe(script: str, settings: ProbeSettings, *arguments: str) -> dict[str, Any]:
    """Run a probe in an interpreter of its own, and return the last thing it reported."""
    if not sys.executable or getattr(sys, "frozen", False):
        # A frozen program is no interpreter: it would run itself once more.
        return {"problem": "no Python interpreter to run the probe"}
    # -S: nothing of site-packages but pynvml is needed, and a big environment starts slowly.
    probe = Path(__file__).with_name(script)
    command = [sys.executable, "-I", "-S", str(probe), *arguments]
    outcome = run_bounded(command, environ=probe_environment(settings), limit=settings.limit)
    report = last_report(outcome.output)
    if outcome.problem:
        if report:
            report["ended"] = outcome.problem
        elif outcome.status is None:
            # It had not begun to ask when its time was over: that says nothing of the library.
            report["errors"] = []
        report["problem"] = outcome.problem
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


def probe_environment(settings: ProbeSettings) -> dict[str, str]:
    """Return the environment of the probe, in which every GPU is visible."""
    environ = {key: text for key, text in settings.environ.items() if key != "CUDA_VISIBLE_DEVICES"}
    wsl = settings.roots / _WSL_LIBRARIES
    if wsl.is_dir():
        # Windows puts the libraries there; not every distribution has its loader look there.
        paths = [environ.get("LD_LIBRARY_PATH", ""), str(wsl)]
        environ["LD_LIBRARY_PATH"] = os.pathsep.join(filter(None, paths))
    return environ
