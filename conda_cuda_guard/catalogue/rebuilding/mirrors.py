"""mirrors.json: what mirrors of package indexes, of CUDA wheels and of conda channels there are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .facts import FactsError
from .mirror_addresses import (
    channel_tree,
    default_channels,
    expand,
    other_addresses,
    split_hosts,
)
from .tables import head

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .facts import Facts

Row = dict[str, Any]

# The facts' columns about single channels, and the channel that each is about.
CHANNEL_OF = {"conda_forge": "conda-forge", "pytorch": "pytorch", "nvidia": "nvidia"}
_STATUS = (
    (re.compile(r"retired|does not exist"), "retired"),
    (re.compile(r"stale|campus|.*reported hanging"), "doubtful"),
    (re.compile(r"alive|listed|seen|in public"), "alive"),
)
_ALIVE = re.compile(r"^(alive|listed)\s*(\([^)]*\)|\d{4}-\d\d)?[;, ]*(but )?")


def mirrors_table(facts: Facts) -> Row:
    """Return one row for each service of each mirror; official addresses are no mirrors."""
    all_rows = facts.table("mirrors")["rows"]
    official = default_channels(all_rows)
    rows = [one for row in all_rows if not row.get("official") for one in split_hosts(row)]
    alternatives = {row["host"]: row["alt_host"] for row in rows if "alt_host" in row}
    services = [one for row in rows for one in _services(row, official, alternatives)]
    return {**head("mirrors", facts.sources("mirrors")), "rows": _merged(services)}


def _services(row: Row, official: list[str], alternatives: dict[str, str]) -> Iterator[Row]:
    """Give the services that a row of the facts tells of."""
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


def _service(row: Row, kind: str, base: str, **fields: object) -> Row:
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


def _note(row: Row) -> str:
    """Return what the facts say in words, beyond a service's being alive."""
    without = ", ".join(row.get("excluded_packages", ()))
    status = "" if row["status"] == "does not exist" else _ALIVE.sub("", row["status"])
    parts = [status, row.get("note", ""), f"without {without}" if without else ""]
    return "; ".join(filter(None, parts))


def _behind(row: Row) -> Iterator[Row]:
    """Give the rows of what a redirector leads to; a redirect keeps the path, so trees are known.

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


def _wheels(row: Row) -> Iterator[Row]:
    """Give a wheel index, and the addresses that are in use but wrong: they have no variants."""
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


def _channels(row: Row, official: list[str], alternatives: dict[str, str]) -> Iterator[Row]:
    """Give the channels of a row, and those that its remarks place elsewhere on the same host."""
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


def _pkgs(row: Row, default: str, alternatives: dict[str, str]) -> list[str]:
    """Return the addresses, on other hosts, above the channels of `defaults`."""
    return other_addresses({**row, "base_url": default.rpartition("/")[0]}, alternatives)


def _carried(row: Row) -> dict[str, list[str]]:
    """Return the channels that are there for sure, with their subdirs (none: all of them)."""
    told = [channel for column, channel in CHANNEL_OF.items() if row.get(column) is True]
    subdirs = row.get("arches", {})
    names = sorted({*row.get("channels", ()), *told})
    return {name: sorted(subdirs.get(name, ())) for name in names}


def _lacking(row: Row) -> list[str]:
    """Return the channels that are not there for sure; what is claimed or unknown is in neither."""
    return sorted(
        channel
        for column, channel in CHANNEL_OF.items()
        if row.get(column) is False or str(row.get(column)).startswith("not cached")
    )


def _merged(services: list[Row]) -> list[Row]:
    """Add the services that consist of `defaults` alone to the channels of the same mirror."""
    rows = [service for service in services if service["base"]]
    for lone in (service for service in services if not service["base"]):
        mine = (row for row in rows if (row["name"], row["kind"]) == (lone["name"], "channels"))
        next(mine)["defaults"] += lone["defaults"]
    return rows
