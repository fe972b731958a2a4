"""Parsing pip requirements: the package, the versions allowed, the variant named."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Pep508Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from conda_cuda_guard.model import Range, platform_named

from .requirement import ADDRESS, LEAD, MEMBER, Requirement, VariantWish

if TYPE_CHECKING:
    from collections.abc import Collection

    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    from conda_cuda_guard.model import Family

_ACCELERATOR = re.compile(r"rocm\d[\w.]*|xpu")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?=[^/:\\]*$|\s*@)")


@lru_cache(maxsize=2048)
def read_pip(text: str, platform: str, python: str | None, family: Family) -> Requirement:
    """Return a requirement as parsed for a machine; of kind OTHER if not the family's."""
    if text.endswith(".whl") and "@" not in text:
        return _by_address(
            text, text, family
        )  # a bare file name would pass for the name of a package
    try:
        requirement = Pep508Requirement(text)
    except InvalidRequirement:
        return _by_address(text, text, family)
    package = canonicalize_name(requirement.name)
    if package not in family.pip_names:
        return Requirement(text)
    if requirement.url:
        if package != family.lead.pip:
            return Requirement(text)
        by_address = _by_address(text, requirement.url, family)
        return replace(by_address, kind=ADDRESS, package=package)
    if not applies(requirement, platform, python):
        return Requirement(text)
    kept, labels, without = _split_labels(requirement.specifier)
    wish = VariantWish.of(f"+{labels[0]}", labels[0]) if labels else None
    allows = Range.of(",".join(kept))
    if allows is None or (labels and wish is None):
        return Requirement(text)  # rocm, xpu, or a specifier that pip rejects itself
    kind = LEAD if package == family.lead.pip else MEMBER
    head, tail = head_of(requirement), tail_of(requirement)
    return Requirement(text, kind, package, allows, wish, head, tail, without)


@dataclass(frozen=True)
class NamedFile:
    """A wheel that a requirement names by its address.

    `package` is the normalized name, `number` the version without its `label`, `name` that of the
    file and `address` where it lies.
    """

    package: str
    number: str
    label: str
    name: str
    address: str


def file_of(text: str) -> NamedFile | None:
    """Return the wheel that a requirement names by its address or path; None for any other."""
    if ".whl" not in text:
        return None
    address = text.partition(" @ ")[2] or text
    with suppress(InvalidRequirement):
        address = Pep508Requirement(text).url or address
    parsed = _wheel_at(address)
    if parsed is None:
        return None
    name, package, number = parsed
    return NamedFile(package, number.public, (number.local or "").lower(), name, address)


def accelerator_of(text: str, names: Collection[str]) -> str:
    """Return the other accelerator (`rocm6.2`) whose build a requirement names, if it does.

    `names` are the packages in question; whatever else has such a label is no concern of ours.
    """
    if "+" not in text and "%2B" not in text:
        return ""
    file, typed = file_of(text), read_named(text)
    if file is not None:
        package, labels = file.package, [file.label]
    elif typed is not None:
        package = canonicalize_name(typed.name)
        labels = [
            one.version.partition("+")[2].lower()
            for one in typed.specifier
            if one.operator in ("==", "===")
        ]
    else:
        return ""
    found = (one for one in labels if _ACCELERATOR.fullmatch(one))
    return next(found, "") if package in names else ""


def _wheel_at(address: str) -> tuple[str, str, Version] | None:
    """Return the name of a wheel at an address, its package and version; None for no wheel."""
    try:
        name = unquote(urlsplit(address).path).rpartition("/")[2]
        package, number, _, _ = parse_wheel_filename(name)
    except ValueError:  # a folder, a source archive, a repository; or no address at all
        return None
    return name, package, number


def read_named(text: str) -> Pep508Requirement | None:
    """Return a requirement that names its package and no address; None for another text."""
    try:
        requirement = Pep508Requirement(text)
    except InvalidRequirement:
        return None
    return None if requirement.url else requirement


def head_of(requirement: Pep508Requirement) -> str:
    """Return the name as typed, with its extras."""
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return requirement.name + extras


def tail_of(requirement: Pep508Requirement) -> str:
    """Return the marker as it stands behind a requirement."""
    return f" ; {requirement.marker}" if requirement.marker else ""


def name_of(text: str) -> str:
    """Return the normalized name that a requirement begins with; empty where it has none."""
    found = _NAME.match(text)
    return canonicalize_name(found[0]) if found else ""


def _by_address(text: str, address: str, family: Family) -> Requirement:
    """Return the requirement of a lead that is named by its file, which is never rewritten."""
    found = _wheel_at(address)
    if found is None or found[1] != family.lead.pip:
        return Requirement(text)
    _, package, number = found
    wish = VariantWish.of(f"+{number.local}", number.local) if number.local else None
    return Requirement(text, ADDRESS, package, Range((f"=={number.public}",)), wish)


def _split_labels(specifiers: SpecifierSet) -> tuple[list[str], list[str], frozenset[str]]:
    """Return the specifiers without labels, the labels asked for, and full versions excluded."""
    kept, labels, without = [], [], set()
    for one in specifiers:
        operator = "==" if one.operator == "===" else one.operator
        public, plus, label = one.version.partition("+")
        if plus and operator == "!=":
            without.add(one.version.lower())
            continue
        if plus and operator == "==":
            labels.append(label.lower())
        kept.append(operator + public)
    return kept, labels, frozenset(without)


def applies(requirement: Pep508Requirement, platform: str, python: str | None) -> bool:
    """Return whether a requirement's marker holds for the machine and the target interpreter."""
    if requirement.marker is None:
        return True
    environment = {"extra": "", **platform_named(platform).environment}
    if python is not None:
        number = python.rstrip("t")
        environment.update(python_version=number, python_full_version=f"{number}.0")
    return bool(requirement.marker.evaluate(environment))


def is_meant(text: str, platform: str, python: str | None) -> bool:
    """Return whether a requirement counts on the machine, by its marker; True for no marker."""
    try:
        return applies(Pep508Requirement(text), platform, python)
    except InvalidRequirement:
        return True
