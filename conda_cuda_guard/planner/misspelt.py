"""Names that are spelt like a family's builds, and that no build has: `cupy-cuda14x`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import TYPED, Note

from .spelt import decide_spelt
from .spelt_parse import Ask
from .spelt_question import Question, SpeltChoice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Catalogue

    from .problem import Problem


def unknown_builds(
    names: Iterable[str], problem: Problem, catalogue: Catalogue
) -> tuple[Note, ...]:
    """Return notes on names that are spelt like a family's builds, of which nothing is known."""
    found = []
    for name in names:
        stem = catalogue.spelt.stem_like(name)
        family = catalogue.spelt.named(stem) if stem is not None else None
        if stem is None or family is None:
            continue
        facts = {"asked": name, "family": stem}
        ask = Ask(0, stem, family, stem, stem, TYPED)
        choice = decide_spelt(Question(family, (ask,), problem, catalogue))
        if isinstance(choice, SpeltChoice) and choice.cuda:
            facts["near"] = choice.texts[0]
        found.append(Note("family-unknown", "warning", "name", facts))
    return tuple(found)
