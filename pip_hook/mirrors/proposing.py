"""The sources in force, their mirrors, and the changes that put a mirror in force.

Nothing is written here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model import GuardError, Phrase, UsageError
from conda_cuda_guard.model.addresses import place
from conda_cuda_guard.rendering.language import translated
from conda_cuda_guard.sources.channels import plan_channels
from conda_cuda_guard.sources.mirrors import channel_on, mirror_of
from conda_cuda_guard.sources.pip_config import addresses
from pip_hook.pip_settings import settings

from . import config_tools
from .config_tools import Wanted, conda_settings, find_conda

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from conda_cuda_guard.model import Mirror

    from .backups import Change

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


def mirrored_channels() -> tuple[str, ...]:
    """Return the channels that a mirror is used for: what a plan may add, and the commonest."""
    return (*dict.fromkeys(("conda-forge", *plan_channels(), "bioconda")),)


_LOOK = {"pip": "pip config debug", "conda": "conda config --show-sources"}


@dataclass
class Proposal:
    """The changes that put a mirror in force, with remarks.

    `expected` are the settings (tool, name, URL) in force once they are made.
    """

    name: str
    changes: list[Change] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    expected: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, change: Change) -> None:
        """Add a change, unless it changes nothing."""
        if change.before != change.after:
            self.changes.append(change)

    def stronger(self, now: InForce) -> list[str]:
        """Return remarks on settings that something stronger overrides."""
        held = {(one.tool, one.name, place(one.value)) for one in now.settings}
        return [
            Phrase(
                "warning: {tool}'s {name} is not {url} even so: something stronger than your "
                "configuration file sets it. {look} shows where.",
                tool=tool,
                name=name,
                url=url,
                look=_LOOK[tool],
            )
            for tool, name, url in self.expected
            if (tool, name, place(url)) not in held and not (tool == "conda" and now.conda_problem)
        ]


def find(name: str, mirrors: tuple[Mirror, ...]) -> list[Mirror]:
    """Return the services of a mirror by its name, without those retired.

    Raises UsageError where there is none.
    """
    by_key: dict[str, list[Mirror]] = {}
    for mirror in mirrors:
        by_key.setdefault(_key(mirror.name), []).append(mirror)
    if _key(name) not in by_key:
        near = get_close_matches(_key(name), by_key, cutoff=0.4)
        names = ", ".join(by_key[key][0].name for key in near)
        raise UsageError(
            Phrase("no mirror is called {name}", name=name),
            why=Phrase("the closest names are {names}", names=names)
            if names
            else "no name is like it",
            hint="pipcuda mirrors",
        )
    found = by_key[_key(name)]
    usable = [one for one in found if one.status != "retired"]
    if not usable:
        raise UsageError(
            Phrase("{name} cannot be used", name=found[0].name),
            why=Phrase("{base} is retired", base=found[0].base),
            hint="pipcuda mirrors --test",
        )
    return usable


def _key(name: str) -> str:
    """Return a name without capitals, spaces and signs, for comparison."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def propose(found: list[Mirror], scratch: Path) -> Proposal:
    """Return the changes of a mirror: pip and conda write them into copies of the user's files."""
    proposal = Proposal(found[0].name)
    index = next((one for one in found if one.kind == "pypi"), None)
    if index is None:
        told = Phrase("pip is left as it is: {name} runs no package index.", name=proposal.name)
        proposal.remarks.append(told)
    else:
        _doubt(proposal, index)
        proposal.add(config_tools.index_change(index.base, scratch))
        proposal.expected.append(("pip", "index-url", index.base))
    _propose_channels(proposal, [one for one in found if one.kind == "channels"], scratch)
    return proposal


def _doubt(proposal: Proposal, service: Mirror) -> None:
    if service.status != "alive":
        note = translated(service.note)
        told = Phrase("warning: {base} is doubtful: {note}", base=service.base, note=note)
        proposal.remarks.append(told)


def _propose_channels(proposal: Proposal, channels: list[Mirror], scratch: Path) -> None:
    """Add the change of conda's configuration, or a remark on why there is none."""
    conda = config_tools.find_conda(os.environ)
    if not channels:
        reason = Phrase("{name} runs no conda channels", name=proposal.name)
    elif conda is None:
        reason = NO_CONDA
    else:
        info = config_tools.about(conda)
        wanted = _wanted(channels, str(info["platform"]))
        if wanted.defaults or wanted.channels:
            _doubt(proposal, channels[0])
            target = config_tools.user_condarc(info)
            proposal.add(config_tools.change(conda, target, wanted, scratch))
            proposal.expected += [("conda", "default_channels", url) for url in wanted.defaults]
            proposal.expected += [
                ("conda", f"custom_channels.{name}", f"{base}/{name}")
                for name, base in wanted.channels.items()
            ]
            return
        reason = Phrase("which channels {name} has is not known", name=proposal.name)
    proposal.remarks.append(Phrase("conda is left as it is: {reason}.", reason=reason))


def _wanted(channels: list[Mirror], subdir: str) -> Wanted:
    """Return the settings for conda: only channels that the mirror has for its platform."""
    places = {
        channel: one.base
        for channel in mirrored_channels()
        for one in reversed(channels)
        if channel_on(one, channel, subdir)
    }
    return Wanted(next((one.defaults for one in channels if one.defaults), ()), places)
