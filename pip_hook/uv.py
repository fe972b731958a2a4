"""uv as the installer: the same plan, carried out by `uv pip install`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from conda_cuda_guard.host.child import completed, run_bounded
from conda_cuda_guard.host.programs import find_program
from conda_cuda_guard.host.watching import to_be_watched, watched
from conda_cuda_guard.model import Phrase, UsageError
from pip_hook.files.file_roots import read_files

from . import command_line
from .pip_settings import is_on, is_set
from .pip_settings import settings as pip_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conda_cuda_guard.model import Host

    from .command_line import CommandLine

# UV_DEFAULT_INDEX and UV_INDEX are read from this version on (uv's changelog, 0.4.23).
_OLDEST = (0, 4, 23)
_TIMEOUT = 20.0
_INSTALL = f"{sys.executable} -m pip install --upgrade uv"


@cache
def find_uv() -> str:
    """Return the path of uv, beside this interpreter or on PATH; raise a UsageError without one."""
    # On Windows scripts lie beside the interpreter in virtual environments alone.
    beside = dict.fromkeys((str(Path(sys.executable).parent), sysconfig.get_path("scripts")))
    ours = {**os.environ, "PATH": os.pathsep.join(beside)}
    found = find_program("uv", ours) or find_program("uv", os.environ)
    if found is None:
        raise UsageError(
            "uv was not found",
            why=Phrase("it is neither in {beside} nor on PATH", beside=", ".join(beside)),
            hint=_INSTALL,
        )
    _check(found)
    return found


def _check(path: str) -> None:
    try:
        said = completed([path, "--version"], limit=_TIMEOUT).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        said = str(error)
    version = re.match(r"uv (\d+)\.(\d+)\.(\d+)", said)
    if version is None:
        raise UsageError(
            Phrase("{path} does not say its version", path=path), why=said.strip(), hint=_INSTALL
        )
    if tuple(map(int, version.groups())) < _OLDEST:
        oldest = ".".join(map(str, _OLDEST))
        raise UsageError(
            Phrase("{path} is too old", path=path),
            why=Phrase("{oldest} is needed", oldest=oldest),
            hint=_INSTALL,
        )


# Passed to uv by its environment or by options of its own: `run_uv`.
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


def uv_options(line: CommandLine, settings: Mapping[str, str]) -> list[str]:
    """Return uv's options for those of a line, and of pip's settings where the line is silent.

    Raises UsageError for one that uv does not have.
    """
    used = [(use.name, use.value) for use in line.options]
    given = {name for name, _ in used}
    flags = (name for name in (*_FLAGS, "upgrade") if is_on(settings, name))
    set_elsewhere: list[tuple[str, str | None]] = [(f"--{name}", None) for name in flags]
    set_elsewhere += [(f"--{name}", settings[name]) for name in _VALUES if settings.get(name)]
    words: list[str] = []
    for name, value in [*used, *(pair for pair in set_elsewhere if pair[0] not in given)]:
        words += _translated(name, value, line)
    return words


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
    """Return an option for each package to upgrade: uv's --upgrade would include dependencies."""
    names = (_name(line.words[at]) for at in line.requirements)
    return [f"--upgrade-package={name}" for name in names if name]


def _name(text: str) -> str | None:
    try:
        return Requirement(text).name
    except InvalidRequirement:
        return None  # a path or an address, which is always reinstalled


_SOURCES = (
    "UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS",
    "UV_NO_INDEX",
)  # fmt: skip


def is_asked(line: CommandLine) -> bool:
    """Return whether uv is to install; raise a UsageError for what it cannot do."""
    installer = command_line.installer_of(line)
    if installer not in ("pip", "uv"):
        raise UsageError(
            Phrase("no installer {installer!r}", installer=installer),
            why="the installers are pip and uv",
            hint="--installer uv",
        )
    if installer == "pip":
        return False
    if line.command != "install":
        raise UsageError(
            Phrase("uv has no {command}", command=line.command),
            why="it was asked for as the installer",
            hint=f"pipcuda {line.command} --installer pip ...",
        )
    uv_options(line, pip_settings("install", isolated=bool(line.count("--isolated"))))
    find_uv()
    return True


