"""The sources that pip and conda have in force, and the mirrors that they belong to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model import GuardError, Phrase
from conda_cuda_guard.sources.mirrors import mirror_of
from conda_cuda_guard.sources.pip_config import addresses
from pip_hook.pip_settings import settings

from .config_tools import conda_settings, find_conda

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.model import Mirror

_WHEEL_INDEX = "CUDA_GUARD_WHEEL_INDEX"
DEFAULT_INDEX = Phrase("pip's default index")
NO_CONDA = Phrase("no conda on PATH")


@dataclass(frozen=True)
class Setting:
    """One source of a tool, with the mirror's service, if it is a mirror's."""

    tool: str
    name: str
    value: str
    mirror: Mirror | None


@dataclass(frozen=True)
class InForce:
    """All sources in force; `conda_problem` is the reason why nothing is known of conda."""

    settings: tuple[Setting, ...]
    conda_problem: str = ""

    def of(self, mirror: Mirror) -> bool:
        """Return whether a service is in force."""
        return any(setting.mirror == mirror for setting in self.settings)


def in_force(mirrors: tuple[Mirror, ...]) -> InForce:
    """Return the settings of pip, and of conda where there is one."""
    pip = list(_with_mirrors("pip", _of_pip(), mirrors))
    conda = find_conda(os.environ)
    if conda is None:
        return InForce(tuple(pip), NO_CONDA)
    try:
        found = list(_with_mirrors("conda", _of_conda(conda_settings(conda)), mirrors))
    except GuardError as error:
        return InForce(tuple(pip), error.why)
    return InForce((*pip, *found))


def _with_mirrors(
    tool: str, pairs: Iterable[tuple[str, str]], mirrors: tuple[Mirror, ...]
) -> Iterator[Setting]:
    for name, value in pairs:
        yield Setting(tool, name, value, mirror_of(value, mirrors))


def _of_pip() -> Iterator[tuple[str, str]]:
    found = settings("install")
    if not found.get("index-url", "").strip():
        yield "index-url", DEFAULT_INDEX
    yield from addresses(found)
    if os.environ.get(_WHEEL_INDEX):
        yield _WHEEL_INDEX, os.environ[_WHEEL_INDEX]


def _of_conda(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from (("channels", str(channel)) for channel in found.get("channels", ()))
    yield "channel_alias", address(found["channel_alias"])
    yield from (("default_channels", address(one)) for one in found["default_channels"])
    for name, channel in found["custom_channels"].items():
        # conda's own, there on every machine; default_channels says where they come from.
        if not name.startswith("pkgs/"):
            yield f"custom_channels.{name}", address(channel)


def address(channel: dict[str, Any]) -> str:
    """Return a channel's URL, given as in conda's JSON, without credentials."""
    parts = (channel.get("location"), channel.get("name"))
    return f"{channel.get('scheme') or 'https'}://" + "/".join(filter(None, parts))
