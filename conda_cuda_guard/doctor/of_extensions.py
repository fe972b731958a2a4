"""Compiled extensions whose wheels say in their local version label which torch they are for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase, joined
from conda_cuda_guard.planner.standing import public

from .report import Link
from .scene import Part

if TYPE_CHECKING:
    from conda_cuda_guard.host.packages import Packages
    from conda_cuda_guard.model import Installed

# flash-attn's wheels have +cu122torch2.3cxx11abiFALSE, those of PyTorch Geometric +pt23cu121.
_LABELS = (
    re.compile(r"cu(?P<cuda>\d+)torch(?P<major>\d)\.(?P<minor>\d+)"),
    re.compile(r"pt(?P<major>\d)(?P<minor>\d+)(?:cu(?P<cuda>\d+))?"),
)


def extensions(packages: Packages) -> Part:
    """Examine whether each was built for the torch, and the CUDA, that is there."""
    there = packages.torch
    found = {name: one for name, version in packages.versions.items() if (one := _label(version))}
    told = [f"{name} {packages.versions[name]}" for name in found]
    wrong = [
        Phrase(
            "{name} {version} is for torch {torch}",
            name=name,
            version=packages.versions[name],
            torch=f"{one['major']}.{one['minor']}",
        )
        for name, one in found.items()
        if there is not None and not _belongs(one, there)
    ]
    fact = "; ".join(told) or None
    if wrong:
        fact = Phrase("another: {what}", what=joined("; ", wrong))
    link = Link("extensions", fact, "package metadata", ("extensions",))
    return Part((link,), {"extensions": fact})


def _label(version: str) -> re.Match[str] | None:
    label = version.partition("+")[2]
    return next((match for one in _LABELS if (match := one.match(label))), None)


def _belongs(label: re.Match[str], there: Installed) -> bool:
    """Compare torch's minor version, and the major one of CUDA (`cu12` or `cu121`)."""
    if public(there).split(".")[:2] != [label["major"], label["minor"]]:
        return False
    cuda, own = label["cuda"], (there.cuda or "").partition(".")[0]
    return cuda is None or not own or cuda.startswith(own)
