"""conda-forge.json and conda-pytorch.json: the builds of pytorch, over all build numbers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.version import Version

from conda_cuda_guard.model import SUBDIRS

from .fact_tables import (
    CONDA_COLUMNS,
    SharedValues,
    head,
    numbers,
    sort_key,
    sorted_pythons,
    variant_of,
)
from .wheels import cells, conda_code, pythons, wheel_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .fact_tables import Facts
    from .wheels import Code, CodeKey

PLATFORM_OF_SUBDIR = {name.replace("-", "_"): platform for platform, name in SUBDIRS.items()}
ForgeKey = tuple[str, str, str, str]  # platform, release, CUDA or nothing, board or nothing
COMPLETE, SAMPLE = "complete", "sample"
TEGRA = "tegra"
# What selects the builds for NVIDIA's boards; without it the solver takes those for servers.
BOARD_SELECTOR = "arm-variant=*=tegra"


@dataclass
class ForgeBuild:
    """The Pythons and C libraries of one build, over its build numbers."""

    pythons: set[str] = field(default_factory=set)
    glibc: set[str] = field(default_factory=set)


def conda_forge_table(facts: Facts) -> dict[str, Any]:
    """Return the table of conda-forge's builds."""
    table = facts.table("conda_variants")
    found: dict[ForgeKey, ForgeBuild] = defaultdict(ForgeBuild)
    for build in table["conda_forge_builds"]:
        for key, detail in _builds(build):
            found[key].pythons.update(detail.get("python", ()))
            found[key].glibc.update(_glibc(key, detail))
    code = {tuple(one["key"]): one["code"] for one in facts.table("arch_lists")["conda_forge"]}
    shared = {name: SharedValues() for name in ("pythons", "architectures")}
    rows = [_row(key, build, code, shared) for key, build in found.items()]
    rows.sort(key=lambda row: (str(row[0]), str(row[-1])))
    rows.sort(key=lambda row: sort_key(row[1], row[2]), reverse=True)
    return {
        **head("conda-forge", facts.sources("conda_variants")),
        "cuda_versions": table["conda_forge_facts"]["cuda_version_package"]["versions"],
        "channels": [["conda-forge"]],
        **{name: store.values for name, store in shared.items()},
        "columns": CONDA_COLUMNS,
        "rows": rows,
    }


def _builds(build: dict[str, Any]) -> Iterator[tuple[ForgeKey, dict[str, Any]]]:
    """Yield what one build number of one release holds."""
    for subdir, platform in PLATFORM_OF_SUBDIR.items():
        details = build["detail"].get(subdir, {})
        for cuda in build["cuda"].get(subdir, []):
            detail = details.get(f"cuda{cuda}", {})
            yield (platform, build["version"], cuda, ""), detail
            if TEGRA in detail.get("arm_variant", ()):
                yield (platform, build["version"], cuda, TEGRA), detail
        if build["cpu"].get(subdir):
            yield (platform, build["version"], "", ""), details.get("cpu", {})


def _glibc(key: ForgeKey, detail: dict[str, Any]) -> list[str]:
    """Return the oldest glibc of a build; the boards' is the newer one of the two given."""
    if not key[0].startswith("linux"):
        return []
    found = sorted(detail.get("glibc_or_macos_min", ()), key=numbers)
    return found[-1:] if key[-1] == TEGRA else found[:1]


def _row(
    key: ForgeKey,
    build: ForgeBuild,
    code: dict[tuple[str, ...], Code],
    shared: dict[str, SharedValues],
) -> list[Any]:
    """Return one build, in the order of the columns."""
    platform, release, cuda, board = key
    known = code.get((release, cuda, board or platform))
    if known is None and not board:
        known = code.get((release, cuda))
    glibc = min(build.glibc, key=numbers, default=None)
    return [
        platform,
        release,
        variant_of(cuda),
        _selectors(cuda) + ([BOARD_SELECTOR] if board else []),
        f"cuda{cuda.replace('.', '')}*" if cuda else "cpu*",
        0,
        shared["pythons"].place(sorted_pythons(build.pythons)),
        COMPLETE,
        None if known is None else shared["architectures"].place(known),
        f"glibc {glibc}" if glibc else None,
        "jetson" if board else None,
    ]


