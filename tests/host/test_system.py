"""The C library of an interpreter, and the board."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.host.system import find_board, libc_of_tags, this_libc

if TYPE_CHECKING:
    from pathlib import Path

    from .machine import Machine


@pytest.mark.parametrize(
    ("tags", "libc"),
    [
        (["manylinux_2_36_x86_64", "manylinux_2_35_x86_64", "linux_x86_64"], "glibc 2.36"),
        (["manylinux2014_aarch64", "linux_aarch64"], "glibc 2.17"),
        (["manylinux2014_x86_64", "manylinux_2_28_x86_64"], "glibc 2.28"),
        (["manylinux_2_9_x86_64", "manylinux_2_17_x86_64"], "glibc 2.17"),
        (["musllinux_1_2_x86_64", "manylinux_2_17_x86_64"], "glibc 2.17"),
        (["musllinux_1_2_x86_64", "musllinux_1_1_x86_64", "linux_x86_64"], "musl 1.2"),
        (["linux_x86_64"], None),
        (["win_amd64"], None),
        (["macosx_14_0_arm64"], None),
        ([], None),
    ],
)
def test_the_c_library_that_platform_tags_allow(tags: list[str], libc: str | None) -> None:
    assert libc_of_tags(tags) == libc


@pytest.mark.skipif("CS_GNU_LIBC_VERSION" not in getattr(os, "confstr_names", ()), reason="glibc's")
def test_it_is_the_systems_own() -> None:
    assert this_libc() == os.confstr("CS_GNU_LIBC_VERSION")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux's")
def test_a_manylinux_module_holds_it_lower(tmp_path: Path) -> None:
    (tmp_path / "_manylinux.py").write_text(
        "def manylinux_compatible(major, minor, arch):\n    return (major, minor) <= (2, 17)\n"
    )
    code = "from conda_cuda_guard.host.system import this_libc; print(this_libc())"
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "glibc 2.17"


ORIN = "nvidia,p3737-0000+p3701-0000\0nvidia,p3701-0000\0nvidia,tegra234\0"
THOR = "nvidia,p4071-0000+p3834-0008\0nvidia,p3834-0008\0nvidia,tegra264\0"
RELEASE = "# R{release} (release), REVISION: 4.3, GCID: 38968081, BOARD: generic, EABI: aarch64\n"


@pytest.mark.parametrize(
    ("compatible", "release", "board"),
    [
        (ORIN, None, "jetson"),
        ("nvidia,jetson-xavier\0nvidia,tegra194\0", None, "jetson"),
        ("nvidia,jetson-nano\0nvidia,tegra210\0", "32", "jetson"),
        (THOR, "38", None),
        (None, "36", "jetson"),
        (None, "38", None),
        ("raspberrypi,5-model-b\0brcm,bcm2712\0", None, None),
        (None, None, None),
    ],
)
def test_the_board(
    machine: Machine, compatible: str | None, release: str | None, board: str | None
) -> None:
    if compatible:
        machine.write("proc/device-tree/compatible", compatible)
    if release:
        machine.write("etc/nv_tegra_release", RELEASE.format(release=release))
    assert find_board(machine.roots) == board
    assert machine.detect().board == board
