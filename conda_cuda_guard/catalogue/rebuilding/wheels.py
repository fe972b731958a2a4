"""The cells of the wheel table: one variant of one release on one platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from .corrections import libc_of
from .fact_tables import (
    PLATFORM_OF,
    FactsError,
    SharedValues,
    head,
    is_variant,
    numbers,
    python_version,
    sort_key,
    sorted_pythons,
    variant_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .fact_tables import Facts

# 1.8.2 (long-term support) was never on the default package index: its tags are those of 1.8.1.
TAGS_FROM = {"1.8.2": "1.8.1"}


@dataclass(frozen=True)
class WheelCell:
    """One wheel of the facts."""

    release: str
    variant: str
    platform: str
    system: str
    facts: dict[str, Any]
    tag: str = ""  # the platform tag of the release's files on Linux

    @property
    def evidence(self) -> list[str]:
        """Return where it was seen."""
        return list(self.facts["evidence"])

    @property
    def is_guess(self) -> bool:
        """Return whether only a guess of low confidence speaks for it."""
        return bool(self.facts["confidence"] == "low")

    @property
    def is_plain_only(self) -> bool:
        """Return whether it was seen on the default package index alone, where labels cannot be."""
        return self.evidence == ["PyPI files"]


def cells(facts: Facts) -> Iterator[WheelCell]:
    """Yield every CUDA and CPU cell of the platforms that are supported."""
    for row in facts.table("wheel_variants")["rows"]:
        for variant, systems in row["variants"].items():
            for system in systems:
                if is_variant(variant) and system in PLATFORM_OF:
                    yield _cell(row, variant, system)


def _cell(row: dict[str, Any], variant: str, system: str) -> WheelCell:
    found = row["variants"][variant][system]
    platform = PLATFORM_OF[system]
    return WheelCell(row["torch"], variant, platform, system, found, row["platform_tag"])


def pythons(facts: Facts, cell: WheelCell) -> list[str]:
    """Return the interpreters that a wheel was made for."""
    of_release = _tags_of_release(facts, cell)
    tags = [
        *(cell.facts["python"] or of_release),
        *cell.facts.get("python_seen_in_lock", ()),
        *cell.facts.get("python_too", ()),
    ]
    if cell.facts.get("free_threaded_as_release"):
        tags += [tag for tag in of_release if tag.endswith("t")]
    return sorted_pythons(map(python_version, tags))


def _tags_of_release(facts: Facts, cell: WheelCell) -> list[str]:
    """Return the tags of the release's files for this system, else for Linux."""
    wanted = TAGS_FROM.get(cell.release, cell.release)
    for row in facts.table("torch_releases")["rows"]:
        if row["torch"] == wanted:
            tags = row["pypi_python_tags"]
            return list(tags.get(cell.system) or tags["linux_x86_64"])
    return []


Code = list[list[str]]  # [machine code, PTX]
CodeKey = tuple[str, str, str]  # release, variant, platform


def wheel_code(facts: Facts) -> dict[CodeKey, Code]:
    """Return machine code and PTX by release, variant and platform; measured beats derived."""
    table = facts.table("arch_lists")
    found = {_code_key(row): _split(row["arch_list"]) for row in table["rows"]}
    for row in table["measured_pypi"]:
        key = _code_key(row)
        found[key] = [_ordered(row["sm"]), found.get(key, [[], []])[1]]
    return found


def _code_key(row: dict[str, Any]) -> CodeKey:
    return row["torch"], row["variant"], PLATFORM_OF[row["platform"]]


def conda_code(facts: Facts) -> dict[tuple[str, str], Code]:
    """Return the machine code of the conda builds by release and CUDA."""
    # Single builds were misread (2.2.0 and 2.3.0, see the facts' conflicts), so the Pythons of one
    # release and CUDA are taken together.
    union: dict[tuple[str, str], set[str]] = {}
    for row in facts.table("arch_lists")["conda_linux64_binary_inspection"]:
        plain = {f"{sm[:-1]}.{sm[-1]}" for sm in row["sm"] if sm.isdigit()}
        union.setdefault((row["release"], row["cuda"]), set()).update(plain)
    return {key: [_ordered(found), []] for key, found in union.items() if found}


def _split(arch_list: str) -> Code:
    """Return machine code and PTX of a list such as `5.0;6.0+PTX`."""
    parts = arch_list.split(";")
    ptx = [part[: -len("+PTX")] for part in parts if part.endswith("+PTX")]
    return [_ordered(part.replace("+PTX", "") for part in parts), ptx]


def _ordered(capabilities: Iterable[str]) -> list[str]:
    return sorted(set(capabilities), key=numbers)


