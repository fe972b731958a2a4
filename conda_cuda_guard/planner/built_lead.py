"""The build of the lead that files are to agree with: planned, installed, or held for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Against, Note, Origin
from conda_cuda_guard.model.built import against
from conda_cuda_guard.model.versions import Range, cuda_of, public_version, variant_of, version

from .address_kind import PROJECT
from .built_files import find_file
from .ranking import judge
from .requirement import ADDRESS, LEAD, Requirement, VariantWish

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conda_cuda_guard.model import Build, Catalogue, Family, Installed, Plan

    from .built_files import BuiltAsk
    from .problem import PlanLead, Problem


@dataclass(frozen=True)
class NoLead:
    """Why nothing is known to agree with: a case of the note `built-from-source`, with its fact."""

    case: str
    lead: str
    accelerator: str = ""


def is_left(problem: Problem, catalogue: Catalogue) -> bool:
    """Return whether packages that are built against the lead are left as typed.

    So they are with `--as-is`, with hashes, without an index, and where another project's index or
    page may have them.
    """
    request = problem.request
    own = tuple(start for family in catalogue.built for start in family.starts)
    others = (one.url for one in problem.addresses if one.kind == PROJECT)
    has_own = any(not url.startswith(own) for url in others)
    return request.as_is or request.closed or request.sources.no_index or has_own


def lead_of(plan: Plan, problem: Problem) -> Against | NoLead:
    """Return the build of the lead that a plan leaves in the environment."""
    family, name = problem.family, problem.family.lead.pip
    there, planned = problem.request.installed, plan.packages.get(name)
    if planned is not None and (there is None or planned != there.version):
        label = planned.partition("+")[2]
        return against(public_version(planned), label or plan.variant or "cpu", family)
    by_file = next(iter(problem.of(ADDRESS)), None)
    if by_file is not None:
        number = str(by_file.allows).removeprefix("==")
        if by_file.wish is None:
            return NoLead("own", f"{name} {number}")
        return against(number, by_file.wish.text.lstrip("+"), family)
    if plan.left in ("nightly", "accelerator", "accelerator-build", "board"):
        return NoLead(plan.left.partition("-")[0], name)
    if there is None:
        return NoLead("no-lead", name)
    return _of_installed(there, family)


def _of_installed(there: Installed, family: Family) -> Against | NoLead:
    named = f"{family.lead.pip} {there.version}"
    if there.is_other:
        return NoLead("accelerator", named, there.accelerator)
    if there.by_conda:
        return NoLead("conda", named)
    if version(there.release).is_prerelease:
        return NoLead("own", named)
    return against(there.release, variant_of(there.cuda), family)


def running_builds(problem: Problem, catalogue: Catalogue) -> Iterator[tuple[Build, Against]]:
    """Yield the lead's builds that run here and can be installed, the newest release first."""
    for build in catalogue.builds:
        if (build.cuda is None) != problem.wants_cpu or not problem.is_for(build):
            continue
        if judge(build, problem, catalogue).reason is None:
            yield build, against(build.release, build.variant, problem.family)


def agreeing(
    asks: Sequence[BuiltAsk], found: Against, problem: Problem, catalogue: Catalogue
) -> bool:
    """Return whether every package that is asked for has a file for a build of the lead."""
    return all(find_file(one, found, problem, catalogue) is not None for one in asks)


def held_for(
    asks: Sequence[BuiltAsk], problem: Problem, catalogue: Catalogue, plan_lead: PlanLead
) -> Plan:
    """Return the plan of the newest lead that files are there for; the free one where none is.

    Where not all packages can have a file, the first of them that can goes before those after it.
    """
    free = plan_lead(problem, catalogue)
    known = [one for one in asks if one.family.has_files_of(one.package)]
    if free.status == "refused" or not known or not is_chosen(free, problem):
        return free
    if _fits(known, free, problem, catalogue):
        return free
    leads = [one for _, one in running_builds(problem, catalogue)]
    known = [one for one in known if any(agreeing([one], o, problem, catalogue) for o in leads)]
    for count in range(len(known), 0, -1):
        if _fits(known[:count], free, problem, catalogue):
            return free
        held = _held(known[:count], free, problem, catalogue, plan_lead)
        if held is not None:
            return held
    return free


def is_chosen(plan: Plan, problem: Problem) -> bool:
    """Return whether a plan chose the lead: it is neither kept nor named by its file."""
    there, planned = problem.request.installed, plan.packages.get(problem.family.lead.pip)
    return planned is not None and (there is None or planned != there.version)


def _fits(asks: Sequence[BuiltAsk], plan: Plan, problem: Problem, catalogue: Catalogue) -> bool:
    found = lead_of(plan, problem)
    return isinstance(found, Against) and agreeing(asks, found, problem, catalogue)


def _held(
    asks: Sequence[BuiltAsk],
    free: Plan,
    problem: Problem,
    catalogue: Catalogue,
    plan_lead: PlanLead,
) -> Plan | None:
    """Return the plan with the newest release series of the lead that these have files for."""
    name = problem.family.lead.pip
    newest = free.packages[name]
    minors: dict[str, dict[str, None]] = {}
    for build in catalogue.builds:
        if version(build.release) <= version(public_version(newest)):
            one = against(build.release, build.variant, problem.family)
            minors.setdefault(one.minor, {}).setdefault(build.variant, None)
    for minor in sorted(minors, key=version, reverse=True):
        fitting = [
            variant
            for variant in minors[minor]
            if agreeing(asks, against(minor + ".0", variant, problem.family), problem, catalogue)
        ]
        if not fitting:
            continue
        plan = plan_lead(_bound(problem, minor, fitting, asks), catalogue)
        if plan.status != "refused" and _fits(asks, plan, problem, catalogue):
            return _told(_unbound(plan, problem), newest, asks, name)
    return None


def _bound(
    problem: Problem, minor: str, variants: Sequence[str], asks: Sequence[BuiltAsk]
) -> Problem:
    """Return the problem with the lead bound to a release series and these variants."""
    name, because = problem.family.lead.pip, " ".join(one.package for one in asks)
    allows = Range((f"=={minor}.*",))
    bound = Requirement(
        f"{name}{allows}", LEAD, name, allows, head=name, origin=Origin("page", because)
    )
    cuda = tuple(f"=={number}" for one in variants if (number := cuda_of(one)))
    wish = problem.wish
    if wish is None and cuda and problem.with_driver and not problem.request.cpu:
        wish = VariantWish(because, cuda=Range(cuda))
    return replace(problem, requirements=(*problem.requirements, bound), wish=wish)


def _unbound(plan: Plan, problem: Problem) -> Plan:
    """Return a plan without the text of the bound that it was made with."""
    at = len(problem.requirements)
    return replace(plan, pins=(*plan.pins[:at], *plan.pins[at + 1 :]))


def _told(plan: Plan, newest: str, asks: Sequence[BuiltAsk], name: str) -> Plan:
    facts = {
        "package": name,
        "release": plan.packages[name],
        "newest": newest,
        "because": ", ".join(one.package for one in asks),
    }
    other = public_version(facts["release"]) == public_version(newest)
    case = "built-variant" if other else "built"
    return replace(plan, notes=(*plan.notes, Note("held-back", "info", case, facts)))
