"""The count of what tests reach: what is left out of it says why, and a lack is named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.coverage import OURS, TESTS, WHOLE, lacks, rooms
from tests.support.tools import REPO_ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRAGMA = re.compile(r"#\s*pragma:?\s*no\s*(?:cover|branch)(?P<rest>.*)", re.IGNORECASE)
_REASON = re.compile(r" - \w.{10,}")
_MOST = 20


def _pragmas() -> Iterator[tuple[str, str]]:
    for room in OURS:
        for path in sorted((REPO_ROOT / room).rglob("*.py")):
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                found = _PRAGMA.search(line)
                if found:
                    yield f"{path.relative_to(REPO_ROOT)}:{number}", found["rest"]


def test_what_is_not_counted_says_why_on_its_line() -> None:
    found = dict(_pragmas())
    assert [place for place, rest in found.items() if not _REASON.match(rest)] == []
    assert len(found) <= _MOST


@pytest.mark.parametrize("place", [*TESTS, *(one for places in WHOLE.values() for one in places)])
def test_what_is_to_be_reached_is_there(place: str) -> None:
    assert (REPO_ROOT / place).exists()


def _told(lines: list[int], branches: list[list[int]], reached: int) -> dict[str, Any]:
    summary = {
        "covered_lines": reached,
        "num_statements": reached + len(lines),
        "covered_branches": 0,
        "num_branches": len(branches),
    }
    return {"missing_lines": lines, "missing_branches": branches, "summary": summary}


def test_a_lack_is_named_with_its_lines() -> None:
    files = {
        "conda_cuda_guard/planner/whole.py": _told([], [], 10),
        "conda_cuda_guard/planner/short.py": _told([7], [[3, 9]], 8),
        "pip_hook/deciding.py": _told([1], [], 9),
    }
    (line,) = lacks(files)
    assert "planner/short.py" in line
    assert line.endswith("7, 3->9")
    assert [one.split() for one in rooms(files)] == [
        ["conda_cuda_guard/planner", "90.00", "%"],
        ["pip_hook", "90.00", "%"],
    ]
