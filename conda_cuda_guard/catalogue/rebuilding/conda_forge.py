"""conda-forge.json: the builds of pytorch on conda-forge, over all build numbers of a release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .facts import numbers, sorted_pythons, variant_of
from .tables import CONDA_COLUMNS, Shared, head, newest_first

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .facts import Facts

PLATFORM_OF_SUBDIR = {
    "linux_64": "linux-x86_64",
    "linux_aarch64": "linux-aarch64",
    "win_64": "windows-amd64",
    "osx_64": "macos-x86_64",
    "osx_arm64": "macos-arm64",
}
Key = tuple[str, str, str]  # platform, release, CUDA or an empty string


def conda_forge_table(facts: Facts) -> dict[str, Any]:
    """Return the table of conda-forge's builds."""
    table = facts.table("conda_variants")
    found: dict[Key, set[str]] = {}
    for build in table["conda_forge_builds"]:
        for key, pythons in _builds(build):
            found.setdefault(key, set()).update(pythons)
    shared = Shared()
    rows = [_row(key, sorted_pythons(pythons), shared) for key, pythons in found.items()]
    rows.sort(key=lambda row: str(row[0]))
    rows.sort(key=lambda row: newest_first(row[1], row[2]), reverse=True)
    return {
        **head("conda-forge", facts.sources("conda_variants")),
        "cuda_versions": table["conda_forge_facts"]["cuda_version_package"]["versions"],
        "channels": [["conda-forge"]],
        "pythons": shared.values,
        "architectures": [],
        "columns": CONDA_COLUMNS,
        "rows": rows,
    }


def _builds(build: dict[str, Any]) -> Iterator[tuple[Key, list[str]]]:
    """Give what one build number of one release holds."""
    for subdir, platform in PLATFORM_OF_SUBDIR.items():
        detail = build["detail"].get(subdir, {})
        for cuda in build["cuda"].get(subdir, []):
            pythons = detail.get(f"cuda{cuda}", {}).get("python", [])
            yield (platform, build["version"], cuda), pythons
        if build["cpu"].get(subdir):
            yield (platform, build["version"], ""), detail.get("cpu", {}).get("python", [])


def _row(key: Key, pythons: list[str], shared: Shared) -> list[Any]:
    """Return one build, in the order of the columns."""
    platform, release, cuda = key
    glob = f"cuda{cuda.replace('.', '')}*" if cuda else "cpu*"
    place = shared.place(pythons)
    return [platform, release, variant_of(cuda), _selectors(cuda), glob, 0, place, None]


def _selectors(cuda: str) -> list[str]:
    """Return what chooses a CUDA: cuda-version, and cudatoolkit before there was one."""
    if not cuda:
        return []
    package = "cuda-version" if numbers(cuda) >= (11, 8) else "cudatoolkit"
    return [f"{package}={cuda}"]
