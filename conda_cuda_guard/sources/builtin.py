"""The built-in catalogue for one manager and one platform, as the planner takes it."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Catalogue
from conda_cuda_guard.model.catalogue import BuiltFamilies, SpeltFamilies
from conda_cuda_guard.planner import with_stand_ins

if TYPE_CHECKING:
    from pathlib import Path

    from conda_cuda_guard.model import Build

_CONDA_SOURCES = ("pytorch-channel", "conda-forge")


def from_catalogue(manager: str, platform: str) -> Catalogue:
    """Return the catalogue for `pip` or `conda` on one of the platforms."""
    return _from_folder(manager, platform, catalogue.folder())


@cache
def _from_folder(manager: str, platform: str, _where: Path) -> Catalogue:
    return Catalogue(
        releases=catalogue.releases(),
        builds=_builds(manager, platform),
        drivers=catalogue.drivers(),
        toolkits=catalogue.toolkits(),
        plain=catalogue.plain(platform),
        family=catalogue.family(),
        elsewhere=partial(_conda_forge, platform),
        spelt=catalogue.spelt_families() if manager == "pip" else SpeltFamilies(),
        built=catalogue.built_families() if manager == "pip" else BuiltFamilies(),
        on_conda=() if manager == "pip" else catalogue.families_on_conda(),
        off_conda=frozenset() if manager == "pip" else catalogue.names_off_conda(),
    )


def _builds(manager: str, platform: str) -> tuple[Build, ...]:
    if manager == "pip":
        return with_stand_ins(catalogue.wheels(platform))
    official, forge = (catalogue.conda_builds(source, platform) for source in _CONDA_SOURCES)
    return with_stand_ins(official) + with_stand_ins(forge)


def _conda_forge(platform: str) -> tuple[Build, ...]:
    return with_stand_ins(catalogue.conda_builds("conda-forge", platform))
