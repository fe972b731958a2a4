"""Constraints for a run of pip: a constraints file, and a page of the admitted files."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING

from conda_cuda_guard.model.versions import cuda_major, public_version
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.dependency_constraints import (
    admissible,
    admissible_around,
    admissible_beside,
    held_back,
    releases_of,
    runs_with,
)
from conda_cuda_guard.planner.installed import kept_for_the_cpu
from conda_cuda_guard.planner.lead_bounds import bounds_told, conflict_bounds
from conda_cuda_guard.planner.pip_sources import missing_options
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.planner.same_file import rivals_of_page
from conda_cuda_guard.sources.builtin import from_catalogue
from conda_cuda_guard.sources.own_supply import plain_wheels_of
from pip_hook.dead_sources import without_dead
from pip_hook.deciding import asks_for_others
from pip_hook.files.file_roots import constraints_option, keep_private
from pip_hook.rewriting import rewrite_line
from pip_hook.target import takes_constraints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.model import Catalogue, Installed, Note, Plan, Request, Wheel
    from conda_cuda_guard.planner.dependency_constraints import Admissible
    from conda_cuda_guard.planner.problem import Problem
    from pip_hook.command_line import CommandLine
    from pip_hook.deciding import LineDecision

# A version that no index has; pip's message shows it as the reason.
_NOTHING = "0+nothing.runs.here"

# A platform and a Python.
Target = tuple[str, str]


@dataclass(frozen=True)
class Bounds:
    """Options for pip that constrain a family, and what they are based on.

    `lead` is the family's deciding package, `allowed` its versions that may be installed, `newest`
    the newest of those (None: none runs here), `kept` the installed one that stays; `notes` say why
    nothing runs here, or why the newest release is not admitted. `known` are the bounds on what the
    family is known not to work with. `beside` maps its other packages to the versions that may be
    installed, `at_most` those that nobody named to the newest that goes with the lead, and
    `unreachable` is the wheel index that cannot be asked for them. `cuda` is the major version that
    builds are held to for other families on the line, empty for none. `is_planned`: which version
    of the lead it will be was said before the run.
    """

    options: tuple[str, ...]
    lead: str
    newest: str | None = None
    allowed: tuple[str, ...] = ()
    kept: Installed | None = None
    notes: tuple[Note, ...] = ()
    known: tuple[str, ...] = ()
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    at_most: Mapping[str, str] = field(default_factory=dict)
    unreachable: str = ""
    cuda: str = ""
    is_planned: bool = False


def bounds_for(  # noqa: PLR0913
    request: Request,
    catalogue: Catalogue,
    *,
    asked: bool,
    target: Target | None = None,
    planned: Plan | None = None,
    stays: bool = False,
    beside: str | None = None,
) -> Bounds:
    """Return the bounds for the family's packages that a run of pip may install.

    `request` is for the lead alone. `target` is the platform and Python that pip takes files for,
    where known. `planned` is the plan of a line that names the lead and leaves its version open: a
    variant that it names is the only one admitted, and the planned one goes before others. What is
    installed is kept where it `stays`. `beside` is the CUDA version of other families on the line.

    Where the wheel index is slow, or was not `asked`, the planned build is pinned by its index;
    where the line does not name the family, plain wheels that run here are used instead.
    """
    problem = read_problem(request, catalogue)
    heard = bool(catalogue.files) or request.sources.no_index or bool(catalogue.unreachable)
    if target is not None:
        # pip reads every link of a page, which takes time.
        taker = replace(problem.hosts[0], platform=target[0], python=target[1])
        files = tuple(one for one in catalogue.files if one.is_for(taker))
        catalogue = replace(catalogue, files=files)
    there, slow, everything = request.installed, False, catalogue
    if there is not None and stays:
        bounds = _bounded(admissible_around(there, problem, catalogue), problem, catalogue, there)
        return replace(bounds, notes=kept_for_the_cpu(there, problem))
    if not heard and planned is None and asked:
        # It is slow or has none, and the family was not named: nothing is to wait for it. What it
        # was not asked for says nothing of the plain wheels: these are the built-in catalogue's.
        index = request.sources.wheel_indexes[0].base
        known = replace(catalogue, builds=from_catalogue("pip", problem.platform).builds)
        catalogue, slow = plain_wheels_of(known, index), True
    elif not heard:
        return _by_index(_plan_without(request, catalogue), request, problem, catalogue)
    # What --variant says holds for a lead that is a dependency; an index may be there for them.
    wish = problem.wish if planned is not None or request.variant else None
    if planned is not None and wish is not None and not wish.grants(planned.cuda):
        wish = None
    if planned is None and wish is not None and not runs_with(wish, problem, catalogue):
        wish = None
    variant = planned.variant if planned is not None else None
    found = admissible(problem, catalogue, wish=wish, variant=variant, beside=beside)
    allowed = found.versions[problem.family.lead.pip]
    if allowed:
        bounds = _bounded(found, problem, catalogue, None, everything)
        wished = planned is None and wish is not None
        held = () if wished else held_back(allowed[0], problem, catalogue, slow=slow)
        major = str(cuda_major(beside)) if beside is not None else ""
        return replace(bounds, notes=(*catalogue.notes, *held), cuda=major)
    return _nothing(_plan_without(request, catalogue), problem)


def pinned_bounds(line: CommandLine, decision: LineDecision) -> Bounds:
    """Return the bounds on companions which a pinned line does not name, and on what conflicts."""
    catalogue = decision.catalogue
    lead = catalogue.family.lead.pip
    planned = decision.plan.packages.get(lead, "")
    if not _takes_bounds(line, decision):
        return Bounds((), lead, planned, (planned,))
    found = admissible_beside(planned, decision.plan.packages, catalogue)
    releases = releases_of(decision.plan.packages, catalogue)
    known = conflict_bounds(releases, decision.problem)
    lines = [*found.lines(decision.problem, catalogue), *known]
    return Bounds(
        constraints_option(lines) if lines else (),
        lead,
        planned,
        (planned,),
        known=known,
        beside=found.versions,
        at_most=found.at_most,
        is_planned=True,
    )


def notes_of(line: CommandLine, decision: LineDecision) -> tuple[Note, ...]:
    """Return what is to be said of the bounds of a run, beside the notes of its plan."""
    if decision.plan.status == "refused" or not _takes_bounds(line, decision):
        return ()
    plan, problem, catalogue = decision.plan, decision.problem, decision.catalogue
    releases = releases_of(plan.packages, catalogue)
    told = rivals_of_page(plan.packages, problem, catalogue) if decision.is_open else ()
    before = {note.facts.get("files") for note in plan.notes}
    told = tuple(note for note in told if note.facts["files"] not in before)
    return (*told, *bounds_told(releases[0], problem)) if releases else told


def for_this_run(line: CommandLine, decision: LineDecision) -> CommandLine:
    """Return a decided line as it is carried out: with copies of files, without dead sources."""
    if decision.files.roots:
        from pip_hook.files.file_edits import use_copies  # late: most lines name no file

        use_copies(line, decision)
    return without_dead(line, decision.dead, decision.settings)


def words_of(line: CommandLine, decision: LineDecision, *, bounded: bool = True) -> list[str]:
    """Return pip's argument list for a pinned line, unless `bounded` without our constraints."""
    plan, sources = decision.plan, decision.request.sources
    bounds: tuple[str, ...] = ()
    if bounded:
        bounds = (*pinned_bounds(line, decision).options, *_of_other_families(line, decision))
    options = [
        *decision.options,
        *bounds,
        *missing_options(plan.index_urls, plan.find_links, sources),
    ]
    return rewrite_line(line, plan, options, decision.in_files)


