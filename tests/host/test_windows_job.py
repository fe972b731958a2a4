"""Job objects, with a kernel that writes down what it is asked for."""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass, field
from typing import Any

import pytest

from conda_cuda_guard.host import watching, windows_job
from conda_cuda_guard.host.windows_job import Job, job_of

KILL_ON_CLOSE, MAY_BREAK_AWAY = 0x2000, 0x800
JOB, PROCESS, NUMBER = 11, 22, 333


@dataclass
class FakeKernel:
    """kernel32 with one process; `failing` is the function that says no."""

    failing: str = ""
    said: list[tuple[Any, ...]] = field(default_factory=list)

    def _answer(self, name: str, right: int, *told: Any) -> int:
        self.said.append((name, *told))
        return 0 if name == self.failing else right

    def CreateJobObjectW(self, security: None, name: None) -> int:  # noqa: N802
        return self._answer("create", JOB, security, name)

    def OpenProcess(self, access: int, inherited: int, number: int) -> int:  # noqa: N802
        return self._answer("open", PROCESS, access, inherited, number)

    def SetInformationJobObject(self, job: int, kind: int, limits: Any, size: int) -> int:  # noqa: N802
        assert (kind, size) == (
            9,
            {8: 144, 4: 112}[ctypes.sizeof(ctypes.c_void_p)],
        )
        return self._answer("limit", 1, job, limits._obj.basic.flags)  # noqa: SLF001

    def AssignProcessToJobObject(self, job: int, process: int) -> int:  # noqa: N802
        return self._answer("assign", 1, job, process)

    def TerminateJobObject(self, job: int, status: int) -> int:  # noqa: N802
        return self._answer("terminate", 1, job, status)

    def CloseHandle(self, handle: int) -> int:  # noqa: N802
        return self._answer("close", 1, handle)

    @property
    def closed(self) -> list[int]:
        """The handles that were closed."""
        return [one[1] for one in self.said if one[0] == "close"]


def test_a_process_is_put_into_a_job_that_ends_with_us() -> None:
    kernel = FakeKernel()
    assert job_of(NUMBER, kernel) == Job(JOB, kernel)
    # No name and no security: a handle of this process alone. PROCESS_SET_QUOTA, PROCESS_TERMINATE.
    assert kernel.said == [
        ("create", None, None),
        ("open", 0x101, 0, NUMBER),
        ("limit", JOB, KILL_ON_CLOSE | MAY_BREAK_AWAY),
        ("assign", JOB, PROCESS),
        ("close", PROCESS),
    ]


@pytest.mark.parametrize(
    ("failing", "closed"),
    [("create", []), ("open", [JOB]), ("limit", [PROCESS, JOB]), ("assign", [PROCESS, JOB])],
)
def test_a_system_that_gives_no_job_is_no_error(failing: str, closed: list[int]) -> None:
    kernel = FakeKernel(failing)
    assert job_of(NUMBER, kernel) is None
    assert kernel.closed == closed


def test_what_is_released_lives_on_and_what_is_ended_does_not() -> None:
    kernel = FakeKernel()
    Job(JOB, kernel).release()
    assert kernel.said == [("limit", JOB, 0), ("close", JOB)]
    kernel.said.clear()
    Job(JOB, kernel).end()
    assert kernel.said == [("terminate", JOB, 1), ("close", JOB)]


def test_a_job_that_cannot_be_loosened_stays_open() -> None:
    kernel = FakeKernel("limit")
    Job(JOB, kernel).release()
    assert kernel.closed == []


class FakeProcess:
    """A process with the number that the kernel knows."""

    pid = NUMBER
    killed = False

    def kill(self) -> None:
        self.killed = True


@pytest.mark.parametrize("failing", ["", "assign"])
def test_windows_is_watched_by_jobs(failing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel, process = FakeKernel(failing), FakeProcess()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(windows_job, "_kernel32", lambda: kernel)
    watching.watch(process)  # type: ignore[arg-type]
    watching.kill_watched(process)  # type: ignore[arg-type]
    # Also where there is no job, the process itself ends.
    assert process.killed
    assert (("terminate", JOB, 1) in kernel.said) is not bool(failing)
    kernel.said.clear()
    watching.watch(process)  # type: ignore[arg-type]
    watching.unwatch(process)  # type: ignore[arg-type]
    watching.unwatch(process)  # type: ignore[arg-type]
    assert kernel.closed == ([PROCESS, JOB])
    assert ("terminate", JOB, 1) not in kernel.said
