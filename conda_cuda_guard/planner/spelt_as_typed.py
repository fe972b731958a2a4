"""What pip takes of a spelt family where the request is left as typed, and whether it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model.versions import version

from .check_specs import warnings_of
from .spelt_candidates import candidates_of, judge_spelt

if TYPE_CHECKING:
    from conda_cuda_guard.model import Note

    from .spelt_candidates import Candidate
    from .spelt_question import Question


def warnings_as_typed(question: Question) -> tuple[Note, ...]:
    """Return what is wrong with the build that pip takes for what was typed, if it is known."""
    one = _taken(question)
    if one is None or one.build.cuda is None or not question.problem.with_driver:
        return ()
    name = one.build.distribution(question.typed[0].stem)
    build = f"{name} {one.release}".strip()
    return warnings_of(judge_spelt(one, question), build, question.problem)


def _taken(question: Question) -> Candidate | None:
    """Return the build with the newest release that has the name and the extra which were typed."""
    if not question.typed:
        return None
    ask = question.typed[0]
    found = [
        one
        for one in candidates_of(question)
        if one.build.distribution(ask.stem) == ask.package
        and not (one.build.index or one.build.page)
        and (one.build in ask.named if ask.choosing else not one.build.extra)
    ]
    return max(found, key=lambda one: version(one.release or "0"), default=None)
