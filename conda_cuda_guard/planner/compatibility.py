"""Rule 2: what the driver runs, and how a driver and a CUDA version follow from each other."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from conda_cuda_guard.model.versions import is_version, minor_version, version

if TYPE_CHECKING:
    from conda_cuda_guard.model import Architectures, Build, DriverRow, Drivers, Host, Toolkits

DIRECT = "direct"
MINOR_COMPATIBLE = "minor-compatible"


def reaches(driver: str, minimum: str) -> bool:
    """Tell whether a driver is at least a minimum; a bare branch (`550`) stands for all of it."""
    if not is_version(driver):
        return False
    if "." not in driver:
        return version(driver).major >= version(minimum).major
    return version(driver) >= version(minimum)


def minimum_driver(row: DriverRow, platform: str) -> str | None:
    """Give the oldest driver of a CUDA version's general release on a platform."""
    return row.windows if platform.startswith("windows") else row.linux


def complete(host: Host, drivers: Drivers) -> Host:
    """Fill `cuda` from `driver`, or `driver` from `cuda` (contract, section 2)."""
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
    # A driver may report a CUDA version that no toolkit has (12.7): the row below it then
    # gives a lower bound.
    for row in drivers.rows:
        if version(row.cuda) <= version(cuda):
            return minimum_driver(row, platform)
    return None


def level(cuda: str, host: Host, drivers: Drivers) -> str | None:
    """Say how a host's driver runs a build of a CUDA version; None where it does not."""
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
    """Find the table's row of a CUDA version, or of the next newer one that it has."""
    rows = [row for row in drivers.rows if version(row.cuda) >= version(cuda)]
    return next((row for row in reversed(rows) if minimum_driver(row, platform)), None)


def with_stand_ins(builds: tuple[Build, ...]) -> tuple[Build, ...]:
    """Give builds without an architecture list that of their variant's nearest older release."""
    known: dict[tuple[str, str, str], Architectures] = {}
    completed = []
    for build in reversed(builds):  # oldest first
        key = (build.variant, build.platform, build.source)
        if build.architectures is not None:
            known[key] = build.architectures
        elif build.cuda is not None and key in known:
            build = replace(build, architectures=known[key])  # noqa: PLW2901
        completed.append(build)
    return tuple(reversed(completed))


def covers(build: Build, capability: str, level: str | None, toolkits: Toolkits) -> bool:
    """Tell whether a CUDA build has code for a GPU of this compute capability."""
    if build.architectures is None:
        return toolkit_builds_for(build.cuda or "", capability, toolkits)
    return _runs(build.architectures, capability, level == DIRECT)


@lru_cache(maxsize=8192)
def _runs(architectures: Architectures, capability: str, direct: bool) -> bool:
    gpu = version(capability)
    for text in architectures.machine_code:
        code = version(text)
        if code.major == gpu.major and code.minor <= gpu.minor:
            return True
    # The driver compiles PTX only when it is not older than the toolkit that made it.
    return direct and any(version(ptx) <= gpu for ptx in architectures.ptx)


def toolkit_builds_for(cuda: str, capability: str, toolkits: Toolkits) -> bool:
    """Tell whether that toolkit can build for the GPU at all, where no list is known."""
    gpu = version(capability)
    oldest = toolkits.oldest.get(version(cuda).major)
    first = toolkits.first.get(gpu.major)
    newer_than_all = gpu.major > max(toolkits.first, default=0)
    if newer_than_all or (oldest is not None and gpu < version(oldest)):
        return False
    return first is None or version(first) <= version(cuda)