def _of_other_families(line: CommandLine, decision: LineDecision) -> tuple[str, ...]:
    """Return the option that constrains the dependencies of packages beside a pinned lead."""
    if not _takes_bounds(line, decision):
        return ()
    if not asks_for_others(line, decision.problem, decision.files):
        return ()
    from .spelt_bounds import bounds_beside  # late: most lines ask for nothing else

    return bounds_beside(line, decision).options


def _takes_bounds(line: CommandLine, decision: LineDecision) -> bool:
    """Return whether a run may be given constraints beside what was typed."""
    as_is = decision.request.as_is
    return not as_is and takes_constraints(line, decision.settings, decision.files)


def _plan_without(request: Request, catalogue: Catalogue) -> Plan:
    return make_plan(replace(request, installed=None), catalogue)


def _bounded(
    found: Admissible,
    problem: Problem,
    catalogue: Catalogue,
    kept: Installed | None,
    everything: Catalogue | None = None,
) -> Bounds:
    """Return the bounds; labels of the sources in force are looked up in `everything` if given."""
    lead = problem.family.lead.pip
    allowed = found.versions[lead]
    known = conflict_bounds(map(public_version, allowed), problem)
    page = () if problem.request.sources.no_index else _page(found, catalogue)
    lines = [*found.lines(problem, everything or catalogue), *known]
    return Bounds(
        (*constraints_option(lines), *page),
        lead,
        allowed[0],
        allowed,
        kept,
        known=known,
        beside={name: one for name, one in found.versions.items() if name != lead},
        at_most=found.at_most,
        unreachable=catalogue.unreachable,
    )


def _nothing(plan: Plan, problem: Problem) -> Bounds:
    lead = problem.family.lead.pip
    return Bounds(constraints_option([f"{lead}=={_NOTHING}"]), lead, notes=plan.notes)


def _by_index(plan: Plan, request: Request, problem: Problem, catalogue: Catalogue) -> Bounds:
    """Return the bounds that pin the planned build by its index, whose files were not asked for."""
    lead = problem.family.lead.pip
    planned = plan.packages.get(lead)
    if planned is None:
        return _nothing(plan, problem)
    options = missing_options(plan.index_urls, plan.find_links, request.sources)
    beside = admissible_beside(planned, (), catalogue)
    known = conflict_bounds([public_version(planned)], problem)
    lines = [f"{lead}=={planned}", *beside.lines(problem, catalogue), *known]
    return Bounds((*constraints_option(lines), *options), lead, planned, (planned,), known=known)


def _page(found: Admissible, catalogue: Catalogue) -> tuple[str, ...]:
    """Write a page of the admitted files and return its option.

    An index in its place would serve other packages too.
    """
    links = [
        _link(wheel)
        for wheel in catalogue.files
        if not wheel.yanked and wheel.version in found.versions.get(wheel.package, ())
    ]
    if not links:
        return ()
    title = escape(catalogue.family.name)
    text = "\n".join([f"<!doctype html><meta charset=utf-8><title>{title}</title>", *links, ""])
    return ("--find-links", keep_private("what-runs-here.html", text.encode()))


def _link(wheel: Wheel) -> str:
    metadata = f' data-core-metadata="{escape(wheel.metadata)}"' if wheel.metadata else ""
    name = escape(wheel.url.rpartition("/")[2])
    return f'<a href="{escape(wheel.address)}"{metadata}>{name}</a><br>'
