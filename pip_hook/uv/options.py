"""What pip's options are called in uv (`uv pip install --help`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from conda_cuda_guard.model import Phrase, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pip_hook.command_line import CommandLine

# Told to uv by its environment or by another way: `running`.
_ELSEWHERE = {"--index-url", "--extra-index-url", "--find-links", "--no-index", "--python"}
_SAME = {
    "--requirement", "--constraint", "--editable", "--no-deps", "--target", "--prefix",
    "--dry-run", "--quiet", "--verbose", "--require-hashes", "--no-binary", "--only-binary",
    "--no-build-isolation", "--python-version", "--break-system-packages",
}  # fmt: skip
_RENAMED = {
    "--force-reinstall": "--reinstall",
    "--no-cache-dir": "--no-cache",
    "--pre": "--prerelease=allow",
}


_UPGRADE = "--upgrade"
# Settings of pip's configuration and variables that change what is installed, or where.
_FLAGS = ("no-deps", "require-hashes", "pre", "force-reinstall", "break-system-packages", "user")
_VALUES = ("target", "prefix", "root", "no-binary", "only-binary")
_OFF = ("", "0", "false", "no", "off")


def translated(line: CommandLine, settings: Mapping[str, str]) -> list[str]:
    """Give uv's options for those of a line, and of pip's settings where the line is silent.

    Raises UsageError for one that uv has not.
    """
    used = [(use.name, use.value) for use in line.options]
    given = {name for name, _ in used}
    flags = (name for name in (*_FLAGS, "upgrade") if _is_on(name, settings))
    set_elsewhere: list[tuple[str, str | None]] = [(f"--{name}", None) for name in flags]
    set_elsewhere += [(f"--{name}", settings[name]) for name in _VALUES if settings.get(name)]
    words: list[str] = []
    for name, value in [*used, *(pair for pair in set_elsewhere if pair[0] not in given)]:
        words += _translated(name, value, line)
    return words


def _is_on(name: str, settings: Mapping[str, str]) -> bool:
    return settings.get(name, "").lower() not in _OFF


def _translated(name: str, value: str | None, line: CommandLine) -> list[str]:
    if name in _ELSEWHERE:
        return []
    if name == _UPGRADE:
        return _upgrading(line)
    known = name if name in _SAME else _RENAMED.get(name)
    if known is None:
        raise UsageError(
            Phrase("{name} cannot be passed on to uv", name=name),
            why="uv pip install has no option that does the same",
            hint=Phrase("leave {name} out, or take pip: --installer pip", name=name),
        )
    return [known if value is None else f"{known}={value}"]


def _upgrading(line: CommandLine) -> list[str]:
    """Name what is to be upgraded: uv's own --upgrade would take everything that these need too."""
    names = (_name(line.words[at]) for at in line.requirements)
    return [f"--upgrade-package={name}" for name in names if name]


def _name(text: str) -> str | None:
    try:
        return Requirement(text).name
    except InvalidRequirement:
        return None  # a path or an address, which is installed anew anyway
