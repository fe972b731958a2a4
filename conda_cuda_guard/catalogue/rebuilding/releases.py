"""releases.json: the torch releases and the companions that belong to each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from .corrections import lacking
from .fact_tables import PLATFORM_OF, FactsError, SharedValues, head, python_version, sorted_pythons

if TYPE_CHECKING:
    from .fact_tables import Facts


def releases_table(facts: Facts) -> dict[str, Any]:
    """Return the table of releases, newest first."""
    known = {row["torch"]: row for row in facts.table("torch_releases")["rows"]}
    bases = {row["torch"]: row["base"] for row in facts.table("torch_releases")["post_releases"]}
    there = {row["torch"] for row in facts.table("wheel_variants")["rows"]}
    for name in sorted(set(known) ^ (there - set(bases))):
        raise FactsError(f"{name} is in one of torch_releases and wheel_variants alone")
    names = sorted(set(known) | (set(bases) & there), key=Version, reverse=True)
    texts = Counter(row["torchtext"] for row in known.values())
    shared = SharedValues()
    ranges = facts.table("torch_releases")["ranges"]
    rows = [
        _with_ranges(
            _row(name, known[bases.get(name, name)], shared, texts, is_post=name in bases), facts
        )
        for name in names
    ]
    return {
        **head("releases", facts.sources("torch_releases")),
        "ranges": [
            {"package": package, "versions": f">={one['versions'][0]}", "torch": one["torch"]}
            for package, one in ranges.items()
        ],
        "pythons": shared.values,
        "rows": rows,
    }


def _row(
    name: str,
    facts: dict[str, Any],
    shared: SharedValues,
    texts: Counter[str | None],
    *,
    is_post: bool,
) -> dict[str, Any]:
    """Return one release; `conda` holds only what differs there."""
    pip = {
        "torchvision": _vision(facts),
        "torchaudio": _audio(facts),
        "torchtext": _text(facts, texts),
    }
    return {
        "version": name,
        # A post release has files of its own; their tags are in the wheel tables.
        "python_tags": {} if is_post else _tags(facts, shared),
        "pip": {package: companion for package, companion in pip.items() if companion},
        "conda": _conda(facts),
    }


def _with_ranges(row: dict[str, Any], facts: Facts) -> dict[str, Any]:
    """Return a release with the companions that ask for it or any newer one, behind its own.

    On conda the build of a companion is made for one torch release, whatever its metadata allow.
    """
    for package, found in facts.table("torch_releases")["ranges"].items():
        if row["version"] not in SpecifierSet(found["torch"]):
            continue
        own = row["pip"].get(package, {"versions": [], "labelled": True, "pins_torch": False})
        others = [version for version in found["versions"] if version not in own["versions"]]
        versions = [*own["versions"], *others]
        ranged = [version for version in versions if version in found["versions"]]
        row["pip"][package] = {
            "versions": versions,
            "labelled": own["labelled"],
            "pins_torch": versions[0] not in ranged,
            "ranged": ranged,
        }
        lacks = {version: lacking(package, version, facts.corrections) for version in ranged}
        if any(lacks.values()):
            row["pip"][package]["lacks"] = {one: lack for one, lack in lacks.items() if lack}
        if not own["versions"]:
            row["conda"][package] = []
    return row


def _vision(facts: dict[str, Any]) -> dict[str, Any] | None:
    versions = [facts["torchvision"], *(facts["torchvision_alternatives"] or [])]
    first = Version(versions[0])
    return {
        "versions": versions,
        "labelled": first >= Version("0.3.0"),
        "pins_torch": first > Version("0.3.0"),
    }


def _audio(facts: dict[str, Any]) -> dict[str, Any] | None:
    version = facts["torchaudio"]
    if version is None:
        return None
    labelled = Version(facts["torch"]) >= Version("1.10.0")
    return {"versions": [version], "labelled": labelled, "pins_torch": True}


def _text(facts: dict[str, Any], texts: Counter[str | None]) -> dict[str, Any] | None:
    """Return torchtext; it pins torch from 0.8.0 on, unless one version serves several torches."""
    version = facts["torchtext"]
    if version is None:
        return None
    pins = Version(version) >= Version("0.8.0") and texts[version] == 1
    return {"versions": [version], "labelled": False, "pins_torch": pins}


def _conda(facts: dict[str, Any]) -> dict[str, list[str]]:
    """Return the companions whose best version on conda is another than pip's."""
    found = {}
    for package in ("torchvision", "torchaudio"):
        other = facts[f"{package}_conda"]
        if other is not None and other != facts[package]:
            found[package] = [other, facts[package]]
    return found


def _tags(facts: dict[str, Any], shared: SharedValues) -> dict[str, int]:
    """Return the interpreters of the default package index's files, by platform."""
    return {
        PLATFORM_OF[system]: shared.place(sorted_pythons(map(python_version, tags)))
        for system, tags in sorted(facts["pypi_python_tags"].items())
    }
