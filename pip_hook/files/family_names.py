"""Which families a requirement could name, told quickly: most lines name none."""

from __future__ import annotations

import re

from conda_cuda_guard import catalogue

_BETWEEN = re.compile("[-_.]+")
_NAME = re.compile(r"\s*([A-Za-z0-9]+(?:[._-]+[A-Za-z0-9]+)*)", re.ASCII)


def could_name_family(text: str) -> bool:
    """Return quickly whether a requirement or a line could name a package of a family."""
    lower = text.lower().replace("_", "-").replace(".", "-")
    names = catalogue.names()
    if any(name in lower for name in names.lead):
        return True
    name = _named_by(text)
    return name in names.spelt or name in names.built or name in names.libraries


def is_spelt(text: str) -> bool:
    """Return quickly whether a requirement names a package whose builds are told by spelling."""
    return _named_by(text) in catalogue.names().spelt


def is_built(text: str) -> bool:
    """Return quickly whether a requirement names a package that is built against the lead."""
    return _named_by(text) in catalogue.names().built


def is_library(text: str) -> bool:
    """Return quickly whether a requirement names a library whose version says the lead's CUDA."""
    return _named_by(text) in catalogue.names().libraries


def _named_by(text: str) -> str:
    found = _NAME.match(text)
    return _BETWEEN.sub("-", found[1]).lower() if found else ""


def is_another(text: str) -> bool:
    """Return whether a requirement is of another package, as torchmetrics is beside torch."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    try:
        name = canonicalize_name(Requirement(text).name)
    except InvalidRequirement:
        return False
    return not text.endswith(".whl") and name not in catalogue.names().lead
