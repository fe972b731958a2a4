"""The links for where packages come from: pip's indexes, conda's channels, whose they are."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.host.child import begin, run_bounded
from conda_cuda_guard.host.programs import pip_of
from conda_cuda_guard.model import Phrase, redact, this_platform
from conda_cuda_guard.model.time_limit import time_limit
from conda_cuda_guard.sources import pip_config
from conda_cuda_guard.sources.channels import lacking, subdir_of
from conda_cuda_guard.sources.mirrors import concerns, mirror_of
from conda_cuda_guard.sources.reach import AddressToAsk, unreachable

from .report import UNKNOWN, CheckResult, Link

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path
    from typing import Callable

    from conda_cuda_guard.host.child import Outcome
    from conda_cuda_guard.model import ChannelsInForce, Note

INDEXES, CHANNELS = Phrase("pip's indexes"), Phrase("conda's channels")
LIMIT = time_limit(5.0)  # seconds: pip and conda answer in less than one on a healthy machine
_NO_PIP = Phrase("no pip in the environment")


def indexes_of_pip(
    python: Path, environ: Mapping[str, str], *, offline: bool = False
) -> Callable[[], CheckResult]:
    """Ask the pip of an environment for its settings, and return the function that reads them.

    Its default index matters where that is to be asked whether it answers: not `offline`.
    """
    if not python.exists():
        return partial(absent, INDEXES, _NO_PIP)
    ended = begin(pip_of(python, "config", "list"), environ=environ, limit=LIMIT)
    default = partial(default_index_of, python, environ)
    return lambda: _of_pip(ended(), _nothing if offline else default)


def _nothing() -> None:
    return None


def default_index_of(python: Path, environ: Mapping[str, str]) -> str | None:
    """Return the index that the pip of an environment takes where none is set."""
    command = pip_of(python, "download", "--help")
    # Wide lines: pip's help breaks an address that does not fit.
    wide = {**environ, "COLUMNS": "200"}
    return pip_config.default_index(run_bounded(command, environ=wide, limit=LIMIT).output)


def _of_pip(outcome: Outcome, default: Callable[[], str | None]) -> CheckResult:
    if outcome.problem and "No module named pip" in outcome.output:
        return absent(INDEXES, _NO_PIP)
    if outcome.problem:
        return unread(INDEXES, outcome.problem)
    found = pip_config.parse_config_list(outcome.output.splitlines())
    return settings_link(pip_config.effective(found, "install"), default)


def settings_link(found: Mapping[str, str], default: Callable[[], str | None]) -> CheckResult:
    """Return the link of pip's settings in force, given by option name.

    `default` returns the index that pip takes where none is set.
    """
    constraints = " ".join(found.get("constraint", "").split())
    urls, proxy = pip_config.addresses(found), found.get("proxy")
    examined = indexes_link(urls, proxy, constraints or None)
    if pip_config.SWITCH.get(found.get("no-index", "").lower()):
        urls = [one for one in urls if one[0] == "find-links"]
    elif not any(name == "index-url" for name, _ in urls) and (index := default()):
        urls = [("index-url", index), *urls]
    asked = tuple(_address(name, url, proxy) for name, url in urls)
    return replace(examined, addresses=asked)


def _address(name: str, url: str, proxy: str | None) -> AddressToAsk:
    """Return what to ask an index or page for; an index need not have a page for torch."""
    if name == "find-links":
        return AddressToAsk(INDEXES, redact(url), url, proxy)
    torch = catalogue.family().lead.pip
    return AddressToAsk(INDEXES, redact(url), f"{url.rstrip('/')}/{torch}/", proxy, may_lack=True)


def indexes_link(
    urls: Collection[tuple[str, str]], proxy: str | None, constraints: str | None
) -> CheckResult:
    """Return the link of pip's addresses (with their options' names), proxy and constraints."""
    value = "; ".join(f"{name}: {_owned(url)}" for name, url in urls) or Phrase("pip's default")
    details = (
        *_worries(url for _, url in urls),
        *((Phrase("proxy: {proxy}", proxy=redact(proxy)),) if proxy else ()),
        # What keeps pip from a newer torch may stand there.
        *((Phrase("constraints: {files}", files=constraints),) if constraints else ()),
    )
    names = ("indexes", "proxy", "dead_indexes")
    facts = {"indexes": value, **({"proxy": redact(proxy)} if proxy else {})}
    return CheckResult((Link(INDEXES, value, "pip's configuration", names, details),), facts)


def channels_link(
    found: ChannelsInForce, mapped: Mapping[str, str], own: Collection[str]
) -> CheckResult:
    """Return the link of conda's channels.

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
    details: list[str | Note] = [Phrase("channel priority: {priority}", priority=found.priority)]
    if facts["custom_channels"]:
        details.append(Phrase("custom channels: {x}", x=facts["custom_channels"]))
    details += [
        Phrase("the mirror {mirror} does not have {url}", mirror=mirror, url=url)
        for url, mirror in missing
    ]
    details += _worries(urls.values())
    names = (*facts, "dead_channels")
    link = Link(CHANNELS, value, "conda's configuration", names, tuple(details))
    subdir = subdir_of(this_platform())
    asked = (f"{url.rstrip('/')}/{subdir}/repodata.json" for url in urls.values())
    addresses = (AddressToAsk(CHANNELS, redact(u), ask) for u, ask in zip(urls.values(), asked))
    return CheckResult((link,), facts, addresses=tuple(addresses))


_DEAD: dict[str, str] = {INDEXES: "dead_indexes", CHANNELS: "dead_channels"}


def with_reach(
    results: list[CheckResult], environ: Mapping[str, str]
) -> tuple[list[CheckResult], dict[str, str]]:
    """Ask all addresses of the results; return the results with what is dead, and the facts."""
    dead = unreachable((one for result in results for one in result.addresses), environ)
    told: dict[str, list[str]] = {}
    for address, why in dead:
        told.setdefault(address.link, []).append(f"{address.shown} ({why})")
    facts = {_DEAD[name]: "; ".join(lines) for name, lines in told.items()}
    details = {
        name: tuple(Phrase("does not answer: {what}", what=line) for line in lines)
        for name, lines in told.items()
    }
    return [_detailed(result, details) for result in results], facts


def _detailed(result: CheckResult, details: Mapping[str, tuple[str, ...]]) -> CheckResult:
    links = (
        replace(one, details=(*one.details, *details.get(one.name, ()))) for one in result.links
    )
    return replace(result, links=tuple(links))


def unread(name: str, why: str) -> CheckResult:
    """Return the link of a configuration that could not be read."""
    return CheckResult((Link(name, why, verdict=UNKNOWN),))


def absent(name: str, why: str) -> CheckResult:
    """Return the link of a tool that is not installed."""
    return CheckResult((Link(name, None, why),))


def _owned(url: str) -> str:
    return f"{redact(url)}{_whose(url)}"


def _whose(url: str) -> str:
    mirror = mirror_of(url, catalogue.mirrors())
    return f" ({mirror.name})" if mirror else ""


def _worries(urls: Iterable[str]) -> list[Note]:
    return [note for url in urls for note in concerns(url, catalogue.mirrors())]
