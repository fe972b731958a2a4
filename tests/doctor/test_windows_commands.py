"""The rules' commands on Windows, for PowerShell."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.doctor import gather_rules
from conda_cuda_guard.doctor.windows_commands import for_system
from conda_cuda_guard.host.toolkits import find_toolkits

if TYPE_CHECKING:
    from pathlib import Path

TOOLKIT = r"C:\Program Files\NVIDIA GPU Computing Toolkit\CUDA\v12.4"


@pytest.mark.parametrize(
    ("posix", "windows"),
    [
        ("export CUDA_LAUNCH_BLOCKING=1", '$env:CUDA_LAUNCH_BLOCKING = "1"'),
        ('export TORCH_CUDA_ARCH_LIST="8.0;8.6+PTX"', '$env:TORCH_CUDA_ARCH_LIST = "8.0;8.6+PTX"'),
        (f"export CUDA_HOME={TOOLKIT}", f'$env:CUDA_HOME = "{TOOLKIT}"'),
        ("export CUDA_HOME=/usr/local/cuda", '$env:CUDA_HOME = "$env:CUDA_PATH"'),
        (f"export PATH={TOOLKIT}/bin:$PATH", rf'$env:PATH = "{TOOLKIT}\bin;$env:PATH"'),
        ("unset CUDA_VISIBLE_DEVICES", "Remove-Item Env:CUDA_VISIBLE_DEVICES"),
        ('echo "$CUDA_VISIBLE_DEVICES"', 'echo "$env:CUDA_VISIBLE_DEVICES"'),
        (
            "ls -d /usr/local/cuda*",
            r'dir "$env:ProgramFiles\NVIDIA GPU Computing Toolkit\CUDA"',
        ),
        ("pipcuda verify", "pipcuda verify"),
    ],
)
def test_a_command_in_powershell(posix: str, windows: str) -> None:
    assert for_system([posix], "nt") == (windows,)
    assert for_system([posix], "posix") == (posix,)


def test_what_windows_does_not_have_is_left_out() -> None:
    assert for_system(["sudo dmesg", "lsmod", "nvidia-smi -q"], "nt") == ("nvidia-smi -q",)


def test_commands_of_another_system_alone_stay() -> None:
    # The text that is explained comes from there.
    linux = ("lsmod", "sudo update-initramfs -u")
    assert for_system(linux, "nt") == linux


_POSIX = re.compile(r"\b(export|unset|sudo|LD_LIBRARY_PATH) |\"\$[A-Z_]+\"|:\$PATH|^/|^ls |/usr/")


# Their texts and facts are Linux's alone.
_LINUX = {"device-file-permission", "driver-not-permitted", "mps-server"}


def test_no_rule_has_a_posix_command_on_windows() -> None:
    rules = gather_rules().rules.values()
    assert len(rules) > 50
    left = {
        rule.code
        for rule in rules
        for command in for_system(rule.commands, "nt")
        if _POSIX.search(command)
    }
    assert left == _LINUX


def test_toolkits_are_looked_for_where_windows_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of the environment has all names in capitals."""
    monkeypatch.setattr(sys, "platform", "win32")
    for place in ("usr/local/cuda", "CUDA/v12.4", "CUDA/v13.0"):
        base = tmp_path if place.startswith("usr") else tmp_path / "NVIDIA GPU Computing Toolkit"
        (base / place / "bin").mkdir(parents=True)
        (base / place / "bin" / "nvcc.exe").touch()
    found = find_toolkits({"PROGRAMFILES": str(tmp_path)}, tmp_path, tmp_path / "env")
    assert [one.cuda for one in found.found] == ["12.4", "13.0"]
    assert found.building is not None
    assert found.building.cuda == "12.4"
