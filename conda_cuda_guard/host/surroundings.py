"""The driver's surroundings: cards, device files, containers, WSL, remote sessions."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from conda_cuda_guard.model import Phrase

from .system import text_of

_NVIDIA = "0x10de"
_DISPLAY = "0x03"  # PCI class of display controllers, which 3D accelerators belong to
_CONTAINER_FILES = {".dockerenv": "docker", "run/.containerenv": "podman"}
_IN_CGROUP = ("docker", "kubepods", "containerd", "lxc", "libpod")


@dataclass(frozen=True)
class Surroundings:
    """What surrounds the driver; None where there is none, or where it cannot be told here.

    `cards` counts NVIDIA's display devices on the PCI bus (None: the bus cannot be read). `tegra`:
    one of NVIDIA's own boards, whose driver has no version of the usual kind.
    """

    cards: int | None = None
    nouveau: bool = False
    device_files: str | None = None
    container: str | None = None
    wsl: str | None = None
    remote: str | None = None
    tegra: bool = False


def look_around(environ: Mapping[str, str], roots: Path) -> Surroundings:
    """Return what files and variables tell; nothing is run."""
    return Surroundings(
        cards=_cards(roots / "sys/bus/pci/devices"),
        nouveau=(roots / "sys/module/nouveau").is_dir(),
        device_files=_device_files(roots / "dev"),
        container=_container(environ, roots),
        wsl=_wsl(environ, roots),
        remote=_remote(environ),
        tegra=(roots / "etc/nv_tegra_release").exists() or "tegra" in _board(roots),
    )


def _board(roots: Path) -> str:
    return text_of(roots / "proc/device-tree/compatible").lower()


def _cards(bus: Path) -> int | None:
    if not bus.is_dir():
        return None
    return sum(
        text_of(device / "vendor").strip() == _NVIDIA
        and text_of(device / "class").startswith(_DISPLAY)
        for device in bus.iterdir()
    )


def _device_files(dev: Path) -> str | None:
    found = sorted(path for path in dev.glob("nvidia*") if path.name[6:].isdigit())
    if not found:
        return None
    control = dev / "nvidiactl"
    closed = [p for p in (*found, control) if p.exists() and not os.access(p, os.R_OK | os.W_OK)]
    if closed:
        names = ", ".join(f"/dev/{path.name}" for path in closed)
        return Phrase("{names} may not be opened by this user", names=names)
    return ", ".join(f"/dev/{path.name}" for path in found)


def _container(environ: Mapping[str, str], roots: Path) -> str | None:
    if environ.get("SINGULARITY_NAME") or environ.get("APPTAINER_NAME"):
        return "apptainer"
    for name, kind in _CONTAINER_FILES.items():
        if (roots / name).exists():
            return kind
    groups = text_of(roots / "proc/1/cgroup")
    return next((name for name in _IN_CGROUP if name in groups), None)


def _wsl(environ: Mapping[str, str], roots: Path) -> str | None:
    kernel = text_of(roots / "proc/version").lower()
    if "microsoft" not in kernel:
        return None
    return environ.get("WSL_DISTRO_NAME") or ("WSL 2" if "wsl2" in kernel else "WSL")


def _remote(environ: Mapping[str, str]) -> str | None:
    if environ.get("SSH_CONNECTION"):
        return "SSH"
    if sys.platform == "win32" and environ.get("SESSIONNAME", "").upper().startswith("RDP"):
        return "remote desktop"
    return None


# What torch brings itself, and what other copies of break it.
_OWN = ("libcudnn", "libcublas", "libcublasLt", "libcusparse", "libnvJitLink")
_FILE = re.compile(rf"({'|'.join(_OWN)})\.so\.\d[\d.]*")
_CUDNN = re.compile(r"libcudnn\.so\.(\d+(?:\.\d+)*)")
_SYSTEM = (
    "usr/lib/x86_64-linux-gnu",
    "usr/lib/aarch64-linux-gnu",
    "usr/lib64",
    "usr/local/cuda/lib64",
)


def shadowing(environ: Mapping[str, str], environment: Path) -> tuple[str, ...]:
    """Return the copies in LD_LIBRARY_PATH that the loader finds before torch's own.

    Folders of the environment itself do not count: its copies belong to it.
    """
    found = []
    for folder in _library_path(environ):
        if environment.resolve() not in (folder.resolve(), *folder.resolve().parents):
            found += [str(folder / name) for name in _names(folder) if _FILE.fullmatch(name)]
    return tuple(found)


def system_cudnn(roots: Path) -> tuple[str, str] | None:
    """Return the system's cuDNN: its version as far as file names tell it, and its place."""
    best: tuple[str, str] | None = None
    for place in _SYSTEM:
        for name in _names(roots / place):
            match = _CUDNN.fullmatch(name)
            if match and (best is None or len(match[1]) > len(best[0])):
                best = (match[1], f"/{place}/{name}")
    return best


def _library_path(environ: Mapping[str, str]) -> Iterator[Path]:
    for entry in environ.get("LD_LIBRARY_PATH", "").split(os.pathsep):
        if entry:
            yield Path(entry)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except OSError:
        return []
