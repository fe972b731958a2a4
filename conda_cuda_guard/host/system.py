"""The C library of this system, and its board."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from conda_cuda_guard.model.host import JETSON
from conda_cuda_guard.model.platforms import libc_parts, read_tag

from .kernel_files import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


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
