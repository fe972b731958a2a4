"""Addresses as the facts about mirrors write them: braces, placeholders, lists of hosts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .fact_tables import FactsError, head

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .fact_tables import Facts

AddressRow = dict[str, Any]

_BRACES = re.compile(r"(.*)\{(.*)\}(.*)")
# Retired by Anaconda itself, and not among conda's defaults since conda 4.7.
_RETIRED_CHANNEL = "/pkgs/free"


def expand(pattern: str) -> list[str]:
    """Return the addresses that a pattern in braces stands for."""
    found = _BRACES.fullmatch(pattern)
    if found is None:
        return [pattern]
    return [f"{found[1]}{part}{found[3]}" for part in found[2].split(",")]


def default_channels(rows: Iterable[AddressRow]) -> list[str]:
    """Return the names of what `defaults` stands for where it is at home."""
    (home,) = (row for row in rows if row["kind"] == "conda-defaults" and row.get("official"))
    return [url.rpartition("/")[2] for url in expand(home["base_url"])]


def split_hosts(row: AddressRow) -> Iterator[AddressRow]:
    """Return the rows of a row about several mirrors, one each."""
    names, hosts = row["mirror"].split(" / "), row["host"].split(", ")
    if len(names) == 1:
        yield row
        return
    for name, host in zip(names, hosts):
        base = row["base_url"].replace("<host>", host)
        yield {**row, "mirror": name, "host": host, "base_url": base}


def channel_tree(pattern: str, official: list[str]) -> tuple[str, list[str]]:
    """Return the address above the channels' names (or ""), and those of the default channels."""
    base, defaults = "", []
    for url in expand(pattern):
        above, pkgs, name = url.partition("/pkgs")
        if not pkgs:
            base = re.sub(r"(/cloud)?/(<channel>|conda-forge)$", r"\1", url)
        elif name in ("", "/<c>"):
            defaults += [f"{above}/pkgs/{one}" for one in official]
        elif not url.endswith(_RETIRED_CHANNEL):
            defaults.append(url)
    return base, defaults


def other_addresses(row: AddressRow, alternatives: dict[str, str]) -> list[str]:
    """Return the further addresses of a service: those named, and those on its other hosts."""
    named = [row[key] for key in ("alt", "intranet") if key in row]
    named += row["old"].split(", ") if "old" in row else []
    base = row["base_url"]
    own = str(urlsplit(base).hostname)
    hosts = [*row["host"].split(" / "), *filter(None, [alternatives.get(own)])]
    return named + [base.replace(own, host) for host in hosts if host != own]


MirrorRow = dict[str, Any]

# The facts' columns about single channels, and the channel that each is about.
CHANNEL_OF = {"conda_forge": "conda-forge", "pytorch": "pytorch", "nvidia": "nvidia"}
_STATUS = (
    (re.compile(r"retired|does not exist"), "retired"),
    (re.compile(r"stale|campus|.*reported hanging"), "doubtful"),
    (re.compile(r"alive|listed|seen|in public"), "alive"),
)
_ALIVE = re.compile(r"^(alive|listed)\s*(\([^)]*\)|\d{4}-\d\d)?[;, ]*(but )?")


def mirrors_table(facts: Facts) -> MirrorRow:
    """Return one row for each service of each mirror; official addresses are no mirrors."""
    all_rows = facts.table("mirrors")["rows"]
    official = default_channels(all_rows)
    rows = [one for row in all_rows if not row.get("official") for one in split_hosts(row)]
    alternatives = {row["host"]: row["alt_host"] for row in rows if "alt_host" in row}
    services = [one for row in rows for one in _services(row, official, alternatives)]
    return {**head("mirrors", facts.sources("mirrors")), "rows": _merged(services)}


def _services(
    row: MirrorRow, official: list[str], alternatives: dict[str, str]
) -> Iterator[MirrorRow]:
    """Yield the services that a row of the facts names."""
    kind = row["kind"]
    if kind == "redirector":
        for one in _behind(row):
            yield from _services(one, official, alternatives)
    elif kind == "pypi":
        yield _service(row, "pypi", row["base_url"], also=other_addresses(row, alternatives))
    elif kind == "pytorch-wheels":
        yield from _wheels(row)
    elif kind in ("conda-channels", "conda-defaults"):
        yield from _channels(row, official, alternatives)
    else:
        raise FactsError(f"mirrors: not a kind: {kind!r}")


def _service(row: MirrorRow, kind: str, base: str, **fields: object) -> MirrorRow:
    """Return one service as the loader wants it; `fields` are those that have a value."""
    return {
        "name": re.sub(r" (siyuan|\(.*\))$", "", row["mirror"]),
        "kind": kind,
        "base": base.rstrip("/"),
        "also": [],
        "flat": False,
        "variants": None,
        "defaults": [],
        "carries": {},
        "lacks": [],
        "status": _status(row["status"]),
        "note": _note(row),
        "source": row["source"],
        **fields,
    }


