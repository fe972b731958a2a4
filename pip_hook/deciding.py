"""Decisions for a pip command line: the request it makes, what exists for it, the plan."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.host.assemble import machines, require_same
from conda_cuda_guard.host.overrides import read_options, read_overrides
from conda_cuda_guard.model import (
    Origin,
    Request,
)
from conda_cuda_guard.model.host import this_platform
from conda_cuda_guard.planner.pip_parse import name_of
from conda_cuda_guard.planner.pip_sources import missing_options
from conda_cuda_guard.planner.pipeline import plan_problem
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.planner.requirement import ADDRESS, LEAD, MEMBER
from conda_cuda_guard.planner.unknown import concerns_others
from conda_cuda_guard.sources.builtin import from_catalogue
from conda_cuda_guard.sources.gathering import gather_for
from conda_cuda_guard.sources.index_questions import packages_of
from pip_hook.files.family_names import is_built
from pip_hook.files.file_requests import asked, check_hashes, pins
from pip_hook.files.file_roots import Files, read_files
from pip_hook.sources_in_force import asker, read_sources

from . import target
from .command_line import as_install, installer_of
from .dead_sources import DeadSources, without_options
from .pip_settings import is_set
from .pip_settings import settings as pip_settings
from .rewriting import rewrite_line
from .target import (
    checks_hashes,
    installed_torch,
    present_versions,
    takes_constraints,
    target_libc,
    target_platform,
    target_python,
    wants_upgrade,
)
from .uv import uv_command

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.host.overrides import Overrides
    from conda_cuda_guard.model import Catalogue, Host, Plan
    from conda_cuda_guard.planner.problem import Problem
    from pip_hook.files.file_requests import Asked
    from pip_hook.files.requirement_file import RequirementLine

    from .command_line import CommandLine


@dataclass(frozen=True)
class LineDecision:
    """A plan for a command line, with the request that it answers and what was read of it.

    `catalogue` is what the plan was made from. `options` are further options for pip, which select
    another machine's files for `pip download`. `files` are the requirement files that were read,
    `pins` the new texts of their `lines`, whose requirements are the last ones of the request.
    `is_open`: the line asks for packages beside the family, whose dependencies may choose among the
    family's versions; `open_pins` are then the texts of its requirements.
    """

    problem: Problem
    catalogue: Catalogue
    plan: Plan
    settings: Mapping[str, str]
    options: tuple[str, ...] = ()
    files: Files = field(default_factory=Files)
    pins: tuple[tuple[RequirementLine, str], ...] = ()
    lines: tuple[RequirementLine, ...] = ()
    is_open: bool = False
    open_pins: tuple[str, ...] = ()

    @property
    def request(self) -> Request:
        """The request that is answered."""
        return self.problem.request

    @property
    def dead(self) -> DeadSources:
        """The sources of families that cannot be had now."""
        return DeadSources.of(self.catalogue, self.request.sources)

    @property
    def in_files(self) -> int:
        """The number of requirements that files have."""
        return len(self.lines)

    @property
    def lead(self) -> tuple[str, str | None] | None:
        """The planned version of the family's lead with its CUDA version; None without one."""
        planned = self.plan.packages.get(self.problem.family.lead.pip)
        return None if planned is None else (planned, self.plan.cuda)


@dataclass(frozen=True)
class Circumstances:
    """The context of a command line: overrides, pip's settings, machines, requirement files."""

    overrides: Overrides
    settings: Mapping[str, str]
    hosts: tuple[Host, ...]
    files: Files


def circumstances(line: CommandLine, *, installing: bool = True) -> Circumstances:
    """Return the context of a line: overrides, settings, machines, requirement files."""
    overrides = read_overrides(read_options(line.guard), os.environ)
    isolated = bool(line.count("--isolated"))
    settings = pip_settings(line.command or "install", isolated=isolated)
    platform = target_platform(line, settings)
    hosts = machines(
        overrides, platform, target_python(line, settings), target_libc(line, settings)
    )
    if installing and line.command != "download":
        require_same(hosts, platform)
    return Circumstances(overrides, settings, hosts, read_files(line, settings) or Files())


