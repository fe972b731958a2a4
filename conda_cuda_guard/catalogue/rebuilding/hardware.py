"""drivers.json, toolkits.json and gpus.json: what drivers, toolkits and GPUs can do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.catalogue.gpu_names import own_keys, short_keys

from .fact_tables import FactsError, head, numbers

if TYPE_CHECKING:
    from .fact_tables import Facts

# What the facts leave open: NVIDIA's CUDA Toolkit release notes of 7.0 to 12.0 on new and dropped
# architectures.
OLDEST = {"8": "2.0", "9": "3.0", "10": "3.0", "12": "5.0"}
FIRST = {"3.0": "7.0", "5.0": "7.0", "6.0": "8.0"}
EXTRA_SOURCE = "CUDA Toolkit release notes 7.0 - 12.0, sections on dropped architectures"
# Tegra: NVIDIA's compatibility of machine code within a major capability does not reach its boards
# (TX1, TX2, Xavier, Orin), nor from one of them to the next. Thor (11.0) is like a server's GPU.
BOARDS = ["5.3", "6.2", "7.2", "8.7"]


def drivers_table(facts: Facts) -> dict[str, Any]:
    """Return the oldest driver of each CUDA's general release, and the floors by major version."""
    table = facts.table("driver_cuda")
    rows = [_driver(row) for row in table["rows"] if _is_general_release(row)]
    rows.sort(key=lambda row: numbers(row[0]), reverse=True)
    families = [row for row in table["minor_version_compatibility"] if row["min_branch"]]
    return {
        **head("drivers", facts.sources("driver_cuda")),
        "floors": dict(sorted(map(_floor, families))),
        "columns": ["cuda", "linux", "windows", "branch"],
        "rows": rows,
    }


def _is_general_release(row: dict[str, Any]) -> bool:
    """Return whether a row is the first general release: no update, no candidate, no GA2."""
    return row["update"] == 0 and re.search(r"\bRC\b|\bGA2\b", row["toolkit"]) is None


def _driver(row: dict[str, Any]) -> list[Any]:
    """Return one row; where NVIDIA names only a branch, its number stands for the version."""
    branch = row["driver_branch"].lstrip("R")
    linux, windows = row["linux_x86_64_min"], row["windows_x86_64_min"]
    return [row["cuda"], linux or branch, windows or branch, row["driver_branch"]]


def _floor(family: dict[str, Any]) -> tuple[str, list[str]]:
    """Return the major version of a family and its Linux and Windows floor."""
    branch = family["min_branch"].lstrip(">=")
    # 13.x names a version only in passing ("580.65.06 (13.0 GA row)"): the branch is its floor.
    linux = family["linux_exact"] if " " not in family["linux_exact"] else branch
    windows = family.get("windows_exact") or family.get("windows_exact_old_docs") or branch
    return family["family"].split(".")[0], [linux, windows]


def toolkits_table(facts: Facts) -> dict[str, Any]:
    """Return the oldest capability by CUDA major version, and the first CUDA by capability."""
    oldest, first = dict(OLDEST), dict(FIRST)
    for limit in facts.table("gpu_compute_capability")["cuda_toolkit_arch_limits"]:
        _read_limit(limit, oldest, first)
    sources = [*facts.sources("gpu_compute_capability"), EXTRA_SOURCE]
    return {
        **head("toolkits", sources),
        "oldest": dict(sorted(oldest.items(), key=lambda item: int(item[0]))),
        "first": dict(sorted(first.items(), key=lambda item: numbers(item[0]))),
        "boards": BOARDS,
    }


def _read_limit(limit: dict[str, str], oldest: dict[str, str], first: dict[str, str]) -> None:
    """Write one limit of the facts into the two tables."""
    floor = limit.get("min") or _after("below ", limit.get("drops", ""))
    if floor:
        oldest[limit["toolkit"].split(".")[0]] = floor
    for capability in limit.get("first", "").split("/"):
        if capability:
            first[capability] = limit["toolkit"]


def _after(marker: str, text: str) -> str | None:
    found = re.search(re.escape(marker) + r"(\d+\.\d)", text)
    return found[1] if found else None


def gpus_table(facts: Facts) -> dict[str, Any]:
    """Return the capability of every GPU, with the keys that find it."""
    rows = _split_names(facts.table("gpu_compute_capability")["rows"])
    full = _unambiguous([(key, cc) for name, cc in rows for key in own_keys(name)])
    short = _unambiguous([(key, cc) for name, cc in rows for key in short_keys(name)])
    keys = {**short, **full}
    return {
        **head("gpus", facts.sources("gpu_compute_capability")),
        "names": [name for name, _ in rows],
        "keys": dict(sorted(keys.items())),
    }


def _split_names(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    """Return names and capabilities, a row of two models taken apart ("Tesla C2050/C2070")."""
    found: list[tuple[str, str]] = []
    for row in rows:
        brand, _, models = row["gpu"].rpartition(" ") if "/" in row["gpu"] else ("", "", row["gpu"])
        capability = row["compute_capability"]
        found += [(f"{brand} {model}".strip(), capability) for model in models.split("/")]
    return found


def _unambiguous(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Return the keys that stand for one capability alone."""
    found: dict[str, set[str]] = {}
    for key, capability in pairs:
        found.setdefault(key, set()).add(capability)
    ambiguous = [key for key, values in found.items() if len(values) > 1]
    if "" in found:
        raise FactsError("a GPU name reduces to nothing")
    return {key: values.pop() for key, values in found.items() if key not in ambiguous}
