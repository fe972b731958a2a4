"""The driver's files in /sys and /proc, which may be absent, hidden or odd."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase

from .finding import Finding
from .host_json import clean_driver, make_gpu

if TYPE_CHECKING:
    from pathlib import Path

    from .finding import ProbeSettings


def text_of(path: Path) -> str:
    """Return a file's text, whatever bytes are in it; empty where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


# "NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 …", and of the open module
# "NVIDIA UNIX Open Kernel Module for x86_64  550.54.14  Release Build …".
_VERSION = re.compile(r"Kernel Module(?: for \S+)?\s+(\S+)")
_FIELD = re.compile(r"^(Model|GPU UUID):\s*(.*?)\s*$", re.MULTILINE)


def look_at_kernel(settings: ProbeSettings) -> Finding:
    """Return the driver and the GPUs' names; their capability comes from the catalogue."""
    driver = _driver(settings.roots)
    # One folder per GPU, named for its PCI address.
    folder = settings.roots / "proc/driver/nvidia/gpus"
    texts = [text_of(path) for path in sorted(folder.glob("*/information"))]
    fields = [read_information(text) for text in texts if text]
    known = driver is not None and folder.is_dir()
    return Finding(
        "kernel",
        driver=driver,
        gpus=tuple(make_gpu(gpu.get("Model"), None) for gpu in fields) if known else None,
        problem=None if driver else Phrase("no NVIDIA kernel module loaded"),
        is_absent=driver is None,
        uuids=tuple(clean_uuid(gpu.get("GPU UUID")) for gpu in fields),
    )


def _driver(roots: Path) -> str | None:
    # Absent without the module; a container may also hide or empty them.
    version = clean_driver(text_of(roots / "sys/module/nvidia/version"))
    return version or read_version(text_of(roots / "proc/driver/nvidia/version"))


def read_version(text: str) -> str | None:
    """Return the driver version that `/proc/driver/nvidia/version` names."""
    match = _VERSION.search(text)
    return clean_driver(match[1]) if match else None


def read_information(text: str) -> dict[str, str]:
    """Return the fields of one GPU's `information` file that matter here."""
    return dict(_FIELD.findall(text))


def clean_uuid(text: str | None) -> str | None:
    """Return a UUID; None for the question marks of a GPU that nothing has opened yet."""
    return text if text and text.startswith("GPU-") and "?" not in text else None