COLUMNS = [
    "release",
    "variant",
    "label",
    "source",
    "index",
    "page",
    "pythons",
    "architectures",
    "libc",
    "confidence",
    "evidence",
]
FLAT_PAGE = "torch_stable.html"
# Where the facts and the files disagree: the label the files carry, and how that is known.
CORRECTIONS = {("1.8.0", "cpu", "linux-x86_64"): "+cpu"}
CORRECTION_REASON = (
    "the file list of 2021-03-12 has torch-1.8.0+cpu-cp38-cp38-linux_x86_64.whl; "
    "the unlabelled 1.8.0 is the CUDA 10.2 build"
)


def wheels_table(facts: Facts, platform: str) -> dict[str, Any]:
    """Return the table of one platform's wheels."""
    mine = [cell for cell in cells(facts) if cell.platform == platform]
    mine.sort(key=lambda cell: sort_key(cell.release, cell.variant), reverse=True)
    shared = {name: SharedValues() for name in ("pythons", "architectures", "evidence")}
    code = wheel_code(facts)
    _have_code(facts, mine, code)
    rows = [_row(facts, cell, code, shared) for cell in mine if not cell.is_guess]
    return {
        **head("wheels", facts.sources("wheel_variants", "torch_releases", "arch_lists")),
        "platform": platform,
        "corrections": [_correction(key) for key in CORRECTIONS if key[2] == platform],
        "left_out": [_left_out(cell) for cell in mine if cell.is_guess],
        **{name: store.values for name, store in shared.items()},
        "columns": COLUMNS,
        "rows": rows,
    }


def _have_code(facts: Facts, mine: Iterable[WheelCell], code: dict[CodeKey, Code]) -> None:
    """Raise for a CUDA wheel of which nobody has said what GPUs it has code for."""
    open_ones = facts.table("arch_lists")["published_variants_without_row"]
    for cell in mine:
        name = f"{cell.release} {cell.variant} {cell.system}"
        known = (cell.release, cell.variant, cell.platform) in code or name in open_ones
        if not (known or cell.variant == "cpu" or cell.is_guess):
            raise FactsError(
                f"no code of {name}: a row of arch_lists, or its published_variants_without_row"
            )


def _row(
    facts: Facts, cell: WheelCell, code: dict[CodeKey, Code], shared: dict[str, SharedValues]
) -> list[Any]:
    """Return one wheel, in the order of the columns."""
    mine = code.get((cell.release, cell.variant, cell.platform))
    source, index, page = _location(cell)
    return [
        cell.release,
        cell.variant,
        _label(cell),
        source,
        index,
        page,
        shared["pythons"].place(pythons(facts, cell)),
        None if mine is None else shared["architectures"].place(mine),
        libc_of(cell.release, cell.variant, cell.platform, facts.corrections),
        cell.facts["confidence"],
        shared["evidence"].place("; ".join(cell.evidence)),
    ]


def _label(cell: WheelCell) -> str:
    """Return the local version label in the file names."""
    release = Version(cell.release)
    if _is_on_user_index(cell) or release < Version("1.2.0"):
        return ""
    if release > Version("1.8.0"):
        return f"+{cell.variant}"
    corrected = CORRECTIONS.get((cell.release, cell.variant, cell.platform))
    return corrected or str(cell.facts["local_label"] or "")


def _location(cell: WheelCell) -> tuple[str, str | None, str | None]:
    """Return the source, the index below the base, and the flat page of a wheel."""
    if _is_on_user_index(cell):
        return "user-index", None, None
    release = Version(cell.release)
    if release < Version("1.2.0"):
        # No label tells the variants apart, so each has a page of its own.
        return "pytorch-index", None, f"{cell.variant}/{FLAT_PAGE}"
    if release <= Version("1.8.0"):
        return "pytorch-index", None, FLAT_PAGE
    below = "lts/1.8/" if cell.release == "1.8.2" else ""
    return "pytorch-index", below + cell.variant, None


def _is_on_user_index(cell: WheelCell) -> bool:
    """Return whether the default package index serves this very wheel."""
    return cell.platform.startswith("macos") or cell.is_plain_only


def _correction(key: CodeKey) -> dict[str, str]:
    label = CORRECTIONS[key]
    return {"release": key[0], "variant": key[1], "label": label, "reason": CORRECTION_REASON}


def _left_out(cell: WheelCell) -> dict[str, str]:
    reason = "low confidence: " + "; ".join(cell.evidence)
    return {"release": cell.release, "variant": cell.variant, "reason": reason}


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
    """Raise where the Linux column differs from the wheel table."""
    for row in facts.table("wheel_variants")["rows"]:
        said = row["pypi_default_linux_x86_64"]
        measured = found.get(row["torch"], {}).get("linux-x86_64")
        if said != measured:
            raise FactsError(f"plain wheel of {row['torch']} on Linux: {said} or {measured}?")
