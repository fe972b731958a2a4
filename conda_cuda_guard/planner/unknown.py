"""Packages of a request of which nothing is known, and names that no build has: `cupy-cuda14x`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import TYPED, Note

from .pip_parse import name_of
from .requirement import OTHER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Catalogue, Family

    from .problem import Problem


def unknown_packages(problem: Problem, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the names on a line that are in no family: whether they depend on CUDA is not known.

    Files and addresses are left out, and constraints, which ask for nothing.
    """
    family = problem.family
    if problem.is_pip:
        known = {
            *family.pip_names,
            *family.libraries,
            *_planned_beside(catalogue),
            *catalogue.spelt.beside,
        }
    else:
        others = (name for one in catalogue.on_conda for name in one.names)
        known = {*family.by_conda_name, *others}
    typed = (o for o in problem.requirements if o.kind == OTHER and not o.origin.is_bound)
    if problem.is_pip:
        names = (name_of(one.text) for one in typed if not one.text.endswith(".whl"))
    else:
        names = (one.bare_name.lower() for one in typed)
    return tuple(dict.fromkeys(one for one in names if one and one not in known))


def off_conda_asked(problem: Problem, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the names in a conda request that only pip knows, as far as is known."""
    unknown = unknown_packages(problem, catalogue)
    return tuple(name for name in unknown if name in catalogue.off_conda)


def not_on_conda(off_conda: Iterable[str], catalogue: Catalogue) -> Note | None:
    """Return the note on names that only pip knows (`off_conda_asked`); None without any.

    A channel in force that was asked may have one all the same.
    """
    there = {name for answer in catalogue.listed for name, _, _ in answer.packages}
    names = [one for one in off_conda if one not in there]
    facts = {"packages": " ".join(names)}
    return Note("not-on-conda", "warning", "", facts) if names else None


def concerns_others(problem: Problem, catalogue: Catalogue) -> bool:
    """Return whether a request, or what is installed, has a package beside the lead's family."""
    there = problem.request.installed
    if there is not None and there.beside:
        return True
    others = _planned_beside(catalogue)
    return any(name_of(one.text) in others for one in problem.requirements)


def _planned_beside(catalogue: Catalogue) -> set[str]:
    """Return the names on pip of all families beside the lead's that are planned."""
    return {*catalogue.spelt.makers, *catalogue.built.makers}


def names_of_conda(names: Iterable[str], family: Family) -> tuple[Note, ...]:
    """Return notes on names that are conda's (`pytorch`, `cudatoolkit`), typed for pip."""
    conda, lead = family.conda, family.lead.pip
    found = []
    for name in names:
        known = conda.other_names.get(name)
        if known is not None or name == family.lead.conda:
            facts = {"name": name, "package": known.package if known is not None else lead}
            found.append(Note("name-is-of-conda", "warning", "package", facts))
        elif name in conda.selectors:
            found.append(Note("name-is-of-conda", "warning", "", {"name": name, "package": lead}))
    return tuple(found)


def unknown_builds(
    names: Iterable[str], problem: Problem, catalogue: Catalogue
) -> tuple[Note, ...]:
    """Return notes on names that are spelt like a family's builds, of which nothing is known."""
    # Late: most names are not.
    from .spelt import decide_spelt
    from .spelt_parse import Ask
    from .spelt_question import SpeltChoice, SpeltQuestion

    found = []
    for name in names:
        stem = catalogue.spelt.stem_like(name)
        family = catalogue.spelt.named(stem) if stem is not None else None
        if stem is None or family is None:
            continue
        facts = {"asked": name, "family": stem}
        ask = Ask(0, stem, family, stem, stem, TYPED)
        choice = decide_spelt(SpeltQuestion(family, (ask,), problem, catalogue))
        if isinstance(choice, SpeltChoice) and choice.cuda:
            facts["near"] = choice.texts[0]
        found.append(Note("family-unknown", "warning", "name", facts))
    return tuple(found)
