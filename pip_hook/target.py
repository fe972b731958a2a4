"""The interpreter and platform that pip installs for: this one, or what the options say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Callable, TypeVar

import packaging

from conda_cuda_guard import catalogue
from conda_cuda_guard.host.child import completed
from conda_cuda_guard.host.packages import find_set, find_versions
from conda_cuda_guard.host.programs import interpreter_of, running
from conda_cuda_guard.host.system import libc_of_tags, this_libc
from conda_cuda_guard.model import PLATFORMS, Phrase, UsageError
from conda_cuda_guard.model.host import platform_named, read_tag, this_platform

from .pip_settings import is_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conda_cuda_guard.model import Host, Installed
    from pip_hook.files.file_roots import Files

    from .command_line import CommandLine

# The version, and the platform tags by packaging: its own, or else ours, which is not for any age.
_ASK = """
import sys, sysconfig
free_threaded = 't' if sysconfig.get_config_var('Py_GIL_DISABLED') else ''
print('%d.%d%s' % (sys.version_info[0], sys.version_info[1], free_threaded))
sys.path.append({folder!r})
try:
    from packaging.tags import platform_tags
    print(*platform_tags())
except Exception:
    pass
"""
_PATHS = "import json, sys; print(json.dumps([one for one in sys.path if one]))"
_TIMEOUT = 10.0
_VERSION = re.compile(r"[0-9]\.[0-9]{1,3}t?")
_SHOWN = 60  # characters of what is no answer
_Answer = TypeVar("_Answer")
# Options that make pip take files for another interpreter than its own.
_ELSEWHERE = ("python", "platform", "python-version", "implementation", "abi")


def target_platform(line: CommandLine, settings: Mapping[str, str]) -> str:
    """Return the platform installed for, by `--platform` or this machine's."""
    tags = line.values("--platform") or settings.get("platform", "").split()
    for tag in tags:
        named = read_tag(tag).platforms
        if named and tag != "any":
            return min(named, key=PLATFORMS.index)
    return tags[0] if tags else this_platform()


def target_python(line: CommandLine, settings: Mapping[str, str]) -> str | None:
    """Return the version of the interpreter installed into, `"3.11"` or `"3.13t"`."""
    numbers = line.values("--python-version") or [settings.get("python-version", "")]
    if numbers[-1]:
        return _dotted(numbers[-1], line.values("--abi"))
    pythons = line.values("--python") or [settings.get("python", "")]
    if pythons[-1]:
        return _version_and_libc(pythons[-1])[0]
    return _this_python()


def target_libc(line: CommandLine, settings: Mapping[str, str]) -> str | None:
    """Return the C library that files may ask for: by `--platform`, or the interpreter's own."""
    tags = line.values("--platform") or settings.get("platform", "").split()
    if tags:
        return libc_of_tags(tags)
    pythons = line.values("--python") or [settings.get("python", "")]
    return _version_and_libc(pythons[-1])[1] if pythons[-1] else this_libc()


@lru_cache(maxsize=8)
def _version_and_libc(python: str) -> tuple[str, str | None]:
    folder = str(Path(packaging.__file__).parent.parent)
    return _ask(python, _ASK.format(folder=folder), _read_version)


def _read_version(answer: str) -> tuple[str, str | None]:
    version, _, tags = answer.partition("\n")
    if not _VERSION.fullmatch(version):
        raise ValueError(version)
    return version, libc_of_tags(tags.split())


