"""What conda knows: the prefix's Python, the platform, the channels in force, files of specs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.host import this_platform

if TYPE_CHECKING:
    from argparse import Namespace

_PLATFORMS = {
    "linux-64": "linux-x86_64",
    "linux-aarch64": "linux-aarch64",
    "win-64": "windows-amd64",
    "osx-arm64": "macos-arm64",
    "osx-64": "macos-x86_64",
}


def platform() -> str:
    """Give the platform that conda installs for (`CONDA_SUBDIR` may say another than this one)."""
    from conda.base.context import context

    return _PLATFORMS.get(context.subdir, this_platform())


def python_version() -> str | None:
    """Give the minor version of the Python in the target environment, None without one."""
    from conda.base.context import context
    from conda.core.prefix_data import PrefixData

    record = PrefixData(context.target_prefix).get("python", None)
    return ".".join(record.version.split(".")[:2]) if record else None


def channels() -> tuple[str, ...]:
    """Give the channels in force, as conda's configuration and the command line name them."""
    from conda.base.context import context

    return tuple(str(channel) for channel in context.channels)


def specs_of_files(args: Namespace) -> list[str]:
    """Read the specs of `--file`s that are plain lists; explicit and YAML files stay conda's."""
    from conda.cli.common import specs_from_url

    specs: list[str] = []
    for name in args.file or ():
        if not _is_plain_list(name):
            return []
        specs.extend(specs_from_url(name))
    return specs


def _is_plain_list(name: str) -> bool:
    if name.endswith((".yml", ".yaml")):
        return False
    try:
        return "@EXPLICIT" not in Path(name).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False  # conda says what is wrong with it
