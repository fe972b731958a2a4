"""A program that asks libcuda, in a process of its own: libcuda may hang, crash or print.

Run as a script. Prints all that is known so far as one JSON line after each step, so that a hang
loses only what comes after it.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any

_NO_DEVICE = 100
_CAPABILITY_MAJOR, _CAPABILITY_MINOR = 75, 76


Errors = list[tuple[str, int, str]]


def report(result: dict[str, Any], errors: Errors) -> None:
    """Print what is known so far."""
    problem = "; ".join(f"{call}: {words}" for call, _, words in errors) or None
    print(json.dumps({**result, "errors": errors, "problem": problem}), flush=True)


def read(library: ctypes.CDLL) -> None:
    """Report the CUDA version and the GPUs, in CUDA's own order."""
    result: dict[str, Any] = {}
    errors: Errors = []
    number = ctypes.c_int()
    # Answers without cuInit, and so on a login node that has no GPU.
    status = library.cuDriverGetVersion(ctypes.byref(number))
    note(library, errors, "cuDriverGetVersion", status)
    result["cuda"] = number.value
    report(result, errors)
    status = library.cuInit(0)
    note(library, errors, "cuInit", status)
    if status == 0:
        status = library.cuDeviceGetCount(ctypes.byref(number))
        note(library, errors, "cuDeviceGetCount", status)
        number.value = 0 if status else number.value
        result["gpus"] = [read_gpu(library, index) for index in range(number.value)]
    elif status == _NO_DEVICE:
        result["gpus"] = []
    report(result, errors)


def note(library: ctypes.CDLL, errors: Errors, what: str, status: int) -> None:
    """Note an error, in CUDA's own words where the driver has them."""
    if not status:
        return
    text = ctypes.c_char_p()
    if hasattr(library, "cuGetErrorString"):
        library.cuGetErrorString(status, ctypes.byref(text))
    errors.append((what, status, (text.value or b"").decode() or f"error {status}"))


def read_gpu(library: ctypes.CDLL, index: int) -> dict[str, Any]:
    """Return what one GPU tells of itself; zeros and an empty name where it fails."""
    device, name = ctypes.c_int(), ctypes.create_string_buffer(256)
    major, minor, uuid = ctypes.c_int(), ctypes.c_int(), ctypes.create_string_buffer(16)
    library.cuDeviceGet(ctypes.byref(device), index)
    library.cuDeviceGetName(name, len(name), device)
    library.cuDeviceGetAttribute(ctypes.byref(major), _CAPABILITY_MAJOR, device)
    library.cuDeviceGetAttribute(ctypes.byref(minor), _CAPABILITY_MINOR, device)
    # Drivers before 9.2 do not have it.
    known = hasattr(library, "cuDeviceGetUuid") and not library.cuDeviceGetUuid(uuid, device)
    return {
        "name": name.value.decode(errors="replace"),
        "capability": [major.value, minor.value],
        "uuid": spell_uuid(uuid.raw) if known else None,
    }


def spell_uuid(raw: bytes) -> str:
    """Return the UUID of a GPU as NVML and CUDA_VISIBLE_DEVICES write it."""
    text = raw.hex()
    return "GPU-" + "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def main() -> None:
    """Ask libcuda, and leave without its farewell."""
    # From here on it is the library that keeps this process waiting.
    report({}, [])
    read(ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"))
    # Its destructors may hang or crash too.
    os._exit(0)


if __name__ == "__main__":
    main()
