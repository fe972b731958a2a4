"""Job objects of Windows: a process and all that it starts end with the last handle of their job.

The system closes the handles of a process that ends, however it ends.
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass
from functools import cache
from typing import Any

_PROCESS_SET_QUOTA, _PROCESS_TERMINATE = 0x100, 0x1
_EXTENDED_LIMITS = 9  # JobObjectExtendedLimitInformation
_BREAKAWAY_OK, _KILL_ON_JOB_CLOSE = 0x800, 0x2000
_KILLED = 1  # the exit status of what is killed, as subprocess has it


class _BasicLimits(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("working_set", ctypes.c_size_t * 2),
        ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
    )


class ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("basic", _BasicLimits),
        ("io", ctypes.c_uint64 * 6),
        ("memory", ctypes.c_size_t * 4),
    )


@dataclass(frozen=True)
class Job:
    """The job of a process; its handle is this process's alone and no child's."""

    handle: int
    kernel: Any

    def end(self) -> None:
        """Kill all that is in it."""
        self.kernel.TerminateJobObject(self.handle, _KILLED)
        self.kernel.CloseHandle(self.handle)

    def release(self) -> None:
        """Let what is still in it live on: what a program left running when it ended."""
        if _limited(self.kernel, self.handle, 0):
            self.kernel.CloseHandle(self.handle)


def job_of(number: int, kernel: Any = None) -> Job | None:  # noqa: ANN401 - a DLL has no type
    """Return a new job with a process in it; None where the system does not give one."""
    kernel = kernel or _kernel32()
    handle = kernel.CreateJobObjectW(None, None)
    if not handle:
        return None
    process = kernel.OpenProcess(_PROCESS_SET_QUOTA | _PROCESS_TERMINATE, 0, number)
    # Who asks to live on, as servers of compilers do, must not fail to start.
    is_set = _limited(kernel, handle, _KILL_ON_JOB_CLOSE | _BREAKAWAY_OK)
    is_in = is_set and process and kernel.AssignProcessToJobObject(handle, process)
    for opened in filter(None, (process, None if is_in else handle)):
        kernel.CloseHandle(opened)
    return Job(handle, kernel) if is_in else None


def _limited(kernel: Any, handle: int, flags: int) -> bool:  # noqa: ANN401
    limits = ExtendedLimits()
    limits.basic.flags = flags
    size = ctypes.sizeof(limits)
    place = ctypes.byref(limits)
    return bool(kernel.SetInformationJobObject(handle, _EXTENDED_LIMITS, place, size))


@cache
def _kernel32() -> Any:  # noqa: ANN401
    if sys.platform != "win32":
        raise OSError("job objects are of Windows")
    else:  # noqa: RET506  (so mypy checks each system)
        handle, number = ctypes.c_void_p, ctypes.c_uint32
        kernel = ctypes.WinDLL("kernel32")
        kernel.CreateJobObjectW.restype = kernel.OpenProcess.restype = handle
        kernel.CreateJobObjectW.argtypes = (handle, ctypes.c_wchar_p)
        kernel.OpenProcess.argtypes = (number, ctypes.c_int, number)
        kernel.SetInformationJobObject.argtypes = (handle, ctypes.c_int, handle, number)
        kernel.AssignProcessToJobObject.argtypes = (handle, handle)
        kernel.TerminateJobObject.argtypes = (handle, number)
        kernel.CloseHandle.argtypes = (handle,)
        return kernel
