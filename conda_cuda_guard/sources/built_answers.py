"""Asking for the files of packages that are built against the lead, before they are planned."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conda_cuda_guard.model import Answer, Question
from conda_cuda_guard.planner.built_places import places_in_question

from .dead_places import cannot_be_had, with_dead
from .own_supply import unreachable_notes

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue
    from conda_cuda_guard.planner.problem import Problem

    from .listening import AskIndex

# Each round may show that a file is not there, and another is planned.
_ROUNDS = 6


def with_built_files(problem: Problem, catalogue: Catalogue, ask: AskIndex) -> Catalogue:
    """Return what exists with what the pages and files in question were heard to have.

    What does not answer in time is believed to be as the data says; what cannot be had is left out.
    """
    told: dict[str, None] = {}
    silent: dict[str, Answer] = {}  # of a server that does not answer one is enough
    for _ in range(_ROUNDS):
        places = [one for one in places_in_question(problem, catalogue) if one not in told]
        if not places:
            break
        told.update(dict.fromkeys(places))
        heard, dead = dict(catalogue.heard_of_built), list[Answer]()
        for answer in ask(tuple(Question(place, place, flat=True) for place in places)):
            if answer.problem in ("", "absent"):
                heard[answer.question.url] = answer.wheels
            elif cannot_be_had(answer):
                dead.append(answer)
            else:
                silent.setdefault(urlsplit(answer.question.url).netloc, answer)
        catalogue = with_dead(replace(catalogue, heard_of_built=heard), dead)
    told_before = {note.facts.get("index") for note in catalogue.notes}
    new = [n for n in unreachable_notes(silent.values()) if n.facts["index"] not in told_before]
    return replace(catalogue, notes=(*catalogue.notes, *new))
