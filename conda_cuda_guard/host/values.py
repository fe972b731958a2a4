"""Numbers as drivers report them, made clean; those that are known to lie become None."""

from __future__ import annotations

import re

from conda_cuda_guard.model import Gpu

_DRIVER = re.compile(r"\d{2,4}(\.\d+){1,2}")
_CAPABILITY = re.compile(r"(\d{1,4})\.(\d)")
_OLDEST_CUDA, _NEWEST_CUDA = 1000, 100_000
_NEWEST_CAPABILITY = 99


def clean_driver(text: object) -> str | None:
    """Return a driver version; None for what stands in its place (`""`, `"[N/A]"`)."""
    if isinstance(text, str) and _DRIVER.fullmatch(text.strip()):
        return text.strip()
    return None


def clean_cuda(number: object) -> str | None:
    """Return `"12.2"` for 12020; None for the zero of a driver that does not know."""
    if isinstance(number, int) and _OLDEST_CUDA <= number < _NEWEST_CUDA:
        return f"{number // 1000}.{number % 1000 // 10}"
    return None


def clean_capability(value: object) -> str | None:
    """Return `"8.6"` for `"8.6"` or [8, 6]; None for (0, 0), (9999, 9999) and `"[N/A]"`."""
    if isinstance(value, list):
        value = ".".join(map(str, value))
    match = _CAPABILITY.fullmatch(value.strip()) if isinstance(value, str) else None
    if match and 1 <= int(match[1]) <= _NEWEST_CAPABILITY:
        return f"{int(match[1])}.{match[2]}"
    return None


def clean_name(text: object) -> str | None:
    """Return the name of a GPU; None for a placeholder."""
    name = text.strip() if isinstance(text, str) else ""
    if not name or name.startswith("[") or name.lower() in {"n/a", "unknown", "unknown error"}:
        return None
    return name


def make_gpu(name: object, capability: object) -> Gpu:
    """Return a Gpu from reported values; the catalogue fills in a missing capability by name."""
    known, found = clean_name(name), clean_capability(capability)
    if known and not found:
        # Only here, because reading the catalogue costs more than most detections.
        from conda_cuda_guard.catalogue import gpu_capability

        found = gpu_capability(known)
    return Gpu(known, found)
