"""Runs of pip in which the family is constrained to builds that run here, and their report.

Used for lines that do not name the family and for lines that leave its versions open: pip chooses
among the builds that are admitted.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard import catalogue as built_in
from conda_cuda_guard.host.packages import find_set
from conda_cuda_guard.model import Note
from conda_cuda_guard.model.versions import Range, exactly, public_version
from conda_cuda_guard.planner.dependency_constraints import admissible_beside
from conda_cuda_guard.planner.installed import Kept, keep_installed, stays_unnamed
from conda_cuda_guard.planner.known_conflicts import (
    about_conflicts,
    conflict_notes,
    conflicts_present,
)
from conda_cuda_guard.planner.pip_sources import missing_options
from conda_cuda_guard.planner.requirement import LEAD, MEMBER
from conda_cuda_guard.planner.same_file import rivals_of_page
from conda_cuda_guard.rendering import note_lines
from conda_cuda_guard.rendering.language import translated
from conda_cuda_guard.rendering.output import err, trace
from pip_hook.deciding import circumstances, heard, problem_of, request_for
from pip_hook.files.file_requests import asked
from pip_hook.pip_settings import times
from pip_hook.rewriting import rewrite_line
from pip_hook.target import installed_torch, own_target, present_versions, takes_constraints

from .constraints import bounds_for
from .mending import mend, torn_by_run
from .spelt_bounds import SpeltBounds, spelt_bounds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.model import Catalogue, Installed, Plan, Sources
    from conda_cuda_guard.planner.problem import Problem
    from conda_cuda_guard.planner.requirement import Requirement
    from pip_hook.command_line import CommandLine
    from pip_hook.deciding import Circumstances, LineDecision

    from .constraints import Bounds

Run = Callable[[list[str]], int]


def bounded_run(line: CommandLine, run: Run) -> Callable[[], int]:
    """Return the function that carries out a line which does not name the family.

    `run` runs pip with an argument list and returns its exit status.
    """
    around = circumstances(line)
    if not _may_constrain(line, around):
        return partial(run, line.words)
    # Nobody named the lead: what is to be upgraded is something else.
    family = built_in.family()
    typed = asked([line.words[at] for at in line.requirements], around.files, around.hosts[0])
    texts = (family.lead.pip, *about_conflicts(typed.texts, family))
    request = replace(request_for(texts, line, around), upgrade=False)
    problem = problem_of(request)
    # Builds for another accelerator, or nightly ones: the line is left alone.
    is_left = any(one.is_left for one in problem.addresses)
    if is_left or not takes_constraints(line, around.settings, around.files):
        return partial(run, line.words)
    catalogue = heard(
        problem, line, around.overrides, own=_has_own(request.sources), every_member=True
    )
    bounds = bounds_for(
        request,
        catalogue,
        asked=not around.overrides.offline,
        target=own_target(line, around.settings),
        stays=stays_unnamed(problem, catalogue),
    )
    kept = bounds.kept
    others = spelt_bounds(
        line,
        problem,
        catalogue,
        settings=around.settings,
        files=around.files,
        lead=(kept.release, kept.cuda) if kept is not None else None,
    )
    at = 1 + (line.command_at or 0)
    words = [*line.words[:at], *bounds.options, *others.options, *line.words[at:]]
    there = request.installed
    ended = _Ended(line, around.settings, problem, catalogue, there, others=others)
    _tell_of_conflicts(bounds, problem)
    left = _left_by(there, bounds)
    moving = partial(_with_set, words, line, left, there, catalogue, named=False)
    return lambda: _run(run, moving(), bounds, ended)


def open_run(line: CommandLine, decision: LineDecision, run: Run) -> Callable[[], int]:
    """Return the function that carries out a line whose other packages may choose the version.

    The requirements stay as typed, and pip takes the planned build unless they ask for another.
    """
    lead = decision.catalogue.family.lead.pip
    problem = problem_of(decision.request)
    typed_leads = [one.text for one in problem.of(LEAD)] or [lead]
    others = about_conflicts(decision.request.requirements, decision.catalogue.family)
    followers = [one.text for one in problem.of(MEMBER) if _is_named_follower(one, problem)]
    bounded = partial(
        bounds_for,
        replace(decision.request, requirements=(*typed_leads, *followers, *others), origins=()),
        decision.catalogue,
        asked=True,
        target=own_target(line, decision.settings),
        stays=isinstance(keep_installed(problem, decision.catalogue), Kept),
    )
    typed = replace(decision.plan, pins=decision.open_pins)
    sources = [
        word
        for one in decision.plan.families
        for word in missing_options(one.index_urls, one.find_links, decision.request.sources)
    ]
    planned = decision.plan.packages.get(lead)
    beside = spelt_bounds(
        line,
        problem,
        decision.catalogue,
        settings=decision.settings,
        files=decision.files,
        lead=(planned, decision.plan.cuda) if planned is not None else None,
    )
    there, moved = decision.request.installed, _moved(decision.plan, problem)

    def words_with(bounds: Bounds) -> list[str]:
        options = [*decision.options, *bounds.options, *beside.options, *sources]
        return rewrite_line(line, typed, options, decision.in_files)

    narrow = wide = bounded(planned=decision.plan)
    by_index = problem.wish is not None and problem.wish.url is not None
    if by_index and decision.catalogue.files:
        wide = bounded(planned=None)

    def carry_out() -> int:
        bounds = _within_reach(narrow, wide, words_with, line)
        words = _with_set(words_with(bounds), line, moved, there, decision.catalogue, named=True)
        ended = _Ended(line, decision.settings, problem, decision.catalogue, there, planned, beside)
        return _run(run, words, bounds, ended)

    return carry_out


def _within_reach(
    narrow: Bounds, wide: Bounds, words_with: Callable[[Bounds], list[str]], line: CommandLine
) -> Bounds:
    """Return the bounds to the variant of an index in force, or `wide` where pip needs these.

    Such an index may be left over, and end before the release that another package asks for.
    """
    if not narrow.allowed or not wide.allowed or wide.allowed[0] in narrow.allowed:
        return narrow
    from .explain_failure import would_install  # late: it is rarely asked

    if would_install(words_with(narrow), line) is not None:
        return narrow
    return narrow if would_install(words_with(wide), line) is None else wide


def _is_named_follower(one: Requirement, problem: Problem) -> bool:
    return one.package in problem.family.followers and not one.origin.is_bound


def _tell_of_conflicts(bounds: Bounds, problem: Problem) -> None:
    """Warn before pip runs where what was typed does not work with the lead that stays."""
    if bounds.kept is None:
        return
    notes = conflict_notes(bounds.kept.release, problem)
    typed = [one for one in notes if one.case == "asked"]
    for text in note_lines(typed):
        err(text)


def _moved(plan: Plan, problem: Problem) -> tuple[str, ...]:
    """Return the companions of a plan that nobody named."""
    return tuple(
        name
        for name in problem.family.companions
        if name in plan.packages and name not in problem.companions
    )


def _left_by(there: Installed | None, bounds: Bounds) -> tuple[str, ...]:
    """Return the installed companions of a lead that may be replaced though nobody named it."""
    if there is None or bounds.kept is not None or not bounds.allowed:
        return ()
    moving = built_in.family().moving
    return tuple(one.name for one in there.beside if one.name in moving)


def _with_set(  # noqa: PLR0913
    words: list[str],
    line: CommandLine,
    moved: tuple[str, ...],
    there: Installed | None,
    catalogue: Catalogue,
    *,
    named: bool,
) -> list[str]:
    """Return pip's words with the companions that are to move with an installed lead.

    Which lead pip takes it alone knows, and not every companion says which one it belongs to: pip
    is asked first. `named`: the lead is to be replaced, and that was said.
    """
    if not moved:
        return words
    from .explain_failure import would_install  # late: it is rarely asked

    lead = catalogue.family.lead.pip
    taken = would_install(words, line) or {}
    version = taken.get(lead)
    if version is None or there is None:
        return [*words, *moved] if named else words
    if version == there.version:
        return words
    followers = [name for name in moved if name in catalogue.family.followers]
    beside = admissible_beside(version, (), catalogue, followers).versions
    taken_with = {name: beside[name][0] for name in moved if name in beside}
    if not named:
        facts = {
            "installed": f"{lead} {there.version}",
            "planned": f"{lead} {version}",
            "moved": ", ".join(f"{name}=={number}" for name, number in taken_with.items()),
        }
        note = Note("installed-set-moved", "info", "unfit", facts)
        err("\n".join(note_lines([note])))
    return [*words, *(name + exactly(number) for name, number in taken_with.items())]


def _has_own(sources: Sources) -> bool:
    """Return whether sources beside the default index are in force, which may have labels."""
    return bool(sources.index_urls or sources.find_links)


def _may_constrain(line: CommandLine, around: Circumstances) -> bool:
    if around.overrides.as_is or not _installs_something(line, around):
        return False
    # On macOS there is one build: nothing to constrain.
    return not around.hosts[0].platform.startswith("macos")


def _installs_something(line: CommandLine, around: Circumstances) -> bool:
    # pip alone reads groups and files at URLs: what they depend on is constrained too.
    unread = line.values("--group") or line.values("--requirement")
    named = line.requirements or line.values("--editable") or unread
    return bool(named or around.files.roots or around.settings.get("group"))


@dataclass(frozen=True)
class _Ended:
    """What the end of a run is judged by: what was there `before`, and what was `planned`.

    `others` are the bounds on other families.
    """

    line: CommandLine
    settings: Mapping[str, str]
    problem: Problem
    catalogue: Catalogue
    before: Installed | None
    planned: str | None = None
    others: SpeltBounds = field(default_factory=SpeltBounds)

    @property
    def target(self) -> str:
        """The folder that is installed into in the place of an environment; empty for none."""
        return (self.line.values("--target") or [self.settings.get("target", "")])[-1]

    def find(self) -> Installed | None:
        """Return the lead that an install left there."""
        if self.line.command != "install":
            return None
        if self.target:
            return find_set([self.target], self.catalogue.family)
        return installed_torch(self.line, self.settings)

    def came_in(self, after: Installed | None, notes: tuple[Note, ...]) -> list[str]:
        """Return the lines about the lead that is there now, where it is not what was announced."""
        if times(self.line, self.settings, "quiet") or self.target:
            return []
        before, planned = self.before, self.planned
        if after is not None and after == before and set(after.beside) != set(before.beside):
            kept = [note for note in notes if note.code == "installed-cuda-build-kept"]
            return note_lines(kept)
        if after is None or after == before or after.version == planned:
            return []
        held = [note for note in notes if note.code == "held-back"]
        told = translated("pipcuda: {package} {version} was installed as a dependency of {names}")
        if planned is not None:
            told = translated(
                "pipcuda: {package} {version} was installed: other packages of the request ask for "
                "it ({names})"
            )
        family = self.catalogue.family
        names = ", ".join(self._asking(after)) or translated("another package")
        told = told.format(package=family.lead.pip, version=after.version, names=names)
        present = present_versions(self.line, self.settings)
        broken = conflicts_present(after.release, present, family)
        # The lead's version in sources that pip prefers to the page of ours.
        rivals = rivals_of_page({family.lead.pip: after.version}, self.problem, self.catalogue)
        notes = (*(held if planned is None else ()), *rivals, *broken)
        return [told, *note_lines(notes)]

    def _asking(self, after: Installed) -> list[str]:
        """Return the packages that came with a lead and ask for it, companions for want of others.

        Those that another version would do for as well have no part in which one it is.
        """
        before = self.before.beside if self.before is not None else ()
        new = [one for one in after.beside if one not in before]
        others = [one for one in new if one.name not in self.catalogue.family.companions]
        instead = self.planned and public_version(self.planned)
        strict = [
            one
            for one in others
            if instead and any(instead not in Range((need,)) for need in one.needs)
        ]
        return [one.name for one in strict or others or new]


def _run(run: Run, words: list[str], bounds: Bounds, ended: _Ended) -> int:
    """Run pip, mend a torn set, print what came in or why pip failed; return the exit status."""
    before = ended.find() if ended.target else ended.before
    status = run(words)
    told: list[str] = []
    try:
        if status:
            told = _explained(ended.line, bounds)
        else:
            after = ended.find()
            torn = torn_by_run(before, after, ended.catalogue)
            options = (*bounds.options, *ended.others.options)
            status = mend(torn, after, ended.line, options, run)
            told = [*ended.came_in(after, bounds.notes), *ended.others.told()]
    except Exception as error:  # noqa: BLE001 - pip is done, and its exit status stands
        trace(error)
    for text in told:
        err(text)
    return status


def _explained(line: CommandLine, bounds: Bounds) -> list[str]:
    from .explain_failure import explain  # late: not needed where pip succeeds

    return explain(line, bounds)