def take_variant_wheels(hosts: Iterable[Host]) -> None:
    """Let uv take variant wheels for these machines, in this process and its children."""
    from .env.machine import for_providers

    there = os.environ.get(_PREVIEWS, "").split(",")
    os.environ[_PREVIEWS] = ",".join(dict.fromkeys([*filter(None, there), _PREVIEW]))
    os.environ.update(for_providers(hosts))


def uv_command(words: Iterable[str]) -> tuple[str, ...]:
    """Return uv's command for the words of `pip install` that name a variant wheel."""
    command, *rest = words
    return ("uv", "pip", command, "--preview-features", _PREVIEW, *rest)


_PREVIEWS, _PREVIEW = "UV_PREVIEW_FEATURES", "wheel-variants"


def run_uv(words: list[str]) -> int:
    """Run uv for a line of pip's and return its exit status."""
    command, env = _command(words)
    process = subprocess.Popen(command, env=to_be_watched(env))
    with watched(process, group=False):
        return _ended(process)


def would_change(words: list[str]) -> frozenset[str] | None:
    """Return the names that uv would install, replace or remove; None where it does not say.

    It is asked for a dry run, which resolves and fetches no wheel; what it read is in its cache for
    the run itself.
    """
    command, env = _command([word for word in words if word not in _UNSAID], "--dry-run")
    done = run_bounded(command, environ=env, limit=_RESOLVING)
    names = frozenset(str(canonicalize_name(one)) for one in _CHANGE.findall(done.output))
    is_said = names or _NO_CHANGE in done.output
    return names if done.status == 0 and is_said else None


# A line of uv's for each package, and the one where there is none.
_CHANGE = re.compile(r"^ [-+~] ([A-Za-z0-9][\w.-]*)(?:==| @ )", re.MULTILINE)
_NO_CHANGE = "Would make no changes"
# What is not passed on to a dry run: it is one, or would not say what it would do.
_UNSAID = ("--dry-run", "--quiet", "-q", "-qq", "--verbose", "-v", "-vv")
_RESOLVING = 120.0


def _command(words: list[str], *more: str) -> tuple[list[str], dict[str, str]]:
    """Return uv's command for a line of pip's, and the environment that it runs in."""
    line = command_line.read_command_line(words)
    python = (line.values("--python") or [sys.executable])[-1]
    settings = pip_settings("install", isolated=bool(line.count("--isolated")))
    command = [find_uv(), "pip", "install", *more, "--python", python]
    command += ["--index-strategy", "unsafe-best-match", *uv_options(line, settings)]
    for name in ("requirement", "constraint"):
        command += [f"--{name}={path}" for path in settings.get(name, "").split()]
    command += ["--", *(line.words[at] for at in line.requirements)]
    return command, _environment(line, settings)


def _ended(process: subprocess.Popen[bytes]) -> int:
    """Return uv's exit status; an interrupt reaches it too, and it is left to end by itself."""
    try:
        return process.wait()
    except KeyboardInterrupt:
        return _ended(process)


def _environment(line: CommandLine, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that hands pip's sources to uv, which other users cannot read."""
    env = {name: value for name, value in os.environ.items() if name not in _SOURCES}
    env["UV_NO_CONFIG"] = "1"
    files = read_files(line, settings)
    pages = settings.get("find-links", "").split() + line.values("--find-links")
    env["UV_FIND_LINKS"] = ",".join(pages)
    if is_set(line, settings, "no-index"):
        env["UV_NO_INDEX"] = "1"
    elif not (files and files.reset_index()):
        main = line.values("--index-url") or settings.get("index-url", "").split()
        extra = settings.get("extra-index-url", "").split() + line.values("--extra-index-url")
        env["UV_DEFAULT_INDEX"] = main[-1] if main else ""
        env["UV_INDEX"] = " ".join(extra)
    return {name: value for name, value in env.items() if value or name not in _SOURCES}
