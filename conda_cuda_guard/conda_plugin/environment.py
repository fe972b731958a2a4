"""What conda knows: the prefix's Python, the platform, the channels in force, files of specs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conda.base.context import context

from conda_cuda_guard.model.platforms import platform_of_subdir

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from conda_cuda_guard.model import Plan


def platform() -> str:
    """Give the platform that conda installs for (`CONDA_SUBDIR` may say another than this one)."""
    return platform_of_subdir(str(context.subdir))


def python_version() -> str | None:
    """Give the minor version of the Python in the target environment, None without one."""
    from conda.base.context import context
    from conda.core.prefix_data import PrefixData

    record = PrefixData(context.target_prefix).get("python", None)
    return ".".join(record.version.split(".")[:2]) if record else None


def typed_channels() -> tuple[str, ...]:
    """Give the channels in force, as conda's configuration and the command line name them."""
    return tuple(str(channel) for channel in context.channels)


def channels_are_fixed() -> bool:
    """Tell whether the command line says that no channel is to be used but those it names."""
    return command_line().get("override_channels") is True


def command_line() -> Mapping[str, Any]:
    """Give the command line, as conda has read it."""
    return context._argparse_args or {}  # noqa: SLF001 - conda keeps it nowhere else


def specs_of_files(files: Iterable[str]) -> list[str] | None:
    """Read the specs of `--file`s; None where one of them is conda's alone (explicit, or YAML).

    A file is read once, by conda's own reading: it may be a pipe.
    """
    from conda.cli.common import specs_from_url

    specs: list[str] = []
    for name in files:
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
    typed = command_line()
    words = ["conda", "create" if typed.get("cmd") == "create" else "install"]
    for option, name in (("-n", "name"), ("-p", "prefix")):
        words += [option, str(typed[name])] if typed.get(name) else []
    for channel in (*plan.channels, *(typed.get("channel") or ())):
        words += ["-c", str(channel)]
    if channels_are_fixed():
        words.append("--override-channels")
    return (*words, *plan.requirements)
