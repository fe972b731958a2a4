"""No English words inside Chinese sentences, whatever facts a note has."""

from __future__ import annotations

import gettext
import re
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Gpu, Host, Note, Request
from conda_cuda_guard.planner.matrix import make_matrix
from conda_cuda_guard.rendering import language
from conda_cuda_guard.rendering.messages import hint, message
from conda_cuda_guard.sources.builtin import from_catalogue
from tests.planner.machines import A100, GTX_1080, LINUX, NO_DRIVER, RTX_5090, ask
from tests.planner.test_legacy_recipes import RECIPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ENGLISH = re.compile(
    r"\b(the|of|for|and|or|is|are|was|with|by|no|not|from|channel|compute|capability|unknown|line"
    r"|driver|address|hash)\b"
)
# What torch prints is quoted as it is.
QUOTED = re.compile(r'"[^"]*"')
MACHINES = (A100, GTX_1080, RTX_5090, NO_DRIVER, Host(LINUX, "3.11", "418.10"))
REQUESTS = (
    ("pip", "torch==99"),
    ("pip", "torch==1.4"),
    ("pip", "torch==2.5.0 torchvision==0.19"),
    ("pip", "torch==2.9.0+cu130"),
    ("conda", "torch"),
    ("conda", "pytorch=2.1 cudatoolkit=11.3"),
    ("conda", "pytorch=99"),
    ("conda", "pytorch=2.1 python=3.13"),
)


@pytest.fixture(autouse=True)
def _chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    found = gettext.translation(language.DOMAIN, language.FOLDER, ["zh_CN"])
    monkeypatch.setattr(language, "_catalogue", lambda: found)


def english(notes: Iterable[Note]) -> Iterator[str]:
    """Yield the texts of notes that have English words."""
    for note in notes:
        for text in (message(note), hint(note)):
            if ENGLISH.search(QUOTED.sub("", text)):
                yield text


def test_notes_of_recipes() -> None:
    assert [text for recipe in RECIPES for text in english(recipe.plan().notes)] == []


@pytest.mark.parametrize("policy", ["auto", "strict"])
def test_notes_of_plans(policy: str) -> None:
    plans = [
        ask(manager, tuple(text.split()), host, policy=policy)
        for manager, text in REQUESTS
        for host in (*MACHINES, Host(LINUX, "3.11", "535.104.05", "12.2", (Gpu(None, "8.7"),)))
    ]
    assert [text for plan in plans for text in english(plan.notes)] == []


def test_reasons_of_the_matrix() -> None:
    known = catalogue.wheels(LINUX)
    for host in MACHINES:
        request = Request("pip", ("torch",), (host,))
        matrix = make_matrix(request, from_catalogue("pip", LINUX), known)
        cells = (cell for row in matrix.rows for cell in row.cells)
        assert [text for cell in cells for text in english(cell.reasons)] == []


def test_it_would_be_noticed() -> None:
    note = Note("gpu-not-covered", "error", "", {"build": "b", "gpu": "the GPU", "capability": "8"})
    assert list(english([note])) != []
