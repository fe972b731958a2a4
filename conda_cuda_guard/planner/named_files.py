"""What files named by their address ask of the lead: they stay as typed, it agrees with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Origin, Range
from conda_cuda_guard.model.built import against

from .address_kind import WHEELS, classify
from .requirement import LEAD, Requirement, VariantWish

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.model import Against, Build, BuiltFamily, Catalogue, Family, Release

    from .pip_parse import NamedFile


def bound_by_files(files: Iterable[NamedFile], catalogue: Catalogue) -> Iterator[Requirement]:
    """Yield the lead that each file of a companion, or of what is built against it, belongs to."""
    for file in files:
        built = catalogue.built.named(file.package)
        if built is not None:
            builds = _built_against(file, built, catalogue)
        else:
            builds = _of_companion(file, catalogue)
        if builds:
            yield _lead_of(builds, file, catalogue)


def _built_against(file: NamedFile, family: BuiltFamily, catalogue: Catalogue) -> list[Build]:
    """Return the lead's builds that a file is built against, by the label of its name."""
    return [
        build
        for build in catalogue.builds
        if file.label
        and file.label in _labels(family, against(build.release, build.variant, catalogue.family))
    ]


def _labels(family: BuiltFamily, lead: Against) -> Iterator[str]:
    """Yield the labels that a family's files for a build of the lead carry."""
    templates = list(family.labels)
    for row in family.files:
        if row.agrees(lead):
            name = row.file.rpartition("/")[2]
            templates += [*row.labels, name.partition("+")[2].partition("-")[0]]
    for one in templates:
        yield lead.of(one).lstrip("+").lower()


def _of_companion(file: NamedFile, catalogue: Catalogue) -> list[Build]:
    """Return the lead's builds that a companion's file belongs to; all variants for no label."""
    variant = file.label or _variant_of(file.address, catalogue.family)
    belongs = {one.version for one in catalogue.releases if _belongs(file, one, catalogue)}
    return [
        build
        for build in catalogue.builds
        if build.release in belongs and (not variant or build.variant == variant)
    ]


def _variant_of(address: str, family: Family) -> str:
    """Return the variant whose folder of a wheel index a file lies in; empty for another place."""
    folder = classify(address.rpartition("/")[0], family)
    return folder.variant if folder.kind == WHEELS else ""


def _belongs(file: NamedFile, release: Release, catalogue: Catalogue) -> bool:
    found = release.on_pip(file.package, catalogue.family)
    return found is not None and file.number in found.versions


def _lead_of(builds: list[Build], file: NamedFile, catalogue: Catalogue) -> Requirement:
    """Return the requirement of a lead that is one of these builds."""
    lead = catalogue.family.lead.pip
    releases = dict.fromkeys(build.release for build in builds)
    allows = Range(tuple(f"=={one}" for one in releases))
    cuda = tuple(dict.fromkeys(f"=={build.cuda}" for build in builds if build.cuda))
    wish = None
    made = {build.variant for build in catalogue.builds if build.release in releases}
    if made != {build.variant for build in builds}:
        wish = VariantWish(file.name, cpu=not cuda, cuda=Range(cuda or ("",)))
    return Requirement(
        f"{lead}{allows}", LEAD, lead, allows, wish, lead, origin=Origin("address", file.name)
    )
