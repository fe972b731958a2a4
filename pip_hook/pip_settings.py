"""pip's configuration files, PIP_* variables and dependency groups, as pip reads them.

With `pip_session` and `resolver_watch`, the one module that touches pip's internals at run time:
reading the configuration in this process costs nothing when pip runs here right after, whereas
`pip config list` starts another interpreter. Where the internals are not what they were, that
documented command is asked instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.host.files import is_stream
from conda_cuda_guard.model import Phrase, UsageError
from conda_cuda_guard.sources import pip_config
from conda_cuda_guard.sources.pip_config import SWITCH, parse_config_list

from .option_table import known_options
from .run_pip import ask_pip

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .command_line import CommandLine

_PROJECT = "pyproject.toml"


def settings(command: str, *, isolated: bool = False) -> dict[str, str]:
    """Return the values in force for a command, by option name (`index-url`).

    A later source replaces an earlier one whole: the global section, the command's, environment.
    Our own section's keys keep its name (`cuda-guard.wheel-index`).
    """
    try:
        found = _from_internals(isolated=isolated)
    except Exception:  # noqa: BLE001 - whatever pip's internals have become
        found = _from_command()
    return effective(found, command)


def effective(found: Mapping[str, str], command: str) -> dict[str, str]:
    """Return `section.key` settings in pip's order, by the first long name of each option."""
    options = known_options(command)

    def long_name(name: str) -> str:
        typed = f"--{name}"
        return options[typed].name[2:] if typed in options else name

    return pip_config.effective(found, command, long_name)


def default_index() -> str | None:
    """Return the index that this pip takes where none is set; None where it cannot be told."""
    try:
        from pip._internal.models.index import PyPI

        return str(PyPI.simple_url)
    except Exception:  # noqa: BLE001 - whatever pip's internals have become
        return None


class InvalidSettingError(UsageError):
    """A value in pip's settings that pip refuses too, once it has the line."""


def is_on(settings: Mapping[str, str], name: str) -> bool:
    """Return whether pip's settings turn a switch on (`no-index`); raise for an invalid value."""
    value = settings.get(name, "")
    if not value:
        return False
    if value.lower() not in SWITCH:
        raise _invalid(name, value)
    return SWITCH[value.lower()]


def is_set(line: CommandLine, settings: Mapping[str, str], name: str) -> bool:
    """Return whether a switch of pip's is on, by the line or by the settings."""
    return bool(line.count(f"--{name}")) or is_on(settings, name)


def times(line: CommandLine, settings: Mapping[str, str], name: str) -> int:
    """Return how often a counted option (`quiet`) is given: settings, and the line on top."""
    value = settings.get(name, "")
    if value.lower() in SWITCH:
        start = int(SWITCH[value.lower()])
    else:
        try:
            start = int(value or "0")
        except ValueError:
            start = -1
    if start < 0:
        raise _invalid(name, value)
    return start + line.count(f"--{name}")


def _invalid(name: str, value: str) -> InvalidSettingError:
    return InvalidSettingError(
        Phrase("pip's setting {name}: {value!r} is neither yes nor no", name=name, value=value),
        why=Phrase(
            "it is in pip's configuration, or in {variable}",
            variable=f"PIP_{name.upper().replace('-', '_')}",
        ),
        hint="pip config debug",
    )


def dependency_groups(named: Iterable[str]) -> list[str] | None:
    """Return the requirements of dependency groups, named as `--group` does: `[PATH:]NAME`.

    None where pip (25.1 and newer) cannot read them or has become another: it says why itself.
    """
    parts = [name.rpartition(":") for name in named]
    for path, _, _ in parts:
        if is_stream(path or _PROJECT):
            raise UsageError(
                Phrase("{path} cannot be read", path=path or _PROJECT),
                why="it is no file",
                hint="pipcuda install --group pyproject.toml:NAME",
            )
    try:
        from pip._internal.req.req_dependency_group import parse_dependency_groups

        pairs = [(path or _PROJECT, one) for path, _, one in parts]
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
    done = ask_pip("config", "list")
    return {} if done is None else parse_config_list(done.stdout.splitlines())
