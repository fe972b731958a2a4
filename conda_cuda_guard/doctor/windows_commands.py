"""The rules' commands as PowerShell takes them: rules are written for a POSIX shell."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

_TOOLKIT = "/usr/local/cuda"
# What does the same on Windows, whole commands first; "" where nothing does.
_SAME = (
    (r"ls -d /usr/local/cuda\*", r'dir "$env:ProgramFiles\\NVIDIA GPU Computing Toolkit\\CUDA"'),
    (r"lspci -nn|sudo modprobe nvidia", "pnputil /enum-devices /class Display"),
    (r"cat /proc/driver/nvidia/version", "nvidia-smi"),
    (r"ldconfig -p", "where.exe nvml.dll nvcuda.dll"),
    (r"gcc --version", "where.exe cl.exe"),
    (r"sudo reboot", "Restart-Computer"),
    # Installers for Windows bring the headers; this shows which Pythons are theirs.
    (r"sudo apt-get install python3-dev", "py --list-paths"),
    (r".*LD_LIBRARY_PATH.*", ""),
    (r"(sudo|lsmod|mokutil|systemctl|df|ls|ldd)\b.*", ""),
    (r".*(nvidia-cuda-mps-control|CUDA_MPS_PIPE_DIRECTORY|/usr/(bin|lib)/).*", ""),
    (r"export PATH=(.+)/bin:\$PATH", r'$env:PATH = "\1\\bin;$env:PATH"'),
    (r'export (\w+)="?([^"]*)"?', r'$env:\1 = "\2"'),
    (r"unset (\w+)", r"Remove-Item Env:\1"),
    (r'echo "\$(\w+)"', r'echo "$env:\1"'),
    (r'echo "\$(\w+)" "\$(\w+)"', r'echo "$env:\1" "$env:\2"'),
)


def for_system(commands: Iterable[str], system: str = os.name) -> tuple[str, ...]:
    """Return commands for the shell of a system, by `os.name`.

    Where none of them is of Windows, they are what they were: their failure is another system's.
    """
    given = tuple(commands)
    return given if system != "nt" else tuple(dict.fromkeys(_translated(given))) or given


def _translated(commands: Iterable[str]) -> Iterator[str]:
    for command in commands:
        tried = ((re.fullmatch(pattern, command), same) for pattern, same in _SAME)
        other = next((found.expand(same) for found, same in tried if found), command)
        if other:
            # Where no toolkit is known, the variable of its installer names one.
            yield other.replace(_TOOLKIT, "$env:CUDA_PATH")
