"""What conda knows: the prefix's Python, the platform, the channels in force, files of specs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from conda_cuda_guard.model import Plan

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

    subdir = str(context.subdir)
    return _PLATFORMS.get(subdir, subdir)


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


def specs_of_files(args: Namespace) -> list[str] | None:
    """Read the specs of `--file`s; None where one of them is conda's alone (explicit, or YAML).

    A file is read once, by conda's own reading: it may be a pipe.
    """
    from conda.cli.common import specs_from_url

    specs: list[str] = []
    for name in args.file or ():
        if name.endswith((".yml", ".yaml")):
            return None
        found = specs_from_url(name)
        if "@EXPLICIT" in found:
            return None
        specs.extend(found)
    return specs


def installed_by_pip(name: str, prefix: Path) -> str | None:
    """Give the version of a distribution that pip put into an environment."""
    places = (*prefix.glob("lib/python3.*/site-packages"), prefix / "Lib" / "site-packages")
    for place in places:
        for installer in place.glob(f"{name}-*.dist-info/INSTALLER"):
            if installer.read_text(encoding="utf-8").strip() == "pip":
                return installer.parent.name[len(name) + 1 : -len(".dist-info")]
    return None


def command_to_type(plan: Plan) -> tuple[str, ...]:
    """Give the command that carries out a plan: for this environment, with the channels typed."""
    from conda.base.context import context

    args = context._argparse_args  # noqa: SLF001 - conda keeps its command line nowhere else
    words = ["conda", "create" if getattr(args, "cmd", None) == "create" else "install"]
    for option, name in (("-n", "name"), ("-p", "prefix")):
        value = getattr(args, name, None)
        words += [option, str(value)] if value else []
    for channel in (*plan.channels, *(getattr(args, "channel", None) or ())):
        words += ["-c", str(channel)]
    if getattr(args, "override_channels", None) is True:
        words.append("--override-channels")
    return (*words, *plan.requirements)