def own_target(line: CommandLine, settings: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the platform and Python of pip itself, None where files are taken for others."""
    if any(line.count(f"--{name}") or settings.get(name) for name in _ELSEWHERE):
        return None
    return this_platform(), _this_python()


def _this_python() -> str:
    free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    return f"{sys.version_info.major}.{sys.version_info.minor}{'t' if free_threaded else ''}"


def _dotted(number: str, abis: list[str]) -> str | None:
    """Return `3.11` for pip's `3.11`, `3.11.2` and `311`; `3` alone names no minor version."""
    if "." not in number and len(number) > 1:
        number = f"{number[0]}.{number[1:]}"
    parts = number.split(".")
    if len(parts) < 2:  # noqa: PLR2004
        return None
    free_threaded = any(abi.endswith("t") for abi in abis)
    return f"{parts[0]}.{parts[1]}{'t' if free_threaded else ''}"


def paths_of(python: str) -> list[str]:
    """Return the folders that an interpreter, named as `--python` does, imports from."""
    return _ask(python, _PATHS, _read_paths)


def _read_paths(answer: str) -> list[str]:
    paths = json.loads(answer)
    if not isinstance(paths, list):
        raise ValueError(answer)  # noqa: TRY004 - as where it is no JSON
    return paths


def _ask(python: str, question: str, read: Callable[[str], _Answer]) -> _Answer:
    """Return the answer of the interpreter (or of an environment's) that `--python` names.

    `read` raises ValueError for what is no answer: any program may have been named.
    """
    why: str
    try:
        done = completed(running(interpreter_of(python), question), limit=_TIMEOUT)
        if not done.returncode:
            return read(done.stdout.strip())
        told = done.stderr.strip().splitlines()
        why = told[-1] if told else Phrase("ended with status {status}", status=done.returncode)
    except OSError as error:
        why = str(error).splitlines()[0]
    except subprocess.TimeoutExpired:
        why = Phrase("no answer within {limit:.1f} s", limit=_TIMEOUT)
    except (ValueError, RecursionError):
        why = Phrase("it answered {answer!r}", answer=done.stdout[:_SHOWN])
    raise UsageError(
        Phrase("--python {python} is not an interpreter that answers", python=python),
        why=why,
        hint="name an interpreter or an environment's folder: --python .venv",
    )


_SAID = ("--platform", "--python-version", "--implementation", "--abi")


def options_for(line: CommandLine, host: Host, settings: Mapping[str, str]) -> list[str]:
    """Return pip's options for a machine of another platform or Python than pip's own.

    None where the line says such things itself: then it is the user's own choice.
    """
    if any(line.count(name) for name in _SAID):
        return []
    here = host.platform == this_platform()
    if here and host.python in (None, target_python(line, settings)):
        return []
    tags = (t for t in platform_named(host.platform).tags if host.has_libc(read_tag(t).libc))
    options = [word for tag in tags for word in ("--platform", tag)]
    if host.python:
        number = host.python.rstrip("t")
        options += ["--python-version", number, "--implementation", "cp"]
        options += [word for abi in _abis(host.python) for word in ("--abi", abi)]
    # pip takes no source distribution for another machine, as it could not build it.
    if not line.count("--only-binary") and not line.count("--no-deps"):
        options.append("--only-binary=:all:")
    return options


def _abis(python: str) -> tuple[str, ...]:
    digits = python.rstrip("t").replace(".", "")
    flag = "t" if python.endswith("t") else ""
    return (f"cp{digits}{flag}", "abi3", "none")


# Options with which installed packages are ignored, or lie elsewhere.
_NOT_THIS_ENVIRONMENT = (
    "target",
    "prefix",
    "root",
    "platform",
    "python-version",
)


def installed_torch(line: CommandLine, settings: Mapping[str, str]) -> Installed | None:
    """Return the torch that pip would find there, with what depends on it.

    None where there is none, or where it does not count.
    """
    return find_set(_paths_in_question(line, settings), catalogue.family())


def present_versions(line: CommandLine, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the versions of what is there that a release of the family may not work with."""
    names = {one.package for one in catalogue.family().conflicts}
    return versions_of(names, line, settings)


def versions_of(
    names: Iterable[str], line: CommandLine, settings: Mapping[str, str]
) -> dict[str, str]:
    """Return the versions of packages where a line installs into; those that are there."""
    return find_versions(_paths_in_question(line, settings), sorted(names))


def _paths_in_question(line: CommandLine, settings: Mapping[str, str]) -> list[str]:
    """Return the folders that packages are imported from; none where they do not count."""
    if is_elsewhere(line, settings):
        return []
    if is_set(line, settings, "ignore-installed"):
        return []
    python = (line.values("--python") or [settings.get("python", "")])[-1]
    return paths_of(python) if python else sys.path


def is_elsewhere(line: CommandLine, settings: Mapping[str, str]) -> bool:
    """Return whether a line installs into another place than an interpreter's environment."""
    return any(line.count(f"--{name}") or settings.get(name) for name in _NOT_THIS_ENVIRONMENT)


def wants_upgrade(line: CommandLine, settings: Mapping[str, str]) -> bool:
    """Return whether an installed package is replaced even though it satisfies the request."""
    return any(is_set(line, settings, name) for name in ("upgrade", "force-reinstall"))


def checks_hashes(line: CommandLine, settings: Mapping[str, str], files: Files) -> bool:
    """Return whether pip is in hash mode, where it takes nothing without a hash."""
    if is_set(line, settings, "require-hashes"):
        return True
    return any(one.hashes for one in files.requirement_lines(constraints=False))


_LEGACY = "legacy-resolver"


def takes_constraints(line: CommandLine, settings: Mapping[str, str], files: Files) -> bool:
    """Return whether constraints may be added: not in hash mode, nor without dependencies."""
    deprecated = (*line.values("--use-deprecated"), settings.get("use-deprecated", ""))
    if _LEGACY in deprecated:
        return False
    return not checks_hashes(line, settings, files) and not is_set(line, settings, "no-deps")
