"""Run the probe by an interpreter, bounded in time and output, whatever its torch does."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import IO

from conda_cuda_guard.host.child import decode, kill, last_report, start
from conda_cuda_guard.model import Phrase, UsageError

from .findings import Findings

TIMEOUT = 120.0
_INSIDE = ("bin/python", "Scripts/python.exe", "python.exe")
_TAIL = 4096
_LONGEST_REPORT = 1024 * 1024
_REAPING = 1.0


def interpreter_of(path: Path) -> Path:
    """Give the interpreter of an environment's folder, or the path itself."""
    if not path.is_dir():
        return path
    return next((path / one for one in _INSIDE if (path / one).exists()), path / _INSIDE[0])


def run_probe(python: Path, *, timeout: float = TIMEOUT) -> Findings:
    """Let an interpreter try its torch for at most `timeout` seconds."""
    with tempfile.TemporaryDirectory(prefix="cuda-guard-") as folder:
        report = Path(folder, "report")
        report.touch()
        process = _start(python, report)
        tail = _Tail(process)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            status = None
        else:
            status = process.returncode
        finally:
            # Also what it started, and also after an interrupt.
            _end(process)
        output = tail.text()
        with report.open("rb") as file:
            known = last_report(decode(file.read(_LONGEST_REPORT)))
    return Findings(str(python), known, status, output, timeout)


def _start(python: Path, report: Path) -> subprocess.Popen[bytes]:
    probe = Path(__file__).with_name("probe.py")
    try:
        return start([str(python), str(probe), str(report)], os.environ)
    except (OSError, ValueError) as error:
        raise UsageError(
            Phrase("{python} cannot be run", python=python),
            why=getattr(error, "strerror", None) or str(error),
            hint="name an interpreter or an environment's folder: --python .venv",
        ) from None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and its group, and do not wait for one that is blocked in the driver."""
    kill(process)
    try:
        process.wait(_REAPING)
    except subprocess.TimeoutExpired:
        return


class _Tail:
    """Reads all that a process prints, and keeps the end of it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._kept = b""
        stream = process.stdout
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            while chunk := os.read(stream.fileno(), _TAIL):
                self._kept = (self._kept + chunk)[-_TAIL:]

    def text(self) -> str:
        """Give the end of the output, without waiting for a process that kept the pipe."""
        self._thread.join(_REAPING)
        return decode(self._kept)