def request_for(
    texts: tuple[str, ...],
    line: CommandLine,
    around: Circumstances,
    origins: tuple[Origin, ...] = (),
) -> Request:
    """Return the request for these requirements in the circumstances of a line."""
    overrides, settings = around.overrides, around.settings
    return Request(
        manager="pip",
        requirements=texts,
        hosts=around.hosts,
        policy=overrides.policy or "auto",
        sources=read_sources(line, settings, overrides, around.files),
        cpu=bool(overrides.cpu),
        variant=overrides.variant,
        as_is=bool(overrides.as_is),
        origins=origins,
        installed=installed_torch(line, settings) if _counts(line, texts, around) else None,
        upgrade=wants_upgrade(line, settings),
        present=present_versions(line, settings) if line.command == "install" else {},
        closed=checks_hashes(line, settings, around.files),
        variants_by="uv" if installer_of(line) == "uv" else "",
        no_deps=is_set(line, settings, "no-deps"),
    )


def _counts(line: CommandLine, texts: tuple[str, ...], around: Circumstances) -> bool:
    """Return whether what is installed counts: for an install, and a plan of what is built for it.

    A plan of the lead itself is made for an empty environment.
    """
    planned = line.command is None and any(map(is_built, texts))
    return line.command == "install" or (planned and around.hosts[0].platform == this_platform())


def heard(
    problem: Problem,
    line: CommandLine,
    overrides: Overrides,
    *,
    own: bool = True,
    packages: tuple[str, ...] = (),
) -> Catalogue:
    """Return what exists for a problem, from the indexes where they may be asked.

    Of `packages` it has all that these list; without any, what a plan rests on will do.
    """
    sources = problem.request.sources
    may_ask = not (overrides.offline or overrides.as_is) or sources.no_index
    ask = asker(line) if may_ask else None
    found = gather_for(problem, ask, own=own, packages=packages)
    if ask is None or not (concerns_others(problem, found) or _may_lie_apart(problem)):
        return found
    from conda_cuda_guard.sources.family_places import (  # late, as these are rare
        with_built_files,
        with_served,
        without_dead_places,
    )

    found = with_served(problem, with_built_files(problem, found, ask), ask)
    return found if sources.no_index else without_dead_places(problem, found, ask)


def _may_lie_apart(problem: Problem) -> bool:
    """Return whether a package is asked for that may lie in an index of its own."""
    followers = problem.family.followers
    named = (followers[one] for one in problem.companions if one in followers)
    return any(row.index for one in named for row in one.rows)


def every_member(problem: Problem) -> tuple[str, ...]:
    """Return all packages that are released with the lead, and its followers that are named."""
    return tuple(dict.fromkeys((*catalogue.family().own_names, *packages_of(problem))))


def problem_of(request: Request) -> Problem:
    """Return the problem of a pip request."""
    return read_problem(request, from_catalogue("pip", request.hosts[0].platform))


def leaves_open(line: CommandLine, problem: Problem, around: Circumstances) -> bool:
    """Return whether other packages of a line may constrain the family's versions.

    Not where a version was typed whole, in hash mode, or without dependencies.
    """
    request = problem.request
    if request.as_is or request.cpu or request.sources.locked or request.sources.no_index:
        return False
    if problem.of(ADDRESS) or not takes_constraints(line, around.settings, around.files):
        return False
    typed = [one for one in problem.asked if not one.origin.is_bound]
    if any(one.origin.kind == "package" for one in typed):
        return False  # it was not typed: it is there for what is built against it
    if any(one.origin.kind == "address" for one in problem.asked):
        return False  # it is to agree with a file of one variant
    if not typed or any(one.wish is not None or one.allows.is_exact for one in typed):
        return False
    return asks_for_others(line, problem, around.files)


