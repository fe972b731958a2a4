"""Addresses as the facts about mirrors write them: braces, placeholders, lists of hosts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Row = dict[str, Any]

_BRACES = re.compile(r"(.*)\{(.*)\}(.*)")
# Retired by Anaconda itself, and not among conda's defaults since conda 4.7.
_RETIRED_CHANNEL = "/pkgs/free"


def expand(pattern: str) -> list[str]:
    """Return the addresses that a pattern in braces stands for."""
    found = _BRACES.fullmatch(pattern)
    if found is None:
        return [pattern]
    return [f"{found[1]}{part}{found[3]}" for part in found[2].split(",")]


def default_channels(rows: Iterable[Row]) -> list[str]:
    """Return the names of what `defaults` stands for where it is at home."""
    (home,) = (row for row in rows if row["kind"] == "conda-defaults" and row.get("official"))
    return [url.rpartition("/")[2] for url in expand(home["base_url"])]


def split_hosts(row: Row) -> Iterator[Row]:
    """Take a row about several mirrors apart."""
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


def other_addresses(row: Row, alternatives: dict[str, str]) -> list[str]:
    """Return the further addresses of a service: those named, and those on its other hosts."""
    named = [row[key] for key in ("alt", "intranet") if key in row]
    named += row["old"].split(", ") if "old" in row else []
    base = row["base_url"]
    own = str(urlsplit(base).hostname)
    hosts = [*row["host"].split(" / "), *filter(None, [alternatives.get(own)])]
    return named + [base.replace(own, host) for host in hosts if host != own]
