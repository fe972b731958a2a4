"""The catalogue as objects. A question reads the one file that it needs, once."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

from conda_cuda_guard import model
from conda_cuda_guard.model import PLATFORMS, Build, BuiltFamilies, Mirror, Release, SpeltFamilies
from conda_cuda_guard.model.versions import cuda_of

from .family_files import read_built, read_families, read_on_conda, read_spelt, stem_like
from .family_rows import family_rows, names_in, third_party
from .files import decoding, folder, read_table
from .gpu_names import candidates, canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conda_cuda_guard.model import CondaFamily, Family

    from .third_party import Unusable

CONDA_TABLES = {"pytorch-channel": "conda-pytorch", "conda-forge": "conda-forge"}


def releases() -> tuple[Release, ...]:
    """Return every torch release with its companions, newest first."""
    return _releases(folder())


def wheels(platform: str) -> tuple[Build, ...]:
    """Return the wheels for a platform, newest release first."""
    return _wheels(folder(), platform) if platform in PLATFORMS else ()


def plain(platform: str) -> Mapping[str, str]:
    """Return, by release, the variant of the default package index's unlabelled wheel."""
    return _plain(folder(), platform) if platform in PLATFORMS else {}


def conda_builds(source: str, platform: str) -> tuple[Build, ...]:
    """Return the builds of `pytorch-channel` or `conda-forge`, newest release first."""
    return _conda_builds(folder(), source, platform)


def cuda_version_packages() -> tuple[str, ...]:
    """Return the versions of conda-forge's `cuda-version` package."""
    path = folder() / "conda-forge.json"
    with decoding(path):
        return tuple(_table(path, "conda-forge")["cuda_versions"])


def drivers() -> model.Drivers:
    """Return NVIDIA's driver table."""
    return _drivers(folder())


def toolkits() -> model.Toolkits:
    """Return what CUDA toolkits can build at all."""
    return _toolkits(folder())


def gpu_capability(name: str) -> str | None:
    """Return the compute capability of a GPU by its name, None when it is not known for sure."""
    known = _gpus(folder())["keys"]
    return next((str(known[key]) for key in candidates(name) if key in known), None)


def closest_gpu_names(name: str) -> tuple[str, ...]:
    """Return up to three names of the table that look like this one, the closest first."""
    from difflib import get_close_matches

    by_key = {canonical(known): known for known in _gpus(folder())["names"]}
    return tuple(by_key[key] for key in get_close_matches(canonical(name), by_key))


def families() -> tuple[Family, ...]:
    """Return the families whose lead decides, those that follow another among its members."""
    return read_families(folder())


def family() -> Family:
    """Return the family that plans are made for."""
    return families()[0]


def spelt_families() -> SpeltFamilies:
    """Return the families whose builds are told apart by how a requirement is spelt."""
    where = folder()
    names = names_in(where)
    makers = {name: partial(read_spelt, where, file) for name, file in names.spelt.items()}
    like = partial(stem_like, where)
    return SpeltFamilies(makers, names.ranged, names.beside, like)


def unusable_families() -> tuple[Unusable, ...]:
    """Return the family files of others that are left out, and why."""
    return third_party(folder()).unusable


def built_families() -> BuiltFamilies:
    """Return the families whose files are built against a release of the lead."""
    where = folder()
    files = names_in(where).built
    return BuiltFamilies({name: partial(read_built, where, file) for name, file in files.items()})


def families_on_conda() -> tuple[CondaFamily, ...]:
    """Return the families that have builds on conda, but for the one that plans are made for."""
    return read_on_conda(folder())


def names_off_conda() -> frozenset[str]:
    """Return the names on pip of families that are known not to be on conda."""
    from .family_claims import names_off_conda as found_in

    return found_in(family_rows(folder()).values())


def mirrors() -> tuple[Mirror, ...]:
    """Return every known service of every mirror."""
    return _mirrors(folder())


@cache
def _table(path: Path, table: str) -> dict[str, Any]:
    return read_table(path, table)


@cache
def _releases(where: Path) -> tuple[Release, ...]:
    path = where / "releases.json"
    with decoding(path):
        return tuple(read_release(row) for row in read_table(path, "releases")["rows"])


@cache
def _wheels(where: Path, platform: str) -> tuple[Build, ...]:
    path = where / f"wheels-{platform}.json"
    with decoding(path):
        return tuple(read_wheel_builds(read_table(path, "wheels"), platform, _lead(where)))


@cache
def _plain(where: Path, platform: str) -> Mapping[str, str]:
    path = where / "plain.json"
    with decoding(path):
        table = read_table(path, "plain")
        column = table["platforms"].index(platform) + 1
        return {row[0]: row[column] for row in table["rows"] if row[column] is not None}


