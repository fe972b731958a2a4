"""releases.json: the torch releases and the companions that belong to each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from .fact_tables import PLATFORM_OF, Shared, head, python_version, sorted_pythons

if TYPE_CHECKING:
    from .fact_tables import Facts

# torchvision 0.29.1 and 0.29.2 ask for torch>=2.14.0 and no more (facts: domain_requires).
VISION_ACCEPTED = {
    "2.14.0": ["0.29.0", "0.29.1", "0.29.2"],
    "2.14.1": ["0.29.1", "0.29.2"],
    "2.15.0": ["0.29.2", "0.29.1"],
}
VISION_LOOSE = {"0.29.1", "0.29.2"}
AUDIO_LOOSE = {"2.11.0"}


def releases_table(facts: Facts) -> dict[str, Any]:
    """Return the table of releases, newest first."""
    known = {row["torch"]: row for row in facts.table("torch_releases")["rows"]}
    bases = {row["torch"]: row["base"] for row in facts.table("torch_releases")["post_releases"]}
    there = {row["torch"] for row in facts.table("wheel_variants")["rows"]}
    names = sorted(set(known) | (set(bases) & there), key=Version, reverse=True)
    texts = Counter(row["torchtext"] for row in known.values())
    shared = Shared()
    rows = [
        _row(name, known[bases.get(name, name)], shared, texts, is_post=name in bases)
        for name in names
    ]
    return {
        **head("releases", facts.sources("torch_releases")),
        "pythons": shared.values,
        "rows": rows,
    }


def _row(
    name: str, facts: dict[str, Any], shared: Shared, texts: Counter[str | None], *, is_post: bool
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


def _vision(facts: dict[str, Any]) -> dict[str, Any] | None:
    listed = [facts["torchvision"], *(facts["torchvision_alternatives"] or [])]
    versions = VISION_ACCEPTED.get(facts["torch"], listed)
    first = Version(versions[0])
    return {
        "versions": versions,
        "labelled": first >= Version("0.3.0"),
        "pins_torch": first > Version("0.3.0") and versions[0] not in VISION_LOOSE,
    }


def _audio(facts: dict[str, Any]) -> dict[str, Any] | None:
    version = facts["torchaudio"]
    if version is None:
        return None
    labelled = Version(facts["torch"]) >= Version("1.10.0")
    pins = version not in AUDIO_LOOSE
    return {"versions": [version], "labelled": labelled, "pins_torch": pins}


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


def _tags(facts: dict[str, Any], shared: Shared) -> dict[str, int]:
    """Return the interpreters of the default package index's files, by platform."""
    return {
        PLATFORM_OF[system]: shared.place(sorted_pythons(map(python_version, tags)))
        for system, tags in sorted(facts["pypi_python_tags"].items())
    }
