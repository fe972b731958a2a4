"""How the rows of the data files become the nouns of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model.catalogue import Architectures, Build, Companion, Release
from conda_cuda_guard.model.sources import Mirror

if TYPE_CHECKING:
    from collections.abc import Iterator


def release(row: dict[str, Any]) -> Release:
    """Make one release; conda differs from pip by the versions named, and never has labels."""
    pip = {package: _companion(package, found) for package, found in row["pip"].items()}
    conda = {
        package: Companion(
            package,
            tuple(row["conda"].get(package, companion.versions)),
            labelled=False,
            pins_torch=companion.pins_torch,
        )
        for package, companion in pip.items()
    }
    return Release(row["version"], pip, conda)


def _companion(package: str, found: dict[str, Any]) -> Companion:
    return Companion(package, tuple(found["versions"]), found["labelled"], found["pins_torch"])


def wheel_builds(table: dict[str, Any], platform: str) -> Iterator[Build]:
    """Make the wheels of one file."""
    pythons, code = _shared(table)
    for release, variant, label, source, index, page, python, arch, *_evidence in table["rows"]:
        yield Build(
            release,
            variant,
            _cuda(variant),
            platform,
            source,
            pythons[python],
            None if arch is None else code[arch],
            label,
            index,
            page,
        )


def _shared(table: dict[str, Any]) -> tuple[list[frozenset[str]], list[Architectures]]:
    """Return the values that rows name by position."""
    pythons = [frozenset(versions) for versions in table["pythons"]]
    code = [Architectures(tuple(sass), tuple(ptx)) for sass, ptx in table["architectures"]]
    return pythons, code


def _cuda(variant: str) -> str | None:
    """Return the CUDA version of a variant: its last digit is the minor version."""
    return None if variant == "cpu" else f"{variant[2:-1]}.{variant[-1]}"


def conda_builds(table: dict[str, Any], source: str, platform: str) -> Iterator[Build]:
    """Make the builds of one file that are for a platform."""
    pythons, code = _shared(table)
    channels = [tuple(names) for names in table["channels"]]
    for system, release, variant, selectors, glob, channel, python, arch in table["rows"]:
        if system == platform:
            yield Build(
                release,
                variant,
                _cuda(variant),
                platform,
                source,
                pythons[python],
                None if arch is None else code[arch],
                selectors=tuple(selectors),
                build_glob=glob,
                channels=channels[channel],
            )


def mirror(row: dict[str, Any]) -> Mirror:
    """Make one service of a mirror."""
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
