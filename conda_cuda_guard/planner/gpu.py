"""Rule 3: what every GPU runs."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from .driver import DIRECT
from .versions import version

if TYPE_CHECKING:
    from conda_cuda_guard.model import Architectures, Build, Toolkits


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
