"""The machine that a plan is made for (contract, section 2), and the platforms."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

_MARKER_NAMES = ("sys_platform", "os_name", "platform_system", "platform_machine")


@dataclass(frozen=True)
class Platform:
    """One platform under each of its names.

    `name` is the contract's, `subdir` conda's. `markers` are the values of PEP 508's
    `sys_platform`, `os_name`, `platform_system` and `platform_machine`. `tags` are the platform
    tags of the wheels that run on it, the newest first, to pass to pip for a machine elsewhere.
    """

    name: str
    subdir: str
    markers: tuple[str, str, str, str]
    tags: tuple[str, ...]

    @property
    def file_words(self) -> tuple[str, ...]:
        """Words of which the name of each file that may be for it holds one, in small letters.

        Files that describe variant wheels are for every platform.
        """
        return (self.markers[3].lower(), "-any", "universal2", ".json")

    @property
    def environment(self) -> dict[str, str]:
        """The values of the markers, by their names."""
        return dict(zip(_MARKER_NAMES, self.markers))


def _linux(machine: str) -> tuple[str, ...]:
    # pip does not derive the older tags from a newer one by itself.
    ages = ("_2_28", "_2_27", "_2_17", "2014", "_2_12", "2010", "_2_5", "1")
    return (*(f"manylinux{age}_{machine}" for age in ages), f"linux_{machine}")


TABLE = (
    Platform("linux-x86_64", "linux-64", ("linux", "posix", "Linux", "x86_64"), _linux("x86_64")),
    Platform(
        "linux-aarch64", "linux-aarch64", ("linux", "posix", "Linux", "aarch64"), _linux("aarch64")
    ),
    Platform("windows-amd64", "win-64", ("win32", "nt", "Windows", "AMD64"), ("win_amd64",)),
    Platform(
        "macos-arm64", "osx-arm64", ("darwin", "posix", "Darwin", "arm64"), ("macosx_14_0_arm64",)
    ),
    Platform(
        "macos-x86_64", "osx-64", ("darwin", "posix", "Darwin", "x86_64"), ("macosx_14_0_x86_64",)
    ),
)
PLATFORMS = tuple(one.name for one in TABLE)
SUBDIRS = {one.name: one.subdir for one in TABLE}
_BY_NAME = {one.name: one for one in TABLE}
_BY_SUBDIR = {one.subdir: one.name for one in TABLE}

_SYSTEMS = {"darwin": "macos", "win32": "windows", "cygwin": "windows"}
_MACHINES = {"amd64": "x86_64", "x64": "x86_64", "arm64": "aarch64"}


def platform_named(name: str) -> Platform:
    """Return the platform that the contract calls so; raise KeyError for any other."""
    return _BY_NAME[name]


def platform_of_subdir(subdir: str) -> str:
    """Return the name of conda's subdir in the contract; one that is not supported stays."""
    return _BY_SUBDIR.get(subdir, subdir)


def this_platform() -> str:
    """Return e.g. `"linux-x86_64"`; an unsupported machine keeps its name (`"linux-ppc64le"`)."""
    return name_platform(sys.platform, platform.machine())


def name_platform(system: str, machine: str) -> str:
    """Return the contract's name for Python's `sys.platform` and `platform.machine()`."""
    system = _SYSTEMS.get(system, "linux" if system.startswith("linux") else system)
    machine = _MACHINES.get(machine.lower(), machine.lower())
    # Each system has its own word for the same processor.
    if system == "windows":
        machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    if system == "macos" and machine == "aarch64":
        machine = "arm64"
    return f"{system}-{machine}"


class TagReading(NamedTuple):
    """What a wheel's platform tag asks for.

    `platforms` are those of `PLATFORMS` that it is for, and `libc` the oldest C library that it
    runs with (`"glibc 2.28"`, `"musl 1.2"`; None where the tag does not say).
    """

    platforms: frozenset[str]
    libc: str | None = None


_LINUX_TAG = (
    r"(?:(?P<kind>many|musl)linux(?:_(?P<version>\d+_\d+)|(?P<legacy>1|2010|2014))|linux)"
    r"_(?P<machine>x86_64|aarch64)"
)
_MACOS_TAG = r"macosx_\w+_(?P<machine>arm64|x86_64|universal2)"
_LEGACY = {"1": "2_5", "2010": "2_12", "2014": "2_17"}  # PEP 600


@lru_cache(maxsize=512)  # an index lists the same few tags thousands of times
def read_tag(tag: str) -> TagReading:
    """Return what a platform tag asks for: `manylinux_2_28_x86_64` Linux, x86_64, glibc 2.28."""
    if tag == "any":
        return TagReading(frozenset(PLATFORMS))
    linux = re.fullmatch(_LINUX_TAG, tag, re.ASCII)
    if linux:
        return TagReading(frozenset({f"linux-{linux['machine']}"}), _libc(linux))
    macos = re.fullmatch(_MACOS_TAG, tag, re.ASCII)
    if macos is None:
        return TagReading(frozenset(one.name for one in TABLE if tag in one.tags))
    both = macos["machine"] == "universal2"
    machines = ("arm64", "x86_64") if both else (macos["machine"],)
    return TagReading(frozenset(f"macos-{machine}" for machine in machines))


def _libc(tag: re.Match[str]) -> str | None:
    if tag["kind"] is None:
        return None
    number = (tag["version"] or _LEGACY[tag["legacy"]]).replace("_", ".")
    return f"{'glibc' if tag['kind'] == 'many' else 'musl'} {number}"


def oldest_libc(needed: Iterable[str | None]) -> str | None:
    """Return the lowest of the versions of glibc that files ask for; None where one asks for none.

    A file with several platform tags may be taken by any of them.
    """
    found = list(needed)
    if not found or None in found:
        return None
    return min(filter(None, found), key=libc_parts)


def libc_parts(libc: str) -> tuple[str, tuple[int, ...]]:
    """Return the kind and the version of a C library: `"glibc"` and (2, 17) of `"glibc 2.17"`."""
    kind, _, number = libc.partition(" ")
    return kind, tuple(int(part) for part in number.split("."))


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
