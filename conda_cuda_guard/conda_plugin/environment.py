"""What conda knows: the prefix's Python, the platform, the channels in force, files of specs."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conda.base.context import context

from conda_cuda_guard.host.files import is_stream, read_file
from conda_cuda_guard.host.private_folder import scratch_folder
from conda_cuda_guard.model import Phrase, UsageError
from conda_cuda_guard.model.host import platform_of_subdir, this_platform

from .hook_entry import environment_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conda_cuda_guard.model import Plan

_NO_DEFAULTS = "nodefaults"


@dataclass(frozen=True)
class CondaEnvFile:
    """The file of a `conda env` command: its channels, and the requirements of its pip section."""

    path: str
    name: str = ""
    channels: tuple[str, ...] = ()
    pip: tuple[str, ...] = ()


def platform() -> str:
    """Return the platform that conda installs for (`--platform` and `CONDA_SUBDIR` say which)."""
    return platform_of_subdir(str(context.subdir))


def is_for_here() -> bool:
    """Return whether conda installs for the platform that it runs on."""
    return platform() == this_platform()


def python_version() -> str | None:
    """Return the minor version of the Python in the target environment, None without one."""
    from conda.core.prefix_data import PrefixData

    record = PrefixData(target_prefix()).get("python", None)
    return ".".join(record.version.split(".")[:2]) if record else None


def target_prefix() -> str:
    """Return the environment that is installed into; an environment file may name it."""
    typed, file = command_line(), environment_file()
    if file is not None and file.name and not (typed.get("name") or typed.get("prefix")):
        return str(Path(context.envs_dirs[0]) / file.name)
    return str(context.target_prefix)


def environment_file() -> CondaEnvFile | None:
    """Return the environment file that the command line names, where it is one on this machine."""
    files = environment_files(command_line())
    return _read_environment_file(files[0]) if files else None


@lru_cache(maxsize=1)
def _read_environment_file(path: str) -> CondaEnvFile | None:
    if not Path(path).is_file():
        return None
    import yaml

    content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        return None
    parts = content.get("dependencies") or ()
    pip = (one for part in parts if isinstance(part, dict) for one in part.get("pip") or ())
    channels = tuple(str(channel) for channel in content.get("channels") or ())
    return CondaEnvFile(path, str(content.get("name") or ""), channels, tuple(map(str, pip)))


def typed_channels() -> tuple[str, ...]:
    """Return the channels in force: an environment file's, the command line's, the configured."""
    file = environment_file()
    own = file.channels if file is not None else ()
    configured = () if _NO_DEFAULTS in own else map(str, context.channels)
    return tuple(dict.fromkeys((*(one for one in own if one != _NO_DEFAULTS), *configured)))


def channels_are_fixed() -> bool:
    """Return whether the command line says that no channel is to be used but those it names."""
    return command_line().get("override_channels") is True


def command_line() -> Mapping[str, Any]:
    """Return the command line, as conda has read it."""
    return context._argparse_args or {}  # noqa: SLF001 - conda keeps it nowhere else


def specs_of_files(files: Iterable[str]) -> list[str] | None:
    """Read the specs of `--file`s; None where one of them is conda's alone (explicit, or YAML).

    A file is read once, by conda's own reading: it may be a pipe. Raises UsageError for a pipe that
    nothing writes into, and for a device.
    """
    from conda.cli.common import specs_from_url

    specs: list[str] = []
    for name in files:
        if name.endswith((".yml", ".yaml")):
            return None
        with _readable(name) as place:
            found = specs_from_url(place)
        if "@EXPLICIT" in found:
            return None
        specs.extend(found)
    return specs


@contextmanager
def _readable(name: str) -> Iterator[str]:
    """Yield a file's name, or that of a copy of a pipe, which conda would wait for without end."""
    if not is_stream(name):
        yield name
        return
    try:
        data = read_file(name)
    except OSError as error:
        raise UsageError(
            Phrase("{path} cannot be read", path=name),
            why=error.strerror or str(error),
            hint="conda cuda-install --file requirements.txt",
        ) from None
    with scratch_folder() as folder:
        place = folder / "specs.txt"
        place.write_bytes(data)
        yield str(place)


def installed_by_pip(name: str, prefix: Path) -> str | None:
    """Return the version of a distribution that pip put into an environment."""
    places = (*prefix.glob("lib/python3.*/site-packages"), prefix / "Lib" / "site-packages")
    for place in places:
        for installer in place.glob(f"{name}-*.dist-info/INSTALLER"):
            if installer.read_text(encoding="utf-8").strip() == "pip":
                return installer.parent.name[len(name) + 1 : -len(".dist-info")]
    return None


def command_to_type(plan: Plan, *, subcommand: str = "") -> tuple[str, ...]:
    """Return the command that carries out a plan: for this environment, with the channels typed.

    `subcommand` is the one to type where it is not conda's own `install` or `create`.
    """
    typed, file = command_line(), environment_file()
    words = ["conda", subcommand or ("create" if typed.get("cmd") == "create" else "install")]
    if typed.get("prefix"):
        words += ["-p", str(typed["prefix"])]
    elif typed.get("name") or (file is not None and file.name):
        words += ["-n", str(typed.get("name") or (file.name if file else ""))]
    own = file.channels if file is not None else typed.get("channel") or ()
    for channel in dict.fromkeys((*plan.channels, *map(str, own))):
        words += ["-c", channel] if channel != _NO_DEFAULTS else []
    if channels_are_fixed() or _NO_DEFAULTS in own:
        words.append("--override-channels")
    if not is_for_here() and typed.get("subdir"):
        words += ["--platform", str(typed["subdir"])]
    return (*words, *plan.requirements)
