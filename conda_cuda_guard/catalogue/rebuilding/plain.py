"""plain.json: what the default package index serves under a release's plain name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.version import Version

from .facts import PLATFORM_OF, FactsError, variant_of
from .tables import head

if TYPE_CHECKING:
    from .facts import Facts


def plain_table(facts: Facts) -> dict[str, Any]:
    """Return the variant of every plain wheel, one release a row, one platform a column."""
    found: dict[str, dict[str, str]] = {}
    for row in facts.table("pypi_default_cuda")["rows"]:
        platform = PLATFORM_OF[row["platform"]]
        found.setdefault(row["torch"], {})[platform] = variant_of(row["cuda"])
    _agree(facts, found)
    platforms = list(PLATFORM_OF.values())
    return {
        **head("plain", facts.sources("pypi_default_cuda", "wheel_variants")),
        "platforms": platforms,
        "rows": [
            [release, *(found[release].get(platform) for platform in platforms)]
            for release in sorted(found, key=Version, reverse=True)
        ],
    }


def _agree(facts: Facts, found: dict[str, dict[str, str]]) -> None:
    """Check the Linux column against what the wheel table says of it."""
    for row in facts.table("wheel_variants")["rows"]:
        said = row["pypi_default_linux_x86_64"]
        measured = found.get(row["torch"], {}).get("linux-x86_64")
        if said != measured:
            raise FactsError(f"plain wheel of {row['torch']} on Linux: {said} or {measured}?")
