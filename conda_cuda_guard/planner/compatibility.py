"""Compatibility of builds with drivers and GPUs (rules 2 and 3), by NVIDIA's tables."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from conda_cuda_guard.model.versions import is_version, minor_version, version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Architectures, Build, DriverRow, Drivers, Host, Toolkits

DIRECT = "direct"
MINOR_COMPATIBLE = "minor-compatible"
# Where no list is known: PyTorch's and conda's builds for ARM are made for servers.
_FOR_SERVERS = ("pytorch-index", "pytorch-channel", "conda-forge")


def reaches(driver: str, minimum: str) -> bool:
    """Return whether a driver is at least a minimum.

    One that is named in part stands for any that begins so: `550` for all of that branch, `550.54`
    for 550.54.14.
    """
    if not is_version(driver):
        return False
    least = ".".join(minimum.split(".")[: len(driver.split("."))])
    return version(driver) >= version(least)


def minimum_driver(row: DriverRow, platform: str) -> str | None:
    """Return the oldest driver of a CUDA version's general release on a platform."""
    return row.windows if platform.startswith("windows") else row.linux


def complete_host(host: Host, drivers: Drivers) -> Host:
    """Return a host with `cuda` from its `driver`, or the reverse (contract, section 2)."""
    if host.python is not None:
        host = replace(host, python=minor_version(host.python))
    if host.cuda is None and host.driver is not None:
        return replace(host, cuda=_newest_cuda(host.driver, host.platform, drivers))
    if host.driver is None and host.cuda is not None:
        return replace(host, driver=_oldest_driver(host.cuda, host.platform, drivers))
    return host


def _newest_cuda(driver: str, platform: str, drivers: Drivers) -> str | None:
    for row in drivers.rows:
        minimum = minimum_driver(row, platform)
        if minimum and reaches(driver, minimum):
            return row.cuda
    return None


def _oldest_driver(cuda: str, platform: str, drivers: Drivers) -> str | None:
    # A driver may report a CUDA version that is not in the table: the next older row then gives
    # a lower bound.
    for row in drivers.rows:
        if version(row.cuda) <= version(cuda):
            return minimum_driver(row, platform)
    return None


def level(cuda: str, host: Host, drivers: Drivers) -> str | None:
    """Return how a host's driver runs a build of a CUDA version; None where it does not."""
    if host.cuda is None:
        return None
    if version(cuda) <= version(host.cuda):
        return DIRECT
    if version(cuda).major != version(host.cuda).major or host.driver is None:
        return None
    floor = drivers.floors.get(version(cuda).major)
    if floor is None:
        return None
    minimum = floor[1] if host.platform.startswith("windows") else floor[0]
    return MINOR_COMPATIBLE if reaches(host.driver, minimum) else None


def driver_for(cuda: str, platform: str, drivers: Drivers) -> DriverRow | None:
    """Return the table's row of a CUDA version, or of the next newer one that it has."""
    rows = [row for row in drivers.rows if version(row.cuda) >= version(cuda)]
    return next((row for row in reversed(rows) if minimum_driver(row, platform)), None)


def least_driver(cuda: str, host: Host, drivers: Drivers) -> str | None:
    """Return the oldest driver that runs a CUDA version; None where none is known.

    By minor-version compatibility the first driver of the major version is enough.
    """
    row = driver_for(cuda, host.platform, drivers)
    floor = drivers.floors.get(version(cuda).major)
    least = [minimum_driver(row, host.platform) if row else None]
    least += [floor[1] if host.platform.startswith("windows") else floor[0]] if floor else []
    return min((one for one in least if one), key=version, default=None)


def with_stand_ins(builds: tuple[Build, ...]) -> tuple[Build, ...]:
    """Return the builds, those without an architecture list with that of another build.

    It is that of their variant in the nearest older release, or else that of the nearest variant of
    the same CUDA major version in their own release.
    """
    known: dict[tuple[str, str, str, str | None], Architectures] = {}
    completed = []
    for build in reversed(builds):  # oldest first
        key = (build.variant, build.platform, build.source, build.board)
        if build.architectures is not None:
            known[key] = build.architectures
        elif build.cuda is not None and key in known:
            build = replace(build, architectures=known[key], stand_in=True)  # noqa: PLW2901
        completed.append(build)
    completed.reverse()
    return tuple(_as_nearest_variant(build, completed) for build in completed)


def _as_nearest_variant(build: Build, builds: Iterable[Build]) -> Build:
    """Return a build without a list with that of a variant of its release."""
    if build.cuda is None or build.architectures is not None:
        return build
    own = version(build.cuda)
    sisters = {
        version(one.cuda): one.architectures
        for one in builds
        if one.cuda is not None
        and one.architectures is not None
        and (one.release, one.platform, one.source, one.board)
        == (build.release, build.platform, build.source, build.board)
        and version(one.cuda).major == own.major
    }
    nearest = min(sisters, key=lambda cuda: (abs(cuda.minor - own.minor), cuda), default=None)
    if nearest is None:
        return build
    return replace(build, architectures=sisters[nearest], stand_in=True)


def covers(build: Build, capability: str, level: str | None, toolkits: Toolkits) -> bool:
    """Return whether a CUDA build has code for a GPU of this compute capability."""
    alone = capability in toolkits.boards
    if build.architectures is not None:
        return _runs(build.architectures, capability, level == DIRECT, alone)
    if alone and build.source in _FOR_SERVERS:
        return False
    return toolkit_builds_for(build.cuda or "", capability, toolkits)


@lru_cache(maxsize=8192)
def _runs(architectures: Architectures, capability: str, direct: bool, alone: bool) -> bool:
    gpu = version(capability)
    if any(_runs_code(code, capability, alone) for code in architectures.machine_code):
        return True
    # The driver compiles PTX only when it is not older than the toolkit that made it.
    return direct and any(version(ptx) <= gpu for ptx in architectures.ptx)


def _runs_code(code: str, capability: str, alone: bool) -> bool:
    """Return whether a GPU runs machine code of a capability; with `alone`, of its own only."""
    made, gpu = version(code), version(capability)
    return made == gpu or (not alone and made.major == gpu.major and made.minor <= gpu.minor)


def toolkit_builds_for(cuda: str, capability: str, toolkits: Toolkits) -> bool:
    """Return whether a CUDA toolkit can build for a GPU; used where no list is known."""
    gpu = version(capability)
    oldest = toolkits.oldest.get(version(cuda).major)
    newer_than_all = gpu.major > max((version(one).major for one in toolkits.first), default=0)
    if newer_than_all or (oldest is not None and gpu < version(oldest)):
        return False
    first = first_cuda(capability, toolkits)
    return first is None or version(first) <= version(cuda)


def first_cuda(capability: str, toolkits: Toolkits) -> str | None:
    """Return the first CUDA version that builds code which a GPU runs; None where not known."""
    if capability in toolkits.boards and capability in toolkits.first:
        return toolkits.first[capability]
    known = [cuda for code, cuda in toolkits.first.items() if _runs_code(code, capability, False)]
    return min(known, key=version, default=None)
