"""docs/notes.md lists every code and case of a note, and no other."""

from __future__ import annotations

import re
from collections import Counter

from conda_cuda_guard.rendering.messages import WORDS

from .translatable import ROOT

ROW = re.compile(r"^\| (?:`([a-z-]+)`)? ?\| ((?:`[a-z-]+`(?:, )?)+) \| (.+) \| (.+) \|$")


def rows() -> list[tuple[str, str]]:
    """Return the code and case of every row; a row without a code goes on with the one above."""
    found, code = [], ""
    for line in (ROOT / "docs" / "notes.md").read_text(encoding="utf-8").splitlines():
        row = ROW.match(line)
        if row:
            code = row[1] or code
            found += [
                (code, "" if case == "-" else case) for case in re.findall(r"`([a-z-]+)`", row[2])
            ]
    return found


def test_every_code_and_case_has_a_row_with_its_meaning_and_cure() -> None:
    assert sorted(set(WORDS) - set(rows())) == []
    assert sorted(set(rows()) - set(WORDS)) == []


def test_no_row_is_there_twice() -> None:
    assert [row for row, number in Counter(rows()).items() if number > 1] == []
