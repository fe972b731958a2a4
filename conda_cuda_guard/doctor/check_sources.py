"""The links for where packages come from: pip's indexes, conda's channels, whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.host import this_platform
from conda_cuda_guard.model import Phrase
from conda_cuda_guard.model.redaction import redact
from conda_cuda_guard.rendering import note_lines
from conda_cuda_guard.sources.channels import lacking
from conda_cuda_guard.sources.mirrors import concerns, mirror_of

from .report import UNKNOWN, Link, Part

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from conda_cuda_guard.model.channels import ChannelsInForce

INDEXES, CHANNELS = Phrase("pip's indexes"), Phrase("conda's channels")


def indexes_link(
    urls: Collection[tuple[str, str]], proxy: str | None, constraints: str | None
) -> Part:
    """Examine what pip has in force: addresses with their options' names, proxy, constraints."""
    value = "; ".join(f"{name}: {_owned(url)}" for name, url in urls) or Phrase("pip's default")
    details = (
        *_worries(url for _, url in urls),
        *((Phrase("proxy: {proxy}", proxy=redact(proxy)),) if proxy else ()),
        # What keeps pip from a newer torch may stand there.
        *((Phrase("constraints: {files}", files=constraints),) if constraints else ()),
    )
    names = ("indexes", "proxy")
    facts = {"indexes": value, **({"proxy": redact(proxy)} if proxy else {})}
    return Part((Link(INDEXES, value, "pip's configuration", names, details),), facts)


def channels_link(found: ChannelsInForce, mapped: Mapping[str, str], own: Collection[str]) -> Part:
    """Examine conda's channels.

    `mapped` are the addresses of its custom channels, by name, `own` those of its default ones.
    """
    # conda's own are mapped on every machine; default_channels says where they come from.
    custom = {k: v for k, v in mapped.items() if v not in own and not k.startswith("pkgs/")}
    urls = {one.name: one.url for one in found.channels}
    missing = lacking(found, catalogue.mirrors(), this_platform())
    facts = {
        "channels": ", ".join(urls) or None,
        "channel_priority": found.priority,
        "custom_channels": ", ".join(f"{k}: {redact(v)}" for k, v in custom.items()) or None,
        "missing_channels": "; ".join(f"{url} ({mirror})" for url, mirror in missing) or None,
    }
    value = ", ".join(f"{name}{_whose(url)}" for name, url in urls.items()) or None
    details: list[str] = [Phrase("channel priority: {priority}", priority=found.priority)]
    if facts["custom_channels"]:
        details.append(Phrase("custom channels: {x}", x=facts["custom_channels"]))
    details += [
        Phrase("the mirror {mirror} does not have {url}", mirror=mirror, url=url)
        for url, mirror in missing
    ]
    details += _worries(urls.values())
    link = Link(CHANNELS, value, "conda's configuration", tuple(facts), tuple(details))
    return Part((link,), facts)


def unread(name: str, why: str) -> Part:
    """Give the line of a configuration that could not be read."""
    return Part((Link(name, why, verdict=UNKNOWN),))


def absent(name: str, why: str) -> Part:
    """Give the line of a tool that is not there."""
    return Part((Link(name, None, why),))


def _owned(url: str) -> str:
    return f"{redact(url)}{_whose(url)}"


def _whose(url: str) -> str:
    mirror = mirror_of(url, catalogue.mirrors())
    return f" ({mirror.name})" if mirror else ""


def _worries(urls: Iterable[str]) -> list[str]:
    notes = [note for url in urls for note in concerns(url, catalogue.mirrors())]
    return note_lines(notes)