def _selectors(cuda: str) -> list[str]:
    """Return what chooses a CUDA: cuda-version, and cudatoolkit before there was one."""
    if not cuda:
        return []
    package = "cuda-version" if numbers(cuda) >= (11, 8) else "cudatoolkit"
    return [f"{package}={cuda}"]


CPU_PLATFORMS = ("linux-x86_64", "windows-amd64", "macos-x86_64", "macos-arm64")


class Pythons(NamedTuple):
    """The interpreters that builds were made for, and whether these are all of them."""

    versions: list[str]
    are: str

    def on(self, platform: str) -> list[str]:
        """Return them for a platform: Python 2.7 never had a torch on Windows."""
        return [one for one in self.versions if one != "2.7" or not platform.startswith("win")]


class Known(NamedTuple):
    """The tables in which every build is looked up."""

    wheels: dict[CodeKey, list[str]]
    conda: dict[tuple[str, str], Code]
    wheel: dict[CodeKey, Code]
    shared: dict[str, SharedValues]


def conda_pytorch_table(facts: Facts) -> dict[str, Any]:
    """Return the table of the channel's builds."""
    wheels = {(c.release, c.variant, c.platform): pythons(facts, c) for c in cells(facts)}
    shared = {name: SharedValues() for name in ("channels", "pythons", "architectures")}
    known = Known(wheels, conda_code(facts), wheel_code(facts), shared)
    published = [r for r in facts.table("conda_variants")["pytorch_channel"] if r["published"]]
    published.sort(key=lambda row: Version(row["release"]), reverse=True)
    rows = [built for row in published for built in _pytorch_builds(row, known)]
    rows.sort(key=lambda row: sort_key(row[1], row[2]), reverse=True)
    return {
        **head("conda-pytorch", facts.sources("conda_variants", "arch_lists")),
        **{name: store.values for name, store in shared.items()},
        "columns": CONDA_COLUMNS,
        "rows": rows,
    }


def _pytorch_builds(row: dict[str, Any], known: Known) -> list[list[Any]]:
    """Return the rows of one release."""
    seen = row["linux64_builds_seen"]
    names = sorted_pythons(python for build in seen.values() for python in build["python"])
    of_wheels = known.wheels[row["release"], "cpu", "linux-x86_64"]
    # The names were seen by one project, long after: Pythons that the release's wheels have and
    # the names have not may still be there.
    are = COMPLETE if set(of_wheels) <= set(names) else SAMPLE
    found = Pythons(names or of_wheels, are)
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


def _cuda(row: dict[str, Any], cuda: str, platform: str, found: Pythons, known: Known) -> list[Any]:
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
        known.shared["pythons"].place(found.on(platform)),
        found.are,
        None if code is None else known.shared["architectures"].place(code),
        None,
        None,
    ]


def _cpu(row: dict[str, Any], platform: str, found: Pythons, known: Known) -> list[Any]:
    """Return the row of one CPU build."""
    # On macOS there is one build, whose name (`py3.11_0`) says neither CPU nor CUDA. Before 1.2.0
    # the CPU build was a package of its own, and nothing selected it.
    only = platform.startswith("macos")
    chosen = not only and Version(row["release"]) >= Version("1.2.0")
    selectors, glob = ["cpuonly"] if chosen else [], "*" if only else "*cpu*"
    channels = known.shared["channels"].place([row["channel"]])
    place = known.shared["pythons"].place(found.on(platform))
    rest = [channels, place, found.are, None, None, None]
    return [platform, row["release"], "cpu", selectors, glob, *rest]


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