def asks_for_others(line: CommandLine, problem: Problem, files: Files) -> bool:
    """Return whether a line asks for packages beside the lead's family."""
    others = bool(line.values("--editable") or files.have_others())
    return others or len(problem.requirements) > len(problem.asked)


def decide_line(line: CommandLine, *, installing: bool = True) -> LineDecision:
    """Return the decision for a command line, with the machine, sources and settings in force."""
    around = circumstances(line, installing=installing)
    hosts, files = around.hosts, around.files
    asks = asked([line.words[at] for at in line.requirements], files, hosts[0])
    request = request_for(asks.texts, line, around, asks.origins)
    if not request.variants_by and bool(line.command) == installing:  # an install, or its plan
        request = replace(request, variants_by="pipcuda")
    problem = problem_of(request)
    is_open = installing and leaves_open(line, problem, around)
    catalogue = heard(
        problem, line, around.overrides, packages=every_member(problem) if is_open else ()
    )
    fetching = line.command == "download"
    options = target.options_for(line, hosts[0], around.settings) if fetching else []
    in_files = len(asks.lines) if installing else 0

    def command(plan: Plan) -> tuple[str, ...]:
        # pip alone would take both names of what is renamed, takes no variant wheel, and builds
        # without the lead.
        fetches = has_variants(plan) and request.variants_by == "pipcuda"
        if fetches or plan.from_source or _renames(asks, plan):
            ours = [word for option in line.guard for word in option if word]
            words = list(line.words) if line.command else as_install(line.words)
            return ("pipcuda", *words, *ours)
        sources = missing_options(plan.index_urls, plan.find_links, request.sources)
        alive = without_options(line, DeadSources.of(catalogue, request.sources))
        words = rewrite_line(alive, plan, [*options, *sources], in_files)
        words = words if line.command else as_install(words)
        return uv_command(words) if has_variants(plan) else ("pip", *words)

    plan = plan_problem(problem, catalogue, command)
    check_hashes(asks, plan, catalogue.files)
    # Beside a package in an index of its own, pip could take another CUDA's of the same version.
    by_place = plan.find_links or plan.own_indexes or any(one.files for one in plan.families)
    is_open = is_open and bool(plan.packages)
    is_open = is_open and not (by_place or has_variants(plan) or plan.from_source)
    left_open = _left_open(plan, problem)
    return LineDecision(
        problem,
        catalogue,
        plan,
        around.settings,
        tuple(options),
        files,
        tuple(pins(asks, replace(plan, pins=left_open) if is_open else plan)),
        asks.lines if installing else (),
        is_open,
        left_open,
    )


def _renames(asks: Asked, plan: Plan) -> bool:
    """Return whether a plan puts another package in the place of one that a file names."""
    start = len(asks.typed)
    rows = zip(asks.lines, asks.texts[start:], plan.pins[start:])
    return any(
        name_of(pin) != name_of(text) for one, text, pin in rows if not one.file.is_constraint
    )


def has_variants(plan: Plan) -> bool:
    """Return whether a plan names variant wheels, by their addresses."""
    return plan.status != "refused" and any(one.code == "variant-wheel" for one in plan.notes)


def _left_open(plan: Plan, problem: Problem) -> tuple[str, ...]:
    """Return the texts of a request's requirements where the lead's family stays as typed."""
    requirements = problem.requirements[: len(problem.request.requirements)]
    return tuple(
        one.text if one.kind in (LEAD, MEMBER) else pin
        for one, pin in zip(requirements, plan.pins or problem.request.requirements)
    )


def spelt_line(line: CommandLine, decision: LineDecision) -> CommandLine:
    """Return a line that does not name the lead's family, with the planned requirements."""
    plan = decision.plan
    sources = missing_options(plan.index_urls, plan.find_links, decision.request.sources)
    words = rewrite_line(line, plan, [*decision.options, *sources], decision.in_files)
    return line.reread(words)
