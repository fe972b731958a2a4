"""conda-forge.json: the builds of pytorch on conda-forge, over all build numbers of a release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.version import Version

from conda_cuda_guard.model.platforms import SUBDIRS

from .facts import CONDA_COLUMNS, Shared, head, newest_first, numbers, sorted_pythons, variant_of
from .wheels import cells, conda_code, pythons, wheel_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .facts import Facts
    from .wheels import Code, CodeKey

ForgeKey = tuple[str, str, str]  # platform, release, CUDA or an empty string


def conda_forge_table(facts: Facts) -> dict[str, Any]:
    """Return the table of conda-forge's builds."""
    table = facts.table("conda_variants")
    found: dict[ForgeKey, set[str]] = {}
    for build in table["conda_forge_builds"]:
        for key, python_set in _builds(build):
            found.setdefault(key, set()).update(python_set)
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


def _builds(build: dict[str, Any]) -> Iterator[tuple[ForgeKey, list[str]]]:
    """Give what one build number of one release holds."""
    for platform, hyphenated in SUBDIRS.items():
        subdir = hyphenated.replace("-", "_")
        detail = build["detail"].get(subdir, {})
        for cuda in build["cuda"].get(subdir, []):
            pythons = detail.get(f"cuda{cuda}", {}).get("python", [])
            yield (platform, build["version"], cuda), pythons
        if build["cpu"].get(subdir):
            yield (platform, build["version"], ""), detail.get("cpu", {}).get("python", [])


def _row(key: ForgeKey, pythons: list[str], shared: Shared) -> list[Any]:
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


CPU_PLATFORMS = ("linux-x86_64", "windows-amd64", "macos-x86_64", "macos-arm64")


class Known(NamedTuple):
    """What is looked up for every build."""

    wheels: dict[CodeKey, list[str]]
    conda: dict[tuple[str, str], Code]
    wheel: dict[CodeKey, Code]
    shared: dict[str, Shared]


def conda_pytorch_table(facts: Facts) -> dict[str, Any]:
    """Return the table of the channel's builds."""
    wheels = {(c.release, c.variant, c.platform): pythons(facts, c) for c in cells(facts)}
    shared = {name: Shared() for name in ("channels", "pythons", "architectures")}
    known = Known(wheels, conda_code(facts), wheel_code(facts), shared)
    published = [r for r in facts.table("conda_variants")["pytorch_channel"] if r["published"]]
    published.sort(key=lambda row: Version(row["release"]), reverse=True)
    rows = [built for row in published for built in _pytorch_builds(row, known)]
    rows.sort(key=lambda row: newest_first(row[1], row[2]), reverse=True)
    return {
        **head("conda-pytorch", facts.sources("conda_variants", "arch_lists")),
        **{name: store.values for name, store in shared.items()},
        "columns": CONDA_COLUMNS,
        "rows": rows,
    }


def _pytorch_builds(row: dict[str, Any], known: Known) -> list[list[Any]]:
    """Return the rows of one release."""
    seen = row["linux64_builds_seen"]
    found = sorted_pythons(python for build in seen.values() for python in build["python"])
    found = found or known.wheels[row["release"], "cpu", "linux-x86_64"]
    # Only what was seen counts: 11.3 is advertised for 1.8.1 - 1.9.1 and does not exist. The LTS
    # channel was not inspected, so there the advertisement is all there is.
    cudas = sorted(seen or row["advertised"], key=numbers, reverse=True)
    rows = [
        _cuda(row, cuda, platform, found, known)
        for cuda in cudas
        for platform in _cuda_platforms(row["release"], cuda, known)
    ]
    return rows + [_cpu(row, platform, found, known) for platform in _cpu_platforms(row, known)]


def _cuda_platforms(release: str, cuda: str, known: Known) -> list[str]:
    """Return Linux, and Windows where a wheel of that CUDA was made for it."""
    windows = (release, variant_of(cuda), "windows-amd64") in known.wheels
    return ["linux-x86_64", "windows-amd64"] if windows else ["linux-x86_64"]


def _cuda(
    row: dict[str, Any], cuda: str, platform: str, found: list[str], known: Known
) -> list[Any]:
    """Return the row of one CUDA build."""
    release, variant = row["release"], variant_of(cuda)
    code = known.conda.get((release, cuda)) or known.wheel.get((release, variant, platform))
    return [
        platform,
        release,
        variant,
        [_selector(release, cuda)],
        f"*cuda{cuda}*",
        known.shared["channels"].place(_channels(row, cuda)),
        known.shared["pythons"].place(found),
        None if code is None else known.shared["architectures"].place(code),
    ]


def _cpu(row: dict[str, Any], platform: str, found: list[str], known: Known) -> list[Any]:
    """Return the row of one CPU build."""
    # On macOS there is one build, whose name (`py3.11_0`) says neither CPU nor CUDA. Before 1.2.0
    # the CPU build was a package of its own, and nothing selected it.
    only = platform.startswith("macos")
    chosen = not only and Version(row["release"]) >= Version("1.2.0")
    selectors, glob = ["cpuonly"] if chosen else [], "*" if only else "*cpu*"
    channels = known.shared["channels"].place([row["channel"]])
    place = known.shared["pythons"].place(found)
    return [platform, row["release"], "cpu", selectors, glob, channels, place, None]


def _cpu_platforms(row: dict[str, Any], known: Known) -> list[str]:
    """Return the platforms of a release's CPU builds: those that its CPU wheels were made for."""
    # The channel and the wheels ended together on Intel Macs (2.2.2, pytorch/pytorch#131766).
    since = {"macos-arm64": Version("1.12.0")}
    release = Version(row["release"])
    return [
        platform
        for platform in CPU_PLATFORMS
        if (row["release"], "cpu", platform) in known.wheels
        and release >= since.get(platform, release)
    ]


def _selector(release: str, cuda: str) -> str:
    """Return the MatchSpec that chooses a CUDA, by era."""
    if release == "1.0.0":
        return "cuda" + cuda.replace(".", "")
    name = "cudatoolkit" if Version(release) < Version("1.13.0") else "pytorch-cuda"
    return f"{name}={cuda}"


def _channels(row: dict[str, Any], cuda: str) -> list[str]:
    """Return the channels of a CUDA build: as advertised, `nvidia` before `conda-forge`."""
    sets = row["advertised"].get(cuda, {}).get("channel_sets")
    if sets:
        best: str = min(sets, key=lambda names: (" " in names, "nvidia" not in names))
        return best.split()
    # Not advertised: the toolkit's packages live in `nvidia` from 11.1 on.
    return ["pytorch", "nvidia"] if numbers(cuda) >= (11, 1) else ["pytorch"]
