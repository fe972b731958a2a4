"""wheels-<platform>.json: which wheels there are, where, and under which label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.version import Version

from .architectures import wheel_code
from .cells import cells, pythons
from .tables import Shared, head, newest_first

if TYPE_CHECKING:
    from .architectures import Code, Key
    from .cells import Cell
    from .facts import Facts

COLUMNS = [
    "release",
    "variant",
    "label",
    "source",
    "index",
    "page",
    "pythons",
    "architectures",
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
    mine.sort(key=lambda cell: newest_first(cell.release, cell.variant), reverse=True)
    shared = {name: Shared() for name in ("pythons", "architectures", "evidence")}
    code = wheel_code(facts)
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


def _row(facts: Facts, cell: Cell, code: dict[Key, Code], shared: dict[str, Shared]) -> list[Any]:
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
        cell.facts["confidence"],
        shared["evidence"].place("; ".join(cell.evidence)),
    ]


def _label(cell: Cell) -> str:
    """Return the local version label in the file names."""
    release = Version(cell.release)
    if _is_on_user_index(cell) or release < Version("1.2.0"):
        return ""
    if release > Version("1.8.0"):
        return f"+{cell.variant}"
    corrected = CORRECTIONS.get((cell.release, cell.variant, cell.platform))
    return corrected or str(cell.facts["local_label"] or "")


def _location(cell: Cell) -> tuple[str, str | None, str | None]:
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


def _is_on_user_index(cell: Cell) -> bool:
    """Whether the default package index serves this very wheel."""
    return cell.platform.startswith("macos") or cell.is_plain_only


def _correction(key: Key) -> dict[str, str]:
    label = CORRECTIONS[key]
    return {"release": key[0], "variant": key[1], "label": label, "reason": CORRECTION_REASON}


def _left_out(cell: Cell) -> dict[str, str]:
    reason = "low confidence: " + "; ".join(cell.evidence)
    return {"release": cell.release, "variant": cell.variant, "reason": reason}