@cache
def _conda_builds(where: Path, source: str, platform: str) -> tuple[Build, ...]:
    name = CONDA_TABLES[source]
    path = where / f"{name}.json"
    with decoding(path):
        return tuple(read_conda_builds(_table(path, name), source, platform, _lead(where)))


@cache
def _drivers(where: Path) -> model.Drivers:
    path = where / "drivers.json"
    with decoding(path):
        table = read_table(path, "drivers")
        known = tuple(model.DriverRow(*row) for row in table["rows"])
        floors = {int(major): (linux, win) for major, (linux, win) in table["floors"].items()}
        return model.Drivers(known, floors)


@cache
def _toolkits(where: Path) -> model.Toolkits:
    path = where / "toolkits.json"
    with decoding(path):
        table = read_table(path, "toolkits")
        oldest = {int(major): capability for major, capability in table["oldest"].items()}
        return model.Toolkits(oldest, dict(table["first"].items()), frozenset(table["boards"]))


@cache
def _gpus(where: Path) -> dict[str, Any]:
    path = where / "gpus.json"
    with decoding(path):
        table = read_table(path, "gpus")
        return {"keys": dict(table["keys"]), "names": list(table["names"])}


def _lead(where: Path) -> str:
    """Return the package that the tables of builds are about."""
    return read_families(where)[0].lead.pip


@cache
def _mirrors(where: Path) -> tuple[Mirror, ...]:
    path = where / "mirrors.json"
    with decoding(path):
        return tuple(read_mirror(row) for row in read_table(path, "mirrors")["rows"])


def read_release(row: dict[str, Any]) -> Release:
    """Return one release; conda differs from pip by the versions named, and never has labels."""
    pip = {package: _companion(package, found) for package, found in row["pip"].items()}
    conda = {
        package: model.Companion(
            package, tuple(versions), labelled=False, pins_torch=companion.pins_torch
        )
        for package, companion in pip.items()
        if (versions := row["conda"].get(package, companion.versions))
    }
    return Release(row["version"], pip, conda)


def _companion(package: str, found: dict[str, Any]) -> model.Companion:
    lacks = found.get("lacks", {})
    return model.Companion(
        package,
        tuple(found["versions"]),
        found["labelled"],
        found["pins_torch"],
        frozenset(found.get("ranged", ())),
        frozenset((number, variant) for number, each in lacks.items() for variant in each),
    )


def read_wheel_builds(table: dict[str, Any], platform: str, package: str) -> Iterator[Build]:
    """Yield the wheels of one file."""
    pythons, code = _shared(table)
    for release, variant, label, source, index, page, python, arch, libc, *_evidence in table[
        "rows"
    ]:
        yield Build(
            release,
            variant,
            cuda_of(variant),
            platform,
            source,
            pythons[python],
            None if arch is None else code[arch],
            label,
            index,
            page,
            libc=libc,
            package=package,
        )


def _shared(table: dict[str, Any]) -> tuple[list[frozenset[str]], list[model.Architectures]]:
    """Return the values that rows name by position."""
    pythons = [frozenset(versions) for versions in table["pythons"]]
    code = [model.Architectures(tuple(sass), tuple(ptx)) for sass, ptx in table["architectures"]]
    return pythons, code


def read_conda_builds(
    table: dict[str, Any], source: str, platform: str, package: str
) -> Iterator[Build]:
    """Yield the builds of one file that are for a platform."""
    pythons, code = _shared(table)
    channels = [tuple(names) for names in table["channels"]]
    for row in table["rows"]:
        system, release, variant, selectors, glob, channel, python, are, arch, libc, board = row
        if system == platform:
            yield Build(
                release,
                variant,
                cuda_of(variant),
                platform,
                source,
                pythons[python],
                None if arch is None else code[arch],
                selectors=tuple(selectors),
                build_glob=glob,
                channels=channels[channel],
                sampled=are == "sample",
                libc=libc,
                board=board,
                package=package,
            )


def read_mirror(row: dict[str, Any]) -> Mirror:
    """Return one service of a mirror."""
    variants = row["variants"]
    return Mirror(
        row["name"],
        row["kind"],
        row["base"],
        also=tuple(row["also"]),
        flat=row["flat"],
        variants=None if variants is None else frozenset(variants),
        defaults=tuple(row["defaults"]),
        carries={channel: frozenset(subdirs) for channel, subdirs in row["carries"].items()},
        lacks=frozenset(row["lacks"]),
        status=row["status"],
        note=row["note"],
    )
