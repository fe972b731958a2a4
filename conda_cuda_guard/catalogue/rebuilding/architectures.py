"""The GPU code inside wheels and conda builds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .facts import PLATFORM_OF, numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .facts import Facts

Code = list[list[str]]  # [machine code, PTX]
Key = tuple[str, str, str]  # release, variant, platform


def wheel_code(facts: Facts) -> dict[Key, Code]:
    """Return machine code and PTX by release, variant and platform; measured beats derived."""
    table = facts.table("arch_lists")
    found = {
        (row["torch"], row["variant"], PLATFORM_OF[row["platform"]]): _split(row["arch_list"])
        for row in table["rows"]
    }
    for row in table["measured_pypi"]:
        key = (row["torch"], row["variant"], PLATFORM_OF[row["platform"]])
        found[key] = [_ordered(row["sm"]), found.get(key, [[], []])[1]]
    return found


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
    """Take `5.0;6.0+PTX` apart."""
    parts = arch_list.split(";")
    ptx = [part[: -len("+PTX")] for part in parts if part.endswith("+PTX")]
    return [_ordered(part.replace("+PTX", "") for part in parts), ptx]


def _ordered(capabilities: Iterable[str]) -> list[str]:
    return sorted(set(capabilities), key=numbers)