def _status(text: str) -> str:
    found = next((status for pattern, status in _STATUS if pattern.match(text)), None)
    if found is None:
        raise FactsError(f"mirrors: not a status: {text!r}")
    return found


def _note(row: MirrorRow) -> str:
    """Return what the facts say in words, beyond a service's being alive."""
    without = ", ".join(row.get("excluded_packages", ()))
    status = "" if row["status"] == "does not exist" else _ALIVE.sub("", row["status"])
    parts = [status, row.get("note", ""), f"without {without}" if without else ""]
    return "; ".join(filter(None, parts))


def _behind(row: MirrorRow) -> Iterator[MirrorRow]:
    """Yield the rows of what a redirector leads to; a redirect keeps the path, so trees are known.

    Its nvidia channel is in a tree of its own.
    """
    for base in expand(row["base_url"]):
        if base.endswith("/simple"):
            yield {**row, "kind": "pypi", "base_url": base}
        elif base.endswith("-extra"):
            only = {**dict.fromkeys(CHANNEL_OF, "unknown"), "nvidia": True}
            yield {**row, **only, "kind": "conda-channels", "base_url": f"{base}/cloud"}
        else:
            tree = {"kind": "conda-channels", "base_url": base + "/{pkgs,cloud}"}
            yield {**row, **tree, "nvidia": "unknown"}


def _wheels(row: MirrorRow) -> Iterator[MirrorRow]:
    """Yield a wheel index, and the addresses in use for it that have no variants."""
    base = row["base_url"]
    if base:
        flat = row["layout"].startswith(("flat", "find-links"))
        variants = sorted(row["variants_seen"]) if "variants_seen" in row else None
        where = base.replace("/<variant>", "")
        yield _service(row, "wheels", where, flat=flat, variants=variants)
    text = f"{row.get('layout', '')} {row.get('note', '')}"
    for wrong in re.findall(r"(\S+)/<variant> is wrong|URLs like (\S+)/\.\.\. ", text):
        path = "".join(wrong)
        where = f"https://{row['host']}{path}" if path.startswith("/") else f"https://{path}"
        note = row.get("note", "")
        yield _service(row, "wheels", where, status="retired", variants=[], note=note)


def _channels(
    row: MirrorRow, official: list[str], alternatives: dict[str, str]
) -> Iterator[MirrorRow]:
    """Yield the channels of a row, and those that its remarks place elsewhere on the same host."""
    base, defaults = channel_tree(row["base_url"], official)
    also = other_addresses({**row, "base_url": base}, alternatives) if base else []
    also += [one for url in defaults[:1] for one in _pkgs(row, url, alternatives)]
    found = {"defaults": defaults, "also": also}
    yield _service(row, "channels", base, carries=_carried(row), lacks=_lacking(row), **found)
    if str(row.get("nvidia")).startswith("https://"):
        elsewhere, _, note = row["nvidia"].partition(" ")
        yield _service(row, "channels", elsewhere, carries={"nvidia": []}, note=note)
    ordinary = re.search(r"ordinary channels at (/\S+)", row.get("note", ""))
    if ordinary:
        yield _service(row, "channels", f"https://{row['host']}{ordinary[1]}", note="")


def _pkgs(row: MirrorRow, default: str, alternatives: dict[str, str]) -> list[str]:
    """Return the addresses, on other hosts, above the channels of `defaults`."""
    return other_addresses({**row, "base_url": default.rpartition("/")[0]}, alternatives)


def _carried(row: MirrorRow) -> dict[str, list[str]]:
    """Return the channels that are there for sure, with their subdirs (none: all of them)."""
    told = [channel for column, channel in CHANNEL_OF.items() if row.get(column) is True]
    subdirs = row.get("arches", {})
    names = sorted({*row.get("channels", ()), *told})
    return {name: sorted(subdirs.get(name, ())) for name in names}


def _lacking(row: MirrorRow) -> list[str]:
    """Return the channels that are not there for sure; what is claimed or unknown is in neither."""
    return sorted(
        channel
        for column, channel in CHANNEL_OF.items()
        if row.get(column) is False or str(row.get(column)).startswith("not cached")
    )


def _merged(services: list[MirrorRow]) -> list[MirrorRow]:
    """Return the services, those of `defaults` alone in the channels of the same mirror."""
    rows = [service for service in services if service["base"]]
    for lone in (service for service in services if not service["base"]):
        mine = (row for row in rows if (row["name"], row["kind"]) == (lone["name"], "channels"))
        next(mine)["defaults"] += lone["defaults"]
    return rows
