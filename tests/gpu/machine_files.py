"""Print what files tell of the driver, and the packages that matter: samples for the tests."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_FILES = (
    "etc/os-release",
    "sys/module/nvidia/version",
    "proc/driver/nvidia/version",
    "proc/driver/nvidia/gpus/*/information",
    "proc/version",
)
_FOLDERS = ("dev/nvidia*", "proc/driver/nvidia/*", "usr/local/cuda*")
_PACKAGES = (
    "torch", "torchvision", "torchaudio", "triton", "xformers", "cupy-cuda13x", "jax", "jaxlib",
    "jax-cuda13-plugin", "onnxruntime", "onnxruntime-gpu", "nvidia-ml-py", "pip", "packaging",
)  # fmt: skip


def main(root: Path) -> None:
    """Print the files below a root, the names in its folders, and the packages' versions."""
    print(f"# Python {platform.python_version()}, {platform.machine()}, {platform.libc_ver()}")
    for name in _PACKAGES:
        print(f"{name} {_version(name)}")
    for pattern in _FOLDERS:
        print(f"# {pattern}:", *(path.name for path in sorted(root.glob(pattern))))
    for pattern in _FILES:
        for path in sorted(root.glob(pattern)):
            print(f"# {path.relative_to(root)}\n{path.read_text('utf-8', 'replace').rstrip()}")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "-"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
