"""What pip's configuration files, PIP_* variables and dependency groups say, by pip's own reading.

With `pip_session`, the one module that touches pip's internals at run time: reading the
configuration in this process costs nothing when pip runs here right after, whereas `pip config
list` starts another interpreter. Where the internals are not what they were, that documented
command is asked instead.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from conda_cuda_guard.sources.pip_config import effective, parse_config_list

if TYPE_CHECKING:
    from collections.abc import Iterable

_TIMEOUT = 20.0


def settings(command: str, *, isolated: bool = False) -> dict[str, str]:
    """Give the values in force for a command, by option name (`index-url`), weakest source first.

    A later source replaces an earlier one whole: the global section, the command's, environment.
    Our own section's keys keep its name (`cuda-guard.wheel-index`).
    """
    try:
        found = _from_internals(isolated=isolated)
    except Exception:  # noqa: BLE001 - whatever pip's internals have become
        found = _from_command()
    return effective(found, command)


def dependency_groups(named: Iterable[str]) -> list[str] | None:
    """Give the requirements of dependency groups, named as `--group` does: `[PATH:]NAME`.

    None where pip (25.1 and newer) cannot read them or has become another: it says why itself.
    """
    parts = [name.rpartition(":") for name in named]
    try:
        from pip._internal.req.req_dependency_group import parse_dependency_groups

        pairs = [(path or "pyproject.toml", one) for path, _, one in parts]
        return list(map(str, parse_dependency_groups(pairs)))
    except Exception:  # noqa: BLE001 - whatever is wrong with the file, or pip's internals are
        return None


def _from_internals(*, isolated: bool) -> dict[str, str]:
    from pip._internal.configuration import Configuration

    configuration = Configuration(isolated=isolated)
    configuration.load()
    merged: dict[str, str] = {}
    for key, value in configuration.items():
        # From pip 25.3 an item is (file name, {key: value}); before, (key, value).
        merged.update({key: value} if isinstance(value, str) else value)
    return merged


def _from_command() -> dict[str, str]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pip", "config", "list"],
            capture_output=True, text=True, check=False, timeout=_TIMEOUT,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return parse_config_list(done.stdout.splitlines())
