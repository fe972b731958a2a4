"""Whether another project's index in force has packages of families with own indexes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Question
from conda_cuda_guard.planner.address_kind import PROJECT, VARIANT_FOLDER
from conda_cuda_guard.planner.spelt_parse import read_asks

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue
    from conda_cuda_guard.planner.problem import Problem

    from .listening import AskIndex


def with_served(problem: Problem, catalogue: Catalogue, ask: AskIndex) -> Catalogue:
    """Return what exists with the packages that a project's index in force has a page of.

    Only an index of one variant is asked: one of a company has a page of everything.
    """
    indexes = [
        one.url
        for one in problem.addresses
        if VARIANT_FOLDER.search(one.url)
        and (one.kind == PROJECT or one.url in catalogue.foreign)
        and one.url not in problem.request.sources.find_links
    ]
    asks = read_asks(problem, catalogue.spelt) if indexes else ()
    named = {one.package for one in asks if any(build.index for build in one.family.builds)}
    questions = tuple(
        Question(url, f"{url.rstrip('/')}/{name}/", name)
        for url in indexes
        for name in sorted(named)
    )
    if not questions:
        return catalogue
    found = {one.question.package: one.question.source for one in ask(questions) if not one.problem}
    return replace(catalogue, served=found)
