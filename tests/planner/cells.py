"""Every CUDA cell of the catalogue, and how the contract's table says that it is spelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import Version

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Host

from .machines import AARCH64, FORGE, LINUX, WHEELS, WINDOWS, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conda_cuda_guard.model import Build, Plan

# The variant whose files had no label, from 1.2 to 1.8.0 (fact table wheel_variants).
UNLABELLED = {"1.2": "cu100", "1.3": "cu101", "1.4": "cu101"}

PLACES = [
    ("pip", "", LINUX),
    ("pip", "", WINDOWS),
    ("pip", "", AARCH64),
    ("conda", "pytorch-channel", LINUX),
    ("conda", "pytorch-channel", WINDOWS),
    ("conda", "conda-forge", LINUX),
    ("conda", "conda-forge", WINDOWS),
    ("conda", "conda-forge", AARCH64),
]
IDS = ["-".join(part for part in place if part) for place in PLACES]


@dataclass(frozen=True)
class Spelling:
    """What a cell's plan must hold."""

    requirements: tuple[str, ...]
    index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()


def cells(manager: str, source: str, platform: str) -> Iterator[Build]:
    """Give the CUDA builds of one source on one platform."""
    found = catalogue.conda_builds(source, platform) if source else catalogue.wheels(platform)
    assert manager in ("pip", "conda")
    return (build for build in found if build.cuda is not None)


def host_for(build: Build, cuda: str | None = None) -> Host:
    """Make a machine whose newest CUDA is the build's, with the newest Python of the build."""
    regular = [python for python in build.pythons if not python.endswith("t")]
    python = max(regular, key=Version, default="3.11")
    return Host(build.platform, python, None, cuda or build.cuda)


def channels_for(build: Build) -> tuple[str, ...]:
    """Give the channels of a user of this source."""
    return FORGE if build.source == "conda-forge" else ("pytorch",)


def plan_for(manager: str, build: Build, *more: str) -> Plan:
    """Plan exactly this build's release under `strict`."""
    name = "torch" if manager == "pip" else "pytorch"
    channels = channels_for(build) if manager == "conda" else ()
    requirements = (f"{name}=={build.release}", *more)
    return ask(manager, requirements, host_for(build), policy="strict", channels=channels)


def pip_spelling(build: Build) -> Spelling:
    """Spell a wheel: `+cuXXX` from 1.8.1; unlabelled defaults before it; no label before 1.2."""
    release = Version(build.release)
    labelled = f"torch=={build.release}+{build.variant}"
    if build.release == "1.8.2":
        return Spelling((labelled,), (f"{WHEELS}/lts/1.8/{build.variant}",))
    if release >= Version("1.8.1"):
        return Spelling((labelled,), (f"{WHEELS}/{build.variant}",))
    plain = f"torch==={build.release}"
    if needs_address(build):
        plain = f"torch @ {WHEELS}/{build.variant}/{file_name(build)}"
    if release < Version("1.2"):
        return Spelling((plain,), (), (f"{WHEELS}/{build.variant}/torch_stable.html",))
    default = UNLABELLED.get(f"{release.major}.{release.minor}", "cu102")
    spelled = plain if build.variant == default else labelled
    return Spelling((spelled,), (), (f"{WHEELS}/torch_stable.html",))


def needs_address(build: Build) -> bool:
    """Tell whether the default index serves another build under the same version.

    Its plain wheels are CPU builds on Windows from 1.7.0, and CUDA 9.0 on Linux in 1.0 and 1.1
    (fact table pypi_default_cuda); pip takes them before those of a page.
    """
    if build.platform == WINDOWS:
        return build.release in ("1.7.0", "1.7.1", "1.8.0") and build.variant == "cu102"
    return build.release in ("1.0.0", "1.0.1", "1.1.0") and build.variant != "cu90"


def file_name(build: Build) -> str:
    """Name the file, as torch_stable.html does."""
    digits = (host_for(build).python or "").replace(".", "")
    abi = "m" if digits == "37" else ""
    tag = "win_amd64" if build.platform == WINDOWS else "linux_x86_64"
    return f"torch-{build.release}-cp{digits}-cp{digits}{abi}-{tag}.whl"


def conda_spelling(build: Build) -> Spelling:
    """Spell a conda build: a build constraint, and the selector of its time and channel."""
    release = Version(build.release)
    cuda, digits = build.cuda or "", build.variant[2:]
    if build.source == "conda-forge":
        # `cudatoolkit` and `cuda-version` choose the same there, as long as both are packages.
        selector = "cuda-version" if Version(cuda) >= Version("11.8") else "cudatoolkit"
        glob = f"cuda{digits}*"
    else:
        selector = "pytorch-cuda" if release >= Version("1.13") else "cudatoolkit"
        glob = f"*cuda{cuda}*"
    choice = f"{selector}={cuda}" if build.release != "1.0.0" else f"cuda{digits}"
    return Spelling((f"pytorch=={build.release}[build={glob}]", choice))


def needed_channels(build: Build) -> tuple[tuple[str, ...], ...]:
    """Give the channel lists that would do: NVIDIA's own where `pytorch-cuda` is, at least."""
    if build.source == "conda-forge":
        return (FORGE,)
    if Version(build.release) >= Version("1.13"):
        return (("pytorch", "nvidia"),)
    first = "pytorch-lts" if build.release == "1.8.2" else "pytorch"
    return ((first,), (first, "nvidia"), (first, "conda-forge"))
