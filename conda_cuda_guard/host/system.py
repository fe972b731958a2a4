"""What the system's files tell: the driver in /sys and /proc, the board, the C library."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase
from conda_cuda_guard.model.host import JETSON, libc_parts, read_tag

from .finding import Finding
from .host_json import clean_driver, make_gpu

if TYPE_CHECKING:
    from collections.abc import Iterable
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


@lru_cache(maxsize=1)
def this_libc() -> str | None:
    """Return the C library that wheels for this interpreter may ask for: `"glibc 2.35"`.

    A `_manylinux` module may hold it below the system's own; pip minds it as packaging does.
    """
    try:
        from packaging.tags import platform_tags  # late: it loads much
    except ImportError:  # the detection alone runs without any package
        return None
    return libc_of_tags(platform_tags())


def libc_of_tags(tags: Iterable[str]) -> str | None:
    """Return the newest glibc among platform tags, or else musl; None where they name none."""
    found = {libc for tag in tags if (libc := read_tag(tag).libc)}
    of_glibc = {libc for libc in found if libc.startswith("glibc")}
    return max(of_glibc or found, key=libc_parts, default=None)


# Orin, Xavier, TX2, and TX1 with Nano. Thor (tegra264) takes the builds of servers.
_TEGRA = re.compile(r"nvidia,tegra(?:234|194|186|210)\b")
_RELEASE = re.compile(r"# R(\d+) ")
_FIRST_OF_THOR = 38


def find_board(roots: Path) -> str | None:
    """Return `"jetson"` on NVIDIA's Tegra boards, by the device tree or else by L4T's release."""
    compatible = text_of(roots / "proc/device-tree/compatible")
    if compatible:
        return JETSON if _TEGRA.search(compatible) else None
    release = _RELEASE.match(text_of(roots / "etc/nv_tegra_release"))
    return JETSON if release and int(release[1]) < _FIRST_OF_THOR else None
