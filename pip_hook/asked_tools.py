"""Where pip and conda get packages from, for the doctor: each tool is asked itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Callable

from conda_cuda_guard.doctor import of_sources
from conda_cuda_guard.host.child import begin
from conda_cuda_guard.model import CONDA_CHANNEL_HOST, GuardError, Phrase
from conda_cuda_guard.model.channels import ChannelAddress, ChannelInForce, ChannelsInForce
from conda_cuda_guard.model.time_limit import time_limit
from conda_cuda_guard.rendering import redact
from conda_cuda_guard.sources.channels import CHANNELS

from .mirrors.conda_tool import find_conda, showing
from .mirrors.in_force import NO_CONDA, address
from .pip_settings import addresses, effective, parse_config_list, settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conda_cuda_guard.doctor.scene import Part
    from conda_cuda_guard.host.child import Outcome

_NO_PIP = Phrase("no pip in the environment")
_LIMIT = time_limit(5.0)  # seconds: either tool answers in less than one on a healthy machine


def indexes_of_this_pip() -> Part:
    """Read the settings of the pip that runs here."""
    return _examined(settings("install"))


def indexes_of_pip(python: Path, environ: Mapping[str, str]) -> Callable[[], Part]:
    """Ask the pip of an environment for its settings in force."""
    if not python.exists():
        return partial(of_sources.absent, of_sources.INDEXES, _NO_PIP)
    command = [str(python), "-m", "pip", "config", "list"]
    ended = begin(command, environ=environ, limit=_LIMIT)
    return lambda: _of_pip(ended())


def _of_pip(outcome: Outcome) -> Part:
    if outcome.problem and "No module named pip" in outcome.output:
        return of_sources.absent(of_sources.INDEXES, _NO_PIP)
    if outcome.problem:
        return of_sources.unread(of_sources.INDEXES, outcome.problem)
    found = parse_config_list(outcome.output.splitlines())
    return _examined(effective(found, "install"))


def _examined(found: Mapping[str, str]) -> Part:
    constraints = " ".join(found.get("constraint", "").split())
    return of_sources.indexes(addresses(found), found.get("proxy"), constraints or None)


def channels_of_conda(environ: Mapping[str, str]) -> Callable[[], Part]:
    """Ask the conda on PATH, if there is one, for its channels in force."""
    conda = find_conda(environ)
    if conda is None:
        return partial(of_sources.absent, of_sources.CHANNELS, NO_CONDA)
    return partial(_of_conda, showing(conda, _LIMIT))


def _of_conda(ended: Callable[[], dict[str, Any]]) -> Part:
    try:
        found = ended()
    except GuardError as error:
        return of_sources.unread(of_sources.CHANNELS, error.why)
    mapped = {name: address(one) for name, one in found["custom_channels"].items()}
    in_force = ChannelsInForce(
        channels=tuple(_in_force(found, mapped)),
        addresses={name: _leads_to(name, found, mapped) for name in CHANNELS},
        priority=str(found.get("channel_priority", ChannelsInForce.priority)),
    )
    own = set(map(address, found["default_channels"]))
    return of_sources.channels(in_force, mapped, own)


def _in_force(found: Mapping[str, Any], mapped: Mapping[str, str]) -> Iterator[ChannelInForce]:
    for name in map(str, found["channels"]):
        if name == "defaults":
            for one in map(address, found["default_channels"]):
                yield ChannelInForce(one.partition("://")[2].partition("/")[2], one, name)
        elif "://" in name:
            yield ChannelInForce(redact(name), redact(name), redact(name))
        else:
            yield ChannelInForce(name, _leads_to(name, found, mapped).urls[0], name)


def _leads_to(name: str, found: Mapping[str, Any], mapped: Mapping[str, str]) -> ChannelAddress:
    """Follow a bare name: a mapping of its own, else the alias."""
    if name in mapped:
        return ChannelAddress((mapped[name],), "mapped")
    alias = address(found["channel_alias"]).rstrip("/")
    return ChannelAddress(
        (f"{alias}/{name}",), "default" if alias == CONDA_CHANNEL_HOST else "alias"
    )
