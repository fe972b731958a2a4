"""The address that a channel is added by: the mirror's own where it has it, else the full one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import CONDA_CHANNEL_HOST, ChannelSpelling, Note
from conda_cuda_guard.model.conda import ChannelAddress
from conda_cuda_guard.model.host import SUBDIRS
from conda_cuda_guard.model.shown_text import redact

from .mirrors import channel_on, lacks, mirror_of, services

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conda_cuda_guard.model import Mirror
    from conda_cuda_guard.model.conda import ChannelsInForce


def plan_channels() -> tuple[str, ...]:
    """Return the channels that a plan may add, for any family."""
    others = (name for one in catalogue.families_on_conda() for name in one.channels)
    return tuple(dict.fromkeys((*catalogue.family().conda.channels, *others)))


def subdir_of(platform: str) -> str:
    """Return what conda calls a platform."""
    return SUBDIRS.get(platform, platform)


def spell_channels(
    in_force: Iterable[str],
    addresses: Mapping[str, ChannelAddress],
    mirrors: tuple[Mirror, ...],
    platform: str,
) -> dict[str, ChannelSpelling]:
    """Return how to write each channel that a plan may add (contract, section 5).

    `in_force` are the addresses of the channels in force, `addresses` what conda makes of the bare
    names (of a name that is not there: its default). A bare name that leads where it should is left
    out of the answer.
    """
    subdir = subdir_of(platform)
    urls = tuple(in_force)
    used = _mirror_in_use(urls, mirrors)
    spelled = {}
    for name in plan_channels():
        found = _spelling(name, addresses.get(name, ChannelAddress()), used, mirrors, subdir)
        if found is not None:
            spelled[name] = found
    return spelled


def lacking(
    found: ChannelsInForce, mirrors: tuple[Mirror, ...], platform: str
) -> tuple[tuple[str, str], ...]:
    """Return (address, mirror's name) of the channels that a mirror is known not to have.

    They are those in force, and those that a bare name of a plan leads to: each is a 404.
    """
    named = {name: address.urls for name, address in found.addresses.items()}
    pairs = [(one.name.rpartition("/")[2], one.url) for one in found.channels]
    pairs += [(name, urls[0]) for name, urls in named.items() if urls]
    subdir = subdir_of(platform)
    owners = ((name, url, mirror_of(url, mirrors)) for name, url in pairs)
    known = ((url, one.name) for name, url, one in owners if one and lacks(one, name, subdir))
    return tuple(dict.fromkeys(known))


def _mirror_in_use(urls: tuple[str, ...], mirrors: tuple[Mirror, ...]) -> Mirror | None:
    """Return the mirror that the first of the configured channels is on."""
    found = (mirror_of(url, mirrors) for url in urls)
    return next((one for one in found if one is not None and one.kind == "channels"), None)


def _spelling(
    name: str,
    address: ChannelAddress,
    used: Mirror | None,
    mirrors: tuple[Mirror, ...],
    subdir: str,
) -> ChannelSpelling | None:
    """Return how to write one channel; None where its bare name will do."""
    leads_to = address.urls[0] if address.urls else f"{CONDA_CHANNEL_HOST}/{name}"
    there = mirror_of(leads_to, mirrors)
    if there is not None and lacks(there, name, subdir):
        # The user's alias or mapping makes the bare name a 404.
        return ChannelSpelling(*_elsewhere(name, there, subdir))
    if there is not None or address.origin != "default" or used is None:
        return None
    own = next(
        (url for one in _services(used, mirrors) if (url := channel_on(one, name, subdir))), None
    )
    if own is not None:
        return ChannelSpelling(own)
    if lacks(used, name, subdir):
        return ChannelSpelling(name, _missing(name, used, name, subdir))
    return None


def _services(used: Mirror, mirrors: tuple[Mirror, ...]) -> tuple[Mirror, ...]:
    """Return the channel services of a mirror, the one in use first: some run several."""
    others = (one for one in services(used.name, "channels", mirrors) if one != used)
    return (used, *others)


def _elsewhere(name: str, mirror: Mirror, subdir: str) -> tuple[str, Note]:
    full = f"{CONDA_CHANNEL_HOST}/{name}"
    return full, _missing(name, mirror, full, subdir)


def _missing(name: str, mirror: Mirror, instead: str, subdir: str) -> Note:
    facts = {
        "channel": name,
        "mirror": mirror.name,
        "base": redact(mirror.base),
        "subdir": subdir,
        "instead": instead,
    }
    return Note("channel-missing-on-mirror", "info", "", facts)
