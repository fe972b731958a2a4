"""Read pip requirements: which are of the family, what they allow, what they wish."""

from __future__ import annotations

import re
from functools import lru_cache

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from .asking import COMPANIONS, TORCH, Ask, Wish, cuda_of
from .versions import Range

_LOCAL = re.compile(r"(?<=[0-9a-z])\+([a-z0-9]+(?:[._-][a-z0-9]+)*)", re.IGNORECASE)
_VARIANT_FOLDER = re.compile(r"/(cu\d{2,4}|cpu)/?(?:torch_stable\.html)?$", re.IGNORECASE)
_NIGHTLY = re.compile(r"/(nightly|test)/")


@lru_cache(maxsize=2048)
def read_pip(text: str, python: str | None) -> Ask:
    """Read one requirement for an interpreter (`"3.11"`); what is not ours keeps role None."""
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return Ask(text)
    role = canonicalize_name(requirement.name)
    if role not in (TORCH, *COMPANIONS) or requirement.url or not _applies(requirement, python):
        return Ask(text)
    specifier = str(requirement.specifier).replace("===", "==")
    labels = _LOCAL.findall(specifier)
    wish = _label_wish(labels[0].lower()) if labels else None
    allows = Range.of(_LOCAL.sub("", specifier))
    if allows is None or (labels and wish is None):
        return Ask(text)  # rocm, xpu, or a specifier that pip is to complain about
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    tail = f" ; {requirement.marker}" if requirement.marker else ""
    return Ask(text, role, allows, wish, requirement.name + extras, tail)


def _label_wish(label: str) -> Wish | None:
    if label == "cpu":
        return Wish("+cpu", cpu=True)
    cuda = cuda_of(label)
    return Wish(f"+{label}", cuda=Range((f"=={cuda}",))) if cuda else None


def _applies(requirement: Requirement, python: str | None) -> bool:
    """Tell whether the marker holds for the interpreter that is installed into."""
    if requirement.marker is None:
        return True
    environment = {} if python is None else _marker_environment(python)
    return bool(requirement.marker.evaluate({"extra": "", **environment}))


def _marker_environment(python: str) -> dict[str, str]:
    number = python.rstrip("t")
    return {"python_version": number, "python_full_version": f"{number}.0"}


def url_wish(urls: tuple[str, ...]) -> Wish | None:
    """Find the variant that an index or page URL names by its last folder (`…/whl/cu118`).

    Nightly and test indexes hold builds that no table knows, so they name nothing here.
    """
    for url in urls:
        found = _VARIANT_FOLDER.search(url)
        if not found or _NIGHTLY.search(url):
            continue
        name = found.group(1).lower()
        if name == "cpu":
            return Wish(url, cpu=True, url=url)
        cuda = cuda_of(name)
        if cuda:
            return Wish(url, cuda=Range((f"=={cuda}",)), url=url)
    return None


def is_nightly(urls: tuple[str, ...]) -> bool:
    """Tell whether a source serves nightly or test builds."""
    return any(_NIGHTLY.search(url) for url in urls)
