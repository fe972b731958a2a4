"""Rows of the catalogue's big tables as objects: releases, builds, mirrors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model import Architectures, Build, Companion, Mirror, Release, cuda_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_release(row: dict[str, Any]) -> Release:
    """Return one release; conda differs from pip by the versions named, and never has labels."""
    pip = {package: _companion(package, found) for package, found in row["pip"].items()}
    conda = {
        package: Companion(
            package, tuple(versions), labelled=False, pins_torch=companion.pins_torch
        )
        for package, companion in pip.items()
        if (versions := row["conda"].get(package, companion.versions))
    }
    return Release(row["version"], pip, conda)


def _companion(package: str, found: dict[str, Any]) -> Companion:
    lacks = found.get("lacks", {})
    return Companion(
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


def _shared(table: dict[str, Any]) -> tuple[list[frozenset[str]], list[Architectures]]:
    """Return the values that rows name by position."""
    pythons = [frozenset(versions) for versions in table["pythons"]]
    code = [Architectures(tuple(sass), tuple(ptx)) for sass, ptx in table["architectures"]]
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
