"""A made-up machine: its /proc, its /sys, its nvidia-smi and its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.host.detection import detect

if TYPE_CHECKING:
    from pathlib import Path

    from conda_cuda_guard.host.finding import Detection

_INFORMATION = "Model: \t\t {name}\nIRQ:   \t\t 123\nGPU UUID: \t {uuid}\nVideo BIOS: \t ??\n"


class Machine:
    """Folders that stand for a machine; nothing is in them until it is put there."""

    def __init__(self, folder: Path) -> None:
        self.roots = folder / "root"
        self.tools = folder / "bin"
        self.roots.mkdir()
        self.tools.mkdir()

    def write(self, path: str, text: str) -> None:
        """Write a file of the machine."""
        target = self.roots / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def load_kernel_module(self, version: str, *gpus: str) -> None:
        """Put a kernel module and its GPUs there."""
        self.write("sys/module/nvidia/version", f"{version}\n")
        (self.roots / "proc/driver/nvidia/gpus").mkdir(parents=True)
        for number, name in enumerate(gpus, 1):
            text = _INFORMATION.format(name=name, uuid=f"GPU-{number:08d}-aaaa")
            self.write(f"proc/driver/nvidia/gpus/0000:{number:02d}:00.0/information", text)

    def install_smi(self, *, query: str = "", header: str = "", script: str = "") -> None:
        """Put an nvidia-smi on PATH that prints these texts, or runs a script of its own."""
        body = (
            script
            or f"case $1 in --query*) cat <<'!'\n{query}\n!\n;;\n*) cat <<'!'\n{header}\n!\nesac"
        )
        tool = self.tools / "nvidia-smi"
        tool.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{body}\n", encoding="utf-8")
        tool.chmod(0o755)

    def detect(
        self,
        stub: dict[str, str] | None = None,
        *,
        budget: float = 60.0,
        everything: bool = False,
        **environ: str,
    ) -> Detection:
        """Detect this machine, with the variables of a stub driver and some more."""
        return detect(
            environ={"PATH": str(self.tools), **(stub or {}), **environ},
            roots=self.roots,
            budget=budget,
            everything=everything,
        )
