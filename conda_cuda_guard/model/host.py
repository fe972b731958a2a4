"""The machine that a plan is made for (contract, section 2)."""

from __future__ import annotations

from dataclasses import dataclass

PLATFORMS = ("linux-x86_64", "linux-aarch64", "windows-amd64", "macos-arm64", "macos-x86_64")


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
    is None; the planner fills `cuda` from `driver` and the reverse. `driver_failure` says what a
    driver answered that is there and told neither.
    """

    platform: str
    python: str | None = None
    driver: str | None = None
    cuda: str | None = None
    gpus: tuple[Gpu, ...] = ()
    driver_failure: str | None = None

    @property
    def has_cuda(self) -> bool:
        """Whether a driver is there (or was declared)."""
        return self.driver is not None or self.cuda is not None
