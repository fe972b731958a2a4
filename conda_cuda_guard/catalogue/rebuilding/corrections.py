"""Corrections of the other facts tables, applied as those are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from packaging.specifiers import SpecifierSet

Row = dict[str, Any]
Table = dict[str, Any]
SYSTEM_OF_TABLE = {
    "wheels-linux-x86_64": "linux_x86_64",
    "wheels-linux-aarch64": "linux_aarch64",
    "wheels-windows-amd64": "windows_amd64",
}


def put_in(name: str, table: Table, corrections: Iterable[Row]) -> None:
    """Write the corrections of a table into it; a correction beats an older fact.

    Raise ValueError for a correction of a row that there is not.
    """
    correct = _BY_TABLE.get(name)
    if correct is not None:
        correct(table, [row for row in corrections if "correct" in row])


def _wheel_variants(table: Table, corrections: list[Row]) -> None:
    variants = {row["torch"]: row["variants"] for row in table["rows"]}
    for row in corrections:
        system = SYSTEM_OF_TABLE.get(row["table"])
        if system is None:
            continue
        release, variant = row["key"]
        systems = _known(variants, release, row).setdefault(variant, {})
        if row.get("new"):
            systems[system] = _new_cell(row)
        _known(systems, system, row)["python_too"] = _tags(row["correct"].get("pythons_too", ()))


def _known(rows: Mapping[str, Row], name: str, correction: Row) -> Row:
    """Return the row that a correction is of."""
    if name not in rows:
        key = " ".join(map(str, correction["key"]))
        raise ValueError(f"{correction['table']} {key}: there is no row of {name} to correct")
    return rows[name]


def _new_cell(row: Row) -> Row:
    return {
        "evidence": row["source"],
        "python": _tags(row["correct"]["pythons"]),
        "local_label": f"+{row['key'][1]}",
        "confidence": row["confidence"].split()[0],
        # The listing that these rows come from does not tell free-threaded wheels apart.
        "free_threaded_as_release": True,
    }


def _tags(pythons: Iterable[str]) -> list[str]:
    return ["cp" + python.replace(".", "") for python in pythons]


def _arch_lists(table: Table, corrections: list[Row]) -> None:
    """Write lists of GPU code into the table, conda-forge's under a name of their own."""
    table["conda_forge"] = []
    for row in corrections:
        if "sass" not in row["correct"]:
            continue
        code = [row["correct"]["sass"], row["correct"]["ptx"]]
        if row["table"] == "conda-forge":
            table["conda_forge"].append({"key": row["key"], "code": code})
        else:
            release, variant = row["key"]
            system = SYSTEM_OF_TABLE[row["table"]]
            marked = [f"{one}+PTX" if one in code[1] else one for one in code[0]]
            table["rows"].append(
                {
                    "torch": release,
                    "variant": variant,
                    "platform": system,
                    "arch_list": ";".join(marked),
                }
            )


def _torch_releases(table: Table, corrections: list[Row]) -> None:
    """Write the versions that ask for a range of torch releases, by companion."""
    ranges: dict[str, Row] = {}
    for row in corrections:
        if row["table"] == "releases" and "torch" in row["correct"]:
            package = row["key"][1].partition(".")[2]
            ranges[package] = row["correct"]
    table["ranges"] = ranges


def _conda_variants(table: Table, corrections: list[Row]) -> None:
    """Write the Pythons that the build names which were seen do not show."""
    known = {row["release"]: row for row in table["pytorch_channel"]}
    for row in corrections:
        if row["table"] == "conda-pytorch":
            seen = _known(known, row["key"][0], row)["linux64_builds_seen"]
            for build in seen.values():
                build["python"] = row["correct"]["pythons"]


def _driver_cuda(table: Table, corrections: list[Row]) -> None:
    for row in _of("drivers", corrections):
        correct = row["correct"]
        table["rows"].append(
            {
                "toolkit": f"CUDA {row['key'][0]}",
                "cuda": row["key"][0],
                "update": 0,
                "linux_x86_64_min": correct["linux"],
                "windows_x86_64_min": correct["windows"],
                "driver_branch": correct["branch"],
            }
        )


def _gpu_compute_capability(table: Table, corrections: list[Row]) -> None:
    for row in _of("gpus", corrections):
        table["rows"].append({"gpu": row["key"], "compute_capability": row["correct"]})
    for row in _of("toolkits", corrections):
        limit = {"toolkit": row["correct"], "first": row["key"][0]}
        table["cuda_toolkit_arch_limits"].append(limit)


def _of(table: str, corrections: list[Row]) -> Iterator[Row]:
    return (row for row in corrections if row["table"] == table)


_BY_TABLE: dict[str, Callable[[Table, list[Row]], None]] = {
    "wheel_variants": _wheel_variants,
    "arch_lists": _arch_lists,
    "torch_releases": _torch_releases,
    "conda_variants": _conda_variants,
    "driver_cuda": _driver_cuda,
    "gpu_compute_capability": _gpu_compute_capability,
}


def libc_of(release: str, variant: str, platform: str, corrections: Iterable[Row]) -> str | None:
    """Return the oldest C library that a wheel's platform tag names."""
    for row in corrections:
        if row["table"] != "libc" or row["key"][0] != platform:
            continue
        meant = variant in row.get("only", [variant]) and variant not in row.get("except", ())
        if meant and SpecifierSet(row["key"][1]).contains(release):
            return str(row["correct"])
    return None


def lacking(package: str, version: str, corrections: Iterable[Row]) -> list[str]:
    """Return the variants for which a version of a companion has no files."""
    key = f"{package} {version}"
    return [
        row["key"][1]
        for row in corrections
        if row["table"] == "releases" and row.get("absent") and row["key"][0] == key
    ]
