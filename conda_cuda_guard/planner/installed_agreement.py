"""Agreement of what is installed: companions that do not go with the lead beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model.versions import public_version, variant_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.model import Catalogue, Installed, Release
    from conda_cuda_guard.model.request import Beside


def disagreeing(there: Installed, catalogue: Catalogue) -> Mapping[Beside, str]:
    """Return the companions that are of another release or variant than the lead beside them.

    Each with the version that goes with it, an empty one where there is none. Of a lead for another
    accelerator, or that the catalogue does not know, nothing can be said.
    """
    release = next((one for one in catalogue.releases if one.version == there.release), None)
    if release is None or there.is_other:
        return {}
    return {
        one: _right(one.name, there, release)
        for one in there.beside
        if one.name in catalogue.family.own_names and not _goes(one, there, release, catalogue)
    }


def _goes(one: Beside, there: Installed, release: Release, catalogue: Catalogue) -> bool:
    companion = release.pip.get(one.name)
    if companion is None or public_version(one.version) not in companion.versions:
        return False
    label = one.version.partition("+")[2] or catalogue.plain.get(there.release)
    return not companion.labelled or label in (None, variant_of(there.cuda))


def _right(name: str, there: Installed, release: Release) -> str:
    companion = release.pip.get(name)
    numbers = companion.of(variant_of(there.cuda)) if companion is not None else ()
    label = there.version[len(there.release) :]
    if companion is None or not numbers:
        return ""
    return numbers[0] + (label if companion.labelled else "")
