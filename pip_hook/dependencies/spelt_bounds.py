"""Constraints for a run of pip on other families that its packages may depend on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard.planner.pip_parse import name_of
from conda_cuda_guard.planner.spelt_dependencies import SpeltBound, bounds_on_spelt, came_in
from conda_cuda_guard.rendering import note_lines
from pip_hook.files.file_roots import constraints_option
from pip_hook.pip_settings import times
from pip_hook.target import versions_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.model import Catalogue
    from conda_cuda_guard.planner.problem import Problem
    from pip_hook.command_line import CommandLine
    from pip_hook.deciding import LineDecision
    from pip_hook.files.file_roots import Files


@dataclass(frozen=True)
class SpeltBounds:
    """The bounds on other families in a run, and what is there of them before it.

    `now` returns what is there of them.
    """

    bounds: tuple[SpeltBound, ...] = ()
    before: Mapping[str, str] = field(default_factory=dict)
    now: Callable[[], Mapping[str, str]] = dict

    @property
    def options(self) -> tuple[str, ...]:
        """The options for pip."""
        lines = [one.constraint for one in self.bounds]
        return constraints_option(lines) if lines else ()

    def told(self) -> list[str]:
        """Return the notes after the run: on dependencies that were installed and held back."""
        return note_lines(came_in(self.bounds, self.before, self.now())) if self.bounds else []


def bounds_beside(line: CommandLine, decision: LineDecision) -> SpeltBounds:
    """Return the bounds on the families that a line does not name, beside what is planned."""
    return spelt_bounds(
        line,
        decision.problem,
        decision.catalogue,
        settings=decision.settings,
        files=decision.files,
        lead=decision.lead,
    )


def spelt_bounds(  # noqa: PLR0913
    line: CommandLine,
    problem: Problem,
    catalogue: Catalogue,
    *,
    settings: Mapping[str, str],
    files: Files,
    lead: tuple[str, str | None] | None,
) -> SpeltBounds:
    """Return the bounds on the families that a line, its files and their constraints do not name.

    `lead` is the release of the lead that stays or is planned, with its CUDA version.
    """
    if not problem.with_driver or problem.request.cpu:
        return SpeltBounds()
    typed = [line.words[at] for at in line.requirements]
    lines = (files.requirement_lines(constraints=some) for some in (False, True))
    texts = (*typed, *(one.requirement for some in lines for one in some))
    there = partial(versions_of, catalogue.spelt.ranged, line, settings)
    now = there if line.command == "install" else dict
    before = now()
    bounds = bounds_on_spelt(
        problem, catalogue, named={name_of(text) for text in texts}, present=before, lead=lead
    )
    quiet = line.command != "install" or times(line, settings, "quiet")
    return SpeltBounds(bounds, before, dict if quiet else now)
