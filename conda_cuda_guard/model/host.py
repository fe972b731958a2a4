"""The machine that a plan is made for (contract, section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .platforms import libc_parts

if TYPE_CHECKING:
    from collections.abc import Container

JETSON = "jetson"


@dataclass(frozen=True)
class Gpu:
    """One GPU: its marketing name and its compute capability, as `"8.0"`; either may be unknown."""

    name: str | None = None
    compute_capability: str | None = None


@dataclass(frozen=True)
class Host:
    """A machine to install on.

    `python` is the version of the interpreter that is installed into (`"3.11"`, `"3.13t"` for a
    free-threaded one), `driver` and `cuda` are None without a driver. A number that is not known
    is None; the planner fills `cuda` from `driver` and the reverse. `libc` is the C library
    (`"glibc 2.35"`, `"musl 1.2"`; None elsewhere than on Linux, or where it is not known), `board`
    is `"jetson"` on NVIDIA's Tegra boards. `driver_failure` says what a driver answered that is
    there and told neither its version nor its CUDA, `gpu_failure` what one answered that is running
    and gives none of the GPUs that the kernel lists (of which `gpus` then are).
    """

    platform: str
    python: str | None = None
    driver: str | None = None
    cuda: str | None = None
    gpus: tuple[Gpu, ...] = ()
    libc: str | None = None
    board: str | None = None
    driver_failure: str | None = None
    gpu_failure: str | None = None

    @property
    def has_cuda(self) -> bool:
        """Whether a driver is there (or was declared)."""
        return self.driver is not None or self.cuda is not None

    @property
    def as_facts(self) -> dict[str, str]:
        """What notes tell of its driver."""
        return {"driver": self.driver or "", "host_cuda": self.cuda or ""}

    def takes(self, platforms: Container[str], pythons: frozenset[str], libc: str | None) -> bool:
        """Return whether a file with these tags can be installed on this machine.

        It is for `platforms` and `pythons` (empty: any, or not known), and asks for `libc`. What is
        not known of the machine does not count against the file.
        """
        of_python = self.python is None or not pythons or self.python in pythons
        return self.platform in platforms and of_python and self.has_libc(libc)

    def has_libc(self, needed: str | None) -> bool:
        """Return whether files that need the C library `needed` run with this machine's."""
        if self.libc is None or needed is None:
            return True
        kind, number = libc_parts(self.libc)
        needed_kind, needed_number = libc_parts(needed)
        return kind == needed_kind and number >= needed_number
